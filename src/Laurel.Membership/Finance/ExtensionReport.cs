using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>Lots that were given a longer life on a closed day, from one month of expiry to another.</summary>
public sealed record ExtensionRow
{
    /// <summary>2026-01-31.</summary>
    public required string Day { get; init; }

    /// <summary>The month in which they would have lapsed.</summary>
    public required string From { get; init; }

    /// <summary>The month in which they lapse now, or <c>never</c>.</summary>
    public required string To { get; init; }

    public required long Lots { get; init; }

    public required long Points { get; init; }
}

/// <summary>The extensions that were really granted: what auditors compare the assumed breakage with.</summary>
public sealed record ExtensionReport
{
    public required IReadOnlyList<ExtensionRow> Items { get; init; }

    public static async Task<ExtensionReport> ReadAsync(
        Database from, TenantId tenant, int first, int last, CancellationToken cancellationToken)
    {
        var sums = await FinanceQueries.ByRecordedDayAsync(from, tenant, FinanceNames.Extended, first, last, cancellationToken);
        return new ExtensionReport
        {
            Items =
            [
                .. sums.Select(sum => new ExtensionRow
                {
                    Day = FinanceCalendar.TextOfDay(sum.Day),
                    From = sum.Kind.Split('>')[0],
                    To = sum.Kind.Split('>')[1],
                    Lots = sum.Entries,
                    Points = sum.Amount,
                }),
            ],
        };
    }
}
