using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Orders;

/// <summary>An event of the shop by its CloudEvents identity.</summary>
public sealed record EventOrigin(string Source, string Type, string Id);

/// <summary>A line of a completed order as it was told.</summary>
public sealed record OrderLineRequest
{
    public required string LineId { get; init; }

    public required string? Sku { get; init; }

    public required long Quantity { get; init; }

    /// <summary>Minor units, 0 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>The earning part of the amount, in minor units.</summary>
    public required long Eligible { get; init; }

    /// <summary>The part of the amount that was sold at a reduced price, in minor units.</summary>
    public long Discounted { get; init; }

    public string? Category { get; init; }

    /// <summary>What it is: <c>goods</c>, <c>gift_card</c>, <c>delivery</c> or <c>service</c>.</summary>
    public string Kind { get; init; } = Goods;

    public const string Goods = "goods";
}

/// <summary>A completed order as it was told.</summary>
public sealed record OrderRequest
{
    public required string OrderId { get; init; }

    public required string Currency { get; init; }

    /// <summary>Minor units, 0 or more.</summary>
    public required long Amount { get; init; }

    public required ImmutableArray<OrderLineRequest> Lines { get; init; }

    /// <summary>Where it was bought, in the shop's own words; null when it does not say.</summary>
    public string? Channel { get; init; }

    /// <summary>On what it was ordered, in the shop's own words; null when it does not say. Watched as a keyed hash, and not kept.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Where it goes, in the shop's own words; null when it does not say. Watched as a keyed hash, and not kept.</summary>
    public string? Address { get; init; }

    /// <summary>The earning part of the amount, in minor units.</summary>
    public long Eligible => Lines.IsEmpty ? Amount : Lines.Sum(line => line.Eligible);

    /// <summary>The lines; an order that came without is one line of the whole.</summary>
    internal ImmutableArray<OrderLineRequest> LinesOrWhole => Lines.IsEmpty
        ? [new() { LineId = "", Sku = null, Quantity = 1, Amount = Amount, Eligible = Amount }]
        : Lines;

    internal Hash128 ContentFor(TenantId tenant, MemberId? member)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{member}|{Currency}|{Amount}");
        foreach (var line in Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{line.LineId.Length}:{line.LineId}|{line.Sku?.Length}:{line.Sku}|{line.Quantity}|{line.Amount}|{line.Eligible}");
            if (line is not { Kind: OrderLineRequest.Goods, Category: null, Discounted: 0 })
            {
                text.Append(CultureInfo.InvariantCulture, $"|{line.Kind}|{line.Category?.Length}:{line.Category}|{line.Discounted}");
            }
        }

        if (Channel is not null)
        {
            text.Append('|').Append(Channel);
        }

        return Hash128.Of(tenant.Value, "order-content", OrderId, text.ToString());
    }
}

/// <summary>An order was completed: it earns points and growth, may bring the first-order bonus, and may lift the level.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, ORDER_LINES_EXCEED_AMOUNT, MEMBER_NOT_FOUND,
/// MEMBER_INACTIVE, CURRENCY_MISMATCH. The same order again is a duplicate; with another content, a CONFLICT.</remarks>
public sealed class CompleteOrder(TenantId tenant, MemberReference member, OrderRequest request, EventOrigin origin, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    protected override bool IsEarning => true;

    // Reckoned by whoever makes the command, and not by the lane.
    private readonly Hash128 _handle = HandleOf(tenant, request.OrderId);
    private readonly Hash128 _event = EventClaim.KeyOf(tenant, origin);

    private WatchSigns? _signs;

    private protected override WatchTrigger? Moves => WatchTrigger.Earn;

    private protected override WatchSigns? Signs => _signs ??= WatchSigns.Of(Tenant, request.DeviceId, request.Address, Books.Vault);

    /// <summary>The natural key of an order, and the handle by which its refunds find the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, string orderId) => Hash128.Of(tenant.Value, "order", orderId);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, EventTypes.OrderCompleted, Time ?? handles.Now, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A refund in the same batch finds its order before either is stored.
            handles.Provide(_handle, Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = request.ContentFor(Tenant, Member.Resolve(handles));
        claims.Add(EventClaim.Of(Tenant, _event, origin.Type, content));
        claims.Add(new Claim(_handle, content));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        // The counters are known only with the programme; without it the decision asks.
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            Books.Rules.HasCounters(book, programme, EventTypes.OrderCompleted, time, plan);
        }
    }

    protected override Refusal? Contradiction()
    {
        var lines = request.Lines.Sum(line => line.Amount);
        return lines > request.Amount ? new Refusal("ORDER_LINES_EXCEED_AMOUNT", ("amount", request.Amount), ("lines", lines)) : null;
    }

    protected override Cause CauseOf() => new("Order completed", "order", request.OrderId) { OrderId = request.OrderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var currency = posting.Programme.Programme.Currency;
        if (request.Currency != currency)
        {
            return Refuse("CURRENCY_MISMATCH", ("expected", currency), ("actual", request.Currency));
        }

        return Books.Rules.Missing(posting, EventTypes.OrderCompleted, plan) ?? Pay(posting);
    }

    private Decision Pay(Posting posting)
    {
        new OrderPayment(Books, request, origin).Pay(posting);
        return Done(posting);
    }
}

/// <summary>The claim of an event by its source and id: the same event again is a duplicate, another under its id a conflict.</summary>
internal static class EventClaim
{
    public static Hash128 KeyOf(TenantId tenant, EventOrigin origin) => Hash128.Of(tenant.Value, "event", origin.Source, origin.Id);

    public static Claim Of(TenantId tenant, Hash128 key, string type, Hash128 content) =>
        new(key, Hash128.Of(tenant.Value, "event-content", type, $"{content.High:x}{content.Low:x}"));
}
