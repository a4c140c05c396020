using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Finance;

/// <summary>What the outstanding points of a closed day are worth.</summary>
/// <remarks>The liability is for what lots have left: points that people can use, held and pending ones included. Debts and receivables are what
/// some members owe; they are told beside it and not set off against what others have (IAS 1.32).</remarks>
public sealed record LiabilityDay
{
    /// <summary>2026-01-31.</summary>
    public required string Day { get; init; }

    /// <summary>What the wallets come to, debts set off: the closing of the roll-forward.</summary>
    public required long Points { get; init; }

    /// <summary>What lots have left: <see cref="Points"/> and <see cref="Debt"/>.</summary>
    public required long Outstanding { get; init; }

    /// <summary>The part of it that holds pin.</summary>
    public required long Held { get; init; }

    public required long Debt { get; init; }

    public required long Receivable { get; init; }

    /// <summary>So many points …</summary>
    public required long ValuePoints { get; init; }

    /// <summary>… are worth so many minor units.</summary>
    public required long ValueMinorUnits { get; init; }

    /// <summary>Share expected to be redeemed, times 10,000.</summary>
    public required int RedemptionBasisPoints { get; init; }

    /// <summary><c>fixed</c> or <c>curve</c>.</summary>
    public required string RedemptionSource { get; init; }

    /// <summary>If every point were redeemed, in minor units.</summary>
    public required long WholeMinorUnits { get; init; }

    /// <summary>The liability, in minor units: outstanding points times their value times the share, rounded half up once.</summary>
    public required long LiabilityMinorUnits { get; init; }

    /// <summary>The rest of the whole value.</summary>
    public required long BreakageMinorUnits { get; init; }

    public static LiabilityDay Of(FinanceDay day, IEnumerable<FinanceClosing> closings)
    {
        var units = closings.ToDictionary(closing => closing.Unit);
        var points = units.GetValueOrDefault(EntryNames.Points);
        var outstanding = (points?.Closing ?? 0) + (points?.Debt ?? 0);
        var (whole, liability) = (day.Value.Whole.Of(outstanding), day.Value.Of(outstanding));
        return new LiabilityDay
        {
            Day = FinanceCalendar.TextOfDay(day.Day),
            Points = points?.Closing ?? 0,
            Outstanding = outstanding,
            Held = units.GetValueOrDefault(FinanceNames.Held)?.Closing ?? 0,
            Debt = points?.Debt ?? 0,
            Receivable = points?.Receivable ?? 0,
            ValuePoints = day.ValuePoints,
            ValueMinorUnits = day.ValueMinorUnits,
            RedemptionBasisPoints = day.RedemptionBasisPoints,
            RedemptionSource = day.RedemptionSource,
            WholeMinorUnits = whole,
            LiabilityMinorUnits = liability,
            BreakageMinorUnits = whole - liability,
        };
    }
}

/// <summary>The liability over days.</summary>
public sealed record LiabilityReport
{
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public required IReadOnlyList<LiabilityDay> Items { get; init; }

    public static async Task<LiabilityReport> ReadAsync(
        Database from, TenantId tenant, string currency, int first, int last, CancellationToken cancellationToken)
    {
        var days = await FinanceQueries.DaysAsync(from, tenant, first, last, cancellationToken);
        var closings = (await FinanceQueries.ClosingsAsync(from, tenant, first, last, cancellationToken)).ToLookup(closing => closing.Day);
        return new LiabilityReport { Currency = currency, Items = [.. days.Select(day => LiabilityDay.Of(day, closings[day.Day]))] };
    }
}
