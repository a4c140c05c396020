using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Checkouts;

/// <summary>How much of one line goes back: so many pieces, or so much of what was given for it, money and points together.</summary>
/// <param name="Quantity">1 or more; null where a value is named.</param>
/// <param name="Value">Minor units, 1 or more; null where a quantity is named.</param>
public sealed record CheckoutRefundLine(string LineId, long? Quantity, long? Value);

/// <summary>A refund of a checkout as it was told.</summary>
public sealed record CheckoutRefundRequest
{
    /// <summary>Names this refund once and for all.</summary>
    public required string RefundId { get; init; }

    /// <summary>Empty for everything that has not gone back yet.</summary>
    public required ImmutableArray<CheckoutRefundLine> Lines { get; init; }

    internal Hash128 ContentFor(TenantId tenant, string checkoutId, Instant? time) => Hash128.Of(
        tenant.Value,
        "checkout-refund-content",
        checkoutId,
        $"{time?.UnixMicroseconds}|{string.Join(';', Lines.Select(line => $"{line.LineId.Length}:{line.LineId}|{line.Quantity}|{line.Value}"))}");
}

/// <summary>What a refund gives back. Cumulative: any number of partial refunds give back exactly what one of the whole would.</summary>
/// <param name="After">Of each line, all that has gone back with this refund.</param>
/// <param name="Money">Of each line, what goes back in money, in minor units.</param>
/// <param name="Points">Points that go back.</param>
public sealed record CheckoutRefund(ImmutableArray<RefundedLine> After, ImmutableArray<long> Money, long Points)
{
    public long MoneySum => Money.Sum();

    /// <summary>Reckons a refund, or why it cannot be. Pure.</summary>
    public static (CheckoutRefund? Refund, Refusal? Refusal) Of(Checkout checkout, CheckoutRefundRequest request)
    {
        var price = checkout.Price;
        var after = checkout.Refunded.ToArray();
        if (request.Lines.IsEmpty)
        {
            for (var i = 0; i < after.Length; i++)
            {
                after[i] = new RefundedLine(price.Lines[i].Quantity, price.Lines[i].Value);
            }
        }

        foreach (var asked in request.Lines)
        {
            var index = price.Lines.ToList().FindIndex(line => line.LineId == asked.LineId);
            if (index < 0)
            {
                return (null, new Refusal("ORDER_LINE_NOT_FOUND", ("lineId", asked.LineId)));
            }

            if (Add(price.Lines[index], after[index], asked) is not { } added)
            {
                var (line, gone) = (price.Lines[index], after[index]);
                return (null, new Refusal("CHECKOUT_REFUND_EXCEEDS", ("lineId", line.LineId), ("value", line.Value), ("refunded", gone.Value), ("quantity", line.Quantity)));
            }

            after[index] = added;
        }

        var money = price.Lines.Select((line, i) => MoneyOf(line, after[i]) - MoneyOf(line, checkout.Refunded[i]));
        var points = PointsOf(checkout, after) - PointsOf(checkout, checkout.Refunded);
        return (new CheckoutRefund([.. after], [.. money], points), null);
    }

    /// <summary>A line with more of it gone; null where there is not so much.</summary>
    private static RefundedLine? Add(PriceLine line, RefundedLine gone, CheckoutRefundLine asked)
    {
        if (asked.Value is { } value)
        {
            return value > line.Value - gone.Value ? null : gone with { Value = gone.Value + value };
        }

        var quantity = asked.Quantity ?? line.Quantity - gone.Quantity;
        if (quantity > line.Quantity - gone.Quantity)
        {
            return null;
        }

        // The last piece takes what is left, whatever went back by value.
        var all = gone.Quantity + quantity;
        var wanted = all == line.Quantity
            ? line.Value - gone.Value
            : Apportionment.TakenBackTarget(line.Value, all, line.Quantity) - Apportionment.TakenBackTarget(line.Value, gone.Quantity, line.Quantity);
        return new RefundedLine(all, gone.Value + Math.Min(wanted, line.Value - gone.Value));
    }

    /// <summary>What points had paid of what is gone of a line.</summary>
    private static long ByPointsOf(PriceLine line, RefundedLine gone) => Apportionment.TakenBackTarget(line.ByPoints, gone.Value, line.Value);

    /// <summary>What of it was money.</summary>
    public static long MoneyOf(PriceLine line, RefundedLine gone) => gone.Value - ByPointsOf(line, gone);

    private static long PointsOf(Checkout checkout, IReadOnlyList<RefundedLine> gone)
    {
        var byPoints = checkout.Price.Lines.Select((line, i) => ByPointsOf(line, gone[i])).Sum();
        return Apportionment.TakenBackTarget(checkout.Points, byPoints, checkout.Price.ByPoints);
    }
}
