using System.Globalization;
using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Verification;

namespace Laurel.Membership.Openings;

/// <summary>Everything that the entries of one member below a cut come to: what stands for them once they are detached.</summary>
internal sealed record MemberOpening
{
    public required OpeningFigures Figures { get; init; }

    /// <summary>One for each unit that an entry ever moved.</summary>
    public required IReadOnlyList<UnitOpening> Units { get; init; }

    /// <summary>The lots that had points left.</summary>
    public required IReadOnlyList<LotOpening> Lots { get; init; }

    /// <summary>The orders of which something had been taken back.</summary>
    public required IReadOnlyList<OrderOpening> Orders { get; init; }

    /// <summary>A hash of all of it but <see cref="OpeningFigures.Seal"/>: it shows a change of what no invariant can prove any more.</summary>
    /// <remarks>Of numbers and texts in a fixed order. What is sealed so is read for as long as its cut is in force: another order, or
    /// one figure more, needs another scope of the hash beside this one.</remarks>
    public Hash128 Seal()
    {
        var text = new StringBuilder();
        var figures = Figures;
        Line(
            text, "", figures.Member, figures.Cut, figures.Debt, figures.Receivable, figures.Lifetime, figures.OrderPoints, figures.OrderBonus, figures.OrderGrowth,
            figures.JudgedBy, figures.Earned, figures.Spent, figures.Movements, figures.MovedAt, figures.LatestAt);
        if (figures.InactiveAt is { } inactiveAt)
        {
            Line(text, "inactive", inactiveAt);
        }

        foreach (var unit in Units.OrderBy(unit => unit.Unit, StringComparer.Ordinal))
        {
            Line(text, unit.Unit, unit.Issuance, unit.Redemption, unit.Expiry, unit.Adjustment, unit.Transfer, unit.Receivable);

            // Came later: what was sealed without it has none, and keeps its seal.
            if (unit.Cancellation != 0)
            {
                Line(text, unit.Unit + " cancellation", unit.Cancellation);
            }

            if (unit.Cash != 0 || unit.Payout != 0)
            {
                // Seals of before these accounts were there go on being right.
                Line(text, unit.Unit, unit.Cash, unit.Payout);
            }

            if (unit.Exchange != 0)
            {
                Line(text, unit.Unit + " exchange", unit.Exchange);
            }
        }

        foreach (var lot in Lots.OrderBy(lot => lot.LotId))
        {
            Line(text, lot.OrderId, lot.LotId, lot.Granted, lot.Opening, lot.Remaining, lot.Held, lot.Expired, lot.ActiveAt, lot.ExpiresAt);
        }

        foreach (var order in Orders.OrderBy(order => order.OrderId, StringComparer.Ordinal))
        {
            Line(text, order.OrderId, order.PointsTaken, order.GrowthTaken);
        }

        return Hash128.Of(figures.Tenant, "opening", text.ToString());
    }

    public MemberOpening Sealed() => this with { Figures = Figures with { Seal = Seal() } };

    private static void Line(StringBuilder text, string? name, params ReadOnlySpan<long?> figures)
    {
        foreach (var figure in figures)
        {
            text.Append(CultureInfo.InvariantCulture, $"{figure}|");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name?.Length}:{name}\n");
    }
}

/// <summary>The figures of a member at a cut, beside its balances.</summary>
internal sealed record OpeningFigures : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    /// <summary>The first id that is not below.</summary>
    public required long Cut { get; init; }

    public required long Debt { get; init; }

    public required long Receivable { get; init; }

    public required long Lifetime { get; init; }

    /// <summary>What orders earned, not less what was taken back; so of the next two.</summary>
    public required long OrderPoints { get; init; }

    /// <summary>Of openings that are older than rules, what the bonus of the first order came to; 0 in others, whose points have it in them.</summary>
    public required long OrderBonus { get; init; }

    public required long OrderGrowth { get; init; }

    /// <summary>The version of the programme that judged the last movement; 0 for none.</summary>
    public required int JudgedBy { get; init; }

    /// <summary>Σ points of <c>earn</c>.</summary>
    public long Earned { get; init; }

    /// <summary>Σ points of <c>spend</c>, positive.</summary>
    public long Spent { get; init; }

    /// <summary>Entries of points.</summary>
    public long Movements { get; init; }

    /// <summary>The latest business time of an entry of points; null without one.</summary>
    public long? MovedAt { get; init; }

    /// <summary>The latest business time of any entry: balances as of an earlier instant cannot be told.</summary>
    public required long LatestAt { get; init; }

    /// <summary>When points lapse that lapse by inactivity; null where the member never had any.</summary>
    public long? InactiveAt { get; init; }

    public Hash128 Seal { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Cut };
}

/// <summary>The sums of one unit by account: what the wallet gained from each.</summary>
internal sealed record UnitOpening : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Cut { get; init; }

    public required string Unit { get; init; }

    public required long Issuance { get; init; }

    public required long Redemption { get; init; }

    public required long Expiry { get; init; }

    public required long Adjustment { get; init; }

    public required long Transfer { get; init; }

    public required long Receivable { get; init; }

    public required long Cancellation { get; init; }

    public long Cash { get; init; }

    public long Payout { get; init; }

    public long Exchange { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Cut, Text = Unit };

    public IEnumerable<(string Account, long Amount)> Accounts() =>
    [
        ("issuance", Issuance), ("redemption", Redemption), ("expiry", Expiry), ("adjustment", Adjustment), ("transfer", Transfer),
        ("receivable", Receivable), ("cancellation", Cancellation), ("cash", Cash), ("payout", Payout), ("exchange", Exchange),
    ];
}

/// <summary>A lot as it stood at a cut.</summary>
internal sealed record LotOpening : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Cut { get; init; }

    public required long LotId { get; init; }

    public required long Granted { get; init; }

    public required long Opening { get; init; }

    public required long Remaining { get; init; }

    public required long Held { get; init; }

    public required long Expired { get; init; }

    public required long ActiveAt { get; init; }

    public required long ExpiresAt { get; init; }

    /// <summary>The order that earned it; null where none did.</summary>
    public required string? OrderId { get; init; }

    /// <summary>The lot as it stands now; null when it is gone, or was not read.</summary>
    public StoredLot? Stored { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Cut, Second = LotId };
}

/// <summary>What had been taken back of an order at a cut.</summary>
/// <param name="PointsTaken">Of points and bonus together.</param>
internal sealed record OrderOpening(int Tenant, long Member, long Cut, string OrderId, long PointsTaken, long GrowthTaken) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Cut, Text = OrderId };
}
