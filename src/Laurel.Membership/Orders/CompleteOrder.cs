using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

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
}

/// <summary>A completed order as it was told.</summary>
public sealed record OrderRequest
{
    public required string OrderId { get; init; }

    public required string Currency { get; init; }

    /// <summary>Minor units, 0 or more.</summary>
    public required long Amount { get; init; }

    public required ImmutableArray<OrderLineRequest> Lines { get; init; }

    internal Hash128 ContentFor(TenantId tenant, MemberId? member)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{member}|{Currency}|{Amount}");
        foreach (var line in Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{line.LineId.Length}:{line.LineId}|{line.Sku?.Length}:{line.Sku}|{line.Quantity}|{line.Amount}|{line.Eligible}");
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
    // Reckoned by whoever makes the command, and not by the lane.
    private readonly Hash128 _handle = HandleOf(tenant, request.OrderId);
    private readonly Hash128 _event = EventClaim.KeyOf(tenant, origin);

    /// <summary>The natural key of an order, and the handle by which its refunds find the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, string orderId) => Hash128.Of(tenant.Value, "order", orderId);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A refund in the same batch finds its order before either is stored.
            handles.Provide(_handle, id.Value);
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
        // The counter of a day is known only with the calendar of the programme; without it the decision asks.
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            HasDayLimit(book, programme.DayNumberOf(time), plan);
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
        var rules = posting.Programme.Programme;
        if (request.Currency != rules.Currency)
        {
            return Refuse("CURRENCY_MISMATCH", ("expected", rules.Currency), ("actual", request.Currency));
        }

        var day = new LimitKey(LimitKey.OrderPointsDay, posting.Programme.DayNumberOf(posting.Time));
        if (!HasDayLimit(posting.Book, day.Period, plan))
        {
            return Decision.NeedMore.Instance;
        }

        Complete(posting, rules, day);
        posting.JudgeLevel(mayFall: false, "order completed");
        return Done(posting);
    }

    private void Complete(Posting posting, Programmes.Programme rules, LimitKey day)
    {
        var book = posting.Book;
        var eligible = request.Lines.IsEmpty ? request.Amount : request.Lines.Sum(line => line.Eligible);
        var basePoints = eligible / rules.MinorUnitsPerPoint;
        var used = book.Limits.Find(day)!.Used;
        var room = Math.Max(0, rules.DayPointsMax - used);
        var expiresAt = posting.Programme.ExpiryOf(posting.Time);

        var multiplier = rules.LevelOf(book.LevelCode).MultiplierBasisPoints;
        var earned = Apportionment.Multiply(basePoints, multiplier);
        var points = Math.Min(Math.Min(earned, rules.OrderPointsMax), room);
        var pointsEntry = posting.Grant(points, EntryNames.Earn, EntryNames.RuleOrder, TermsOf(expiresAt, basePoints, multiplier, earned, points, rules));

        var first = request.Amount > 0 && !book.FirstOrderUsed;
        var bonus = first ? Math.Min(rules.FirstOrderPoints, room - points) : 0;
        var bonusEntry = first
            ? posting.Grant(bonus, EntryNames.Earn, EntryNames.RuleFirstOrder, TermsOf(expiresAt, rules.FirstOrderPoints, 10_000, rules.FirstOrderPoints, bonus, rules))
            : 0;
        book.FirstOrderUsed |= first;
        posting.MoveGrowth(basePoints, EntryNames.Earn, EntryNames.RuleOrder);
        if (points + bonus > 0)
        {
            book.Limits.Set(day, new LimitUse(day, used + points + bonus));
        }

        book.TotalOrders++;
        book.TotalAmount += request.Amount;
        book.Orders.Set(request.OrderId, Snapshot(posting, points, basePoints, bonus, pointsEntry, bonusEntry));
    }

    private static GrantTerms TermsOf(Instant expiresAt, long basePoints, int multiplier, long earned, long granted, Programmes.Programme rules) =>
        new(expiresAt, CountsForLevel: true, RepaysReceivable: true)
        {
            Base = basePoints,
            MultiplierBasisPoints = multiplier,
            Cut = earned > granted ? earned - granted : null,
            Detail = earned > granted
                ? string.Create(CultureInfo.InvariantCulture, $$"""{"earned":{{earned}},"orderPointsMax":{{rules.OrderPointsMax}},"dayPointsMax":{{rules.DayPointsMax}}}""")
                : null,
        };

    private OrderBook Snapshot(Posting posting, long points, long growth, long bonus, long pointsEntry, long bonusEntry)
    {
        Span<long> eligible = request.Lines.Length <= 64 ? stackalloc long[request.Lines.Length] : new long[request.Lines.Length];
        for (var i = 0; i < eligible.Length; i++)
        {
            eligible[i] = request.Lines[i].Eligible;
        }

        var pointShares = Apportionment.LargestRemainder(points, eligible);
        var growthShares = Apportionment.LargestRemainder(growth, eligible);
        var lines = ImmutableArray.CreateBuilder<OrderLine>(eligible.Length);
        for (var i = 0; i < eligible.Length; i++)
        {
            var line = request.Lines[i];
            lines.Add(new OrderLine
            {
                LineNumber = i + 1,
                LineId = line.LineId,
                Sku = line.Sku,
                Quantity = line.Quantity,
                Amount = line.Amount,
                Eligible = line.Eligible,
                Points = pointShares[i],
                Growth = growthShares[i],
                Refunded = 0,
            });
        }

        return new OrderBook
        {
            OrderId = request.OrderId,
            Amount = request.Amount,
            Refunded = 0,
            Lines = lines.MoveToImmutable(),
            Points = points,
            Growth = growth,
            Bonus = bonus,
            PointsTaken = 0,
            GrowthTaken = 0,
            BonusTaken = false,
            LapsedCounted = 0,
            PointsEntryId = pointsEntry,
            BonusEntryId = bonusEntry,
            OccurredAt = posting.Time,
            RecordedAt = posting.Draft.Now,
        };
    }

    private bool HasDayLimit(MemberBook book, int day, LoadPlan plan)
    {
        var key = new LimitKey(LimitKey.OrderPointsDay, day);
        if (book.Limits.Find(key) is not null)
        {
            return true;
        }

        plan.Need(Books.Limits, new LimitStatements.Row(book.Identity.Tenant.Value, book.Identity.Id.Value, key, 0));
        return false;
    }
}

/// <summary>The claim of an event by its source and id: the same event again is a duplicate, another under its id a conflict.</summary>
internal static class EventClaim
{
    public static Hash128 KeyOf(TenantId tenant, EventOrigin origin) => Hash128.Of(tenant.Value, "event", origin.Source, origin.Id);

    public static Claim Of(TenantId tenant, Hash128 key, string type, Hash128 content) =>
        new(key, Hash128.Of(tenant.Value, "event-content", type, $"{content.High:x}{content.Low:x}"));
}
