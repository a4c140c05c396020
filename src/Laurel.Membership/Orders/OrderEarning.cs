using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Orders;

/// <summary>What one rule paid for an order, and what refunds have taken back of it. The rule may have changed since: this counts.</summary>
public sealed record OrderEarning
{
    public required string Rule { get; init; }

    public required string Unit { get; init; }

    public required RefundShare Refund { get; init; }

    /// <summary>Whether it counted towards the level, and taking it back counts too.</summary>
    public required bool CountsForLevel { get; init; }

    /// <summary>The entry; of points, also the lot.</summary>
    public required long EntryId { get; init; }

    /// <summary>1 or more.</summary>
    public required long Granted { get; init; }

    public required long Taken { get; init; }

    /// <summary>The share of each line of the order; empty when it goes by the amount of the whole.</summary>
    public required ImmutableArray<long> Shares { get; init; }

    /// <summary>What is to be taken back in all, as much of the order as is refunded: the same whatever refunds it came to be by.</summary>
    public long TakenTarget(OrderBook order) => Refund switch
    {
        RefundShare.Kept => 0,
        RefundShare.WhenWhole => order.Refunded == order.Amount ? Granted : 0,
        RefundShare.Proportional when Shares.IsEmpty => Apportionment.TakenBackTarget(Granted, order.Refunded, order.Amount),
        RefundShare.Proportional => Shares.Zip(order.Lines, static (share, line) => Apportionment.TakenBackTarget(share, line.Refunded, line.Amount)).Sum(),
    };
}

/// <summary>The earnings of an order as one text, because they are read and written only together with it:
/// <c>rule|unit|refund|level|entry|granted|taken|share,share…</c>, joined by semicolons.</summary>
internal static class OrderEarnings
{
    public static string Write(ImmutableArray<OrderEarning> earnings)
    {
        var text = new StringBuilder();
        foreach (var earning in earnings)
        {
            text.Append(text.Length > 0 ? ";" : "");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{earning.Rule}|{earning.Unit}|{LetterOf(earning.Refund)}|{(earning.CountsForLevel ? 1 : 0)}|{earning.EntryId}|{earning.Granted}|{earning.Taken}|");
            for (var i = 0; i < earning.Shares.Length; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{earning.Shares[i]}");
            }
        }

        return text.ToString();
    }

    /// <exception cref="InvariantBrokenException">When no version wrote such a text.</exception>
    public static ImmutableArray<OrderEarning> Read(string text) => text.Length == 0 ? [] : [.. text.Split(';').Select(ReadOne)];

    private static OrderEarning ReadOne(string text)
    {
        var parts = text.Split('|');
        Invariant.Require(parts.Length == 8, "An earning of an order has eight parts.");
        return new OrderEarning
        {
            Rule = parts[0],
            Unit = parts[1],
            Refund = parts[2] switch
            {
                "p" => RefundShare.Proportional,
                "w" => RefundShare.WhenWhole,
                "k" => RefundShare.Kept,
                _ => throw new InvariantBrokenException($"An earning is refunded as '{parts[2]}', which no version wrote."),
            },
            CountsForLevel = parts[3] == "1",
            EntryId = NumberOf(parts[4]),
            Granted = NumberOf(parts[5]),
            Taken = NumberOf(parts[6]),
            Shares = parts[7].Length == 0 ? [] : [.. parts[7].Split(',').Select(NumberOf)],
        };
    }

    private static string LetterOf(RefundShare refund) => refund switch
    {
        RefundShare.Proportional => "p",
        RefundShare.WhenWhole => "w",
        RefundShare.Kept => "k",
    };

    private static long NumberOf(string digits) => long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
