using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Orders;

/// <summary>How much of one line went back.</summary>
public sealed record RefundLineRequest(string LineId, long Amount);

/// <summary>A refund as it was told: by amount or by lines, never both.</summary>
public sealed record RefundRequest
{
    public required string OrderId { get; init; }

    public required string RefundId { get; init; }

    /// <summary>Minor units, 1 or more; null when the refund names lines.</summary>
    public required long? Amount { get; init; }

    public required ImmutableArray<RefundLineRequest> Lines { get; init; }

    /// <summary>The return that this refund ends; null where the shop names none.</summary>
    public string? ReturnId { get; init; }

    internal Hash128 ContentFor(TenantId tenant)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Amount}");
        foreach (var line in Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{line.LineId.Length}:{line.LineId}|{line.Amount}");
        }

        text.Append(ReturnId is null ? "" : $"|return:{ReturnId}");
        return Hash128.Of(tenant.Value, "refund-content", OrderId, text.ToString());
    }
}

/// <summary>Takes back what a refunded part of an order earned, by the snapshot taken when it was earned.</summary>
/// <remarks>Cumulative and per line: any number of partial refunds take exactly what one refund of the whole would.
/// Refusals, first match wins: TIME_IN_FUTURE, ORDER_NOT_FOUND, ORDER_LINE_NOT_FOUND, REFUND_EXCEEDS_ORDER.</remarks>
public sealed class RefundOrder(TenantId tenant, RefundRequest request, EventOrigin origin, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(CompleteOrder.HandleOf(tenant, request.OrderId), "ORDER_NOT_FOUND"), books)
{
    private readonly OrderTakeBack _takeBack = new(books, request);

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = request.ContentFor(Tenant);
        claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "refund", request.OrderId, request.RefundId), content));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => _takeBack.HasAll(book, time, plan);

    protected override Cause CauseOf() => new("Order refunded", "refund", request.RefundId) { OrderId = request.OrderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!_takeBack.HasAll(posting, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Orders.Find(request.OrderId) is not { } order)
        {
            return Refuse("ORDER_NOT_FOUND");
        }

        if (_takeBack.Counted(order, out var after) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        _takeBack.Apply(posting, order, after);
        posting.JudgeLevel(mayFall: true, "order refunded", order.OccurredAt);
        return Done(posting);
    }
}
