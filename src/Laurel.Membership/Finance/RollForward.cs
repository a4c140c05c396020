using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Finance;

/// <summary>One day of one unit: what there was, what moved, what there is. Opening and all movements add up to the closing.</summary>
public sealed record RollForwardDay
{
    /// <summary>2026-01-31.</summary>
    public required string Day { get; init; }

    public required long Opening { get; init; }

    /// <summary>Earned.</summary>
    public required long Issued { get; init; }

    /// <summary>Spent. Negative, as all that leaves the wallets.</summary>
    public required long Redeemed { get; init; }

    public required long Expired { get; init; }

    /// <summary>Taken back with refunds.</summary>
    public required long ClawedBack { get; init; }

    public required long Adjusted { get; init; }

    /// <summary>Lapsed points that came back.</summary>
    public required long Reinstated { get; init; }

    /// <summary>Pending points that never became active.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Between members: 0, unless the two halves lie on both sides of a midnight.</summary>
    public required long Transferred { get; init; }

    /// <summary>Points had for stored money, less those given for it.</summary>
    public required long Exchanged { get; init; }

    /// <summary>Withheld from earnings to repay receivables.</summary>
    public required long Repaid { get; init; }

    /// <summary>What opening balances stand for and no closed day had booked.</summary>
    public required long BroughtForward { get; init; }

    /// <summary>Every other kind.</summary>
    public required long Other { get; init; }

    public required long Closing { get; init; }

    /// <summary>Points whose lots were given a longer life: beside the sum, as it changes a date and no number. By business day 0.</summary>
    public long Extended { get; init; }

    /// <summary>By recorded day: the part of the movements that happened on an earlier business day. By business day: the part that was recorded
    /// on a later day.</summary>
    public required long Late { get; init; }

    /// <summary>By recorded day: the part that was committed only after its own day was closed. By business day 0.</summary>
    public required long CommittedLate { get; init; }
}

/// <summary>The roll-forward of one unit over days.</summary>
public sealed record RollForward
{
    /// <summary>Days of one answer at the most.</summary>
    public const int DaysMax = 366;

    public required string Unit { get; init; }

    /// <summary><c>recorded</c> or <c>business</c>.</summary>
    public required string By { get; init; }

    /// <summary>The closed day as of which it is told; null where nothing is closed yet.</summary>
    public required string? KnownOn { get; init; }

    public required IReadOnlyList<RollForwardDay> Items { get; init; }

    /// <summary>By recorded day: a day that is not closed has no row, and rows never change.</summary>
    public static async Task<RollForward> ByRecordedDayAsync(
        Database from, TenantId tenant, string unit, int first, int last, CancellationToken cancellationToken)
    {
        var closings = await FinanceQueries.ClosingsAsync(from, tenant, first, last, cancellationToken);
        var sums = (await FinanceQueries.ByRecordedDayAsync(from, tenant, unit, first, last, cancellationToken)).ToLookup(sum => sum.Day);
        var extended = unit == EntryNames.Points
            ? (await FinanceQueries.ByRecordedDayAsync(from, tenant, FinanceNames.Extended, first, last, cancellationToken)).ToLookup(sum => sum.Day)
            : null;
        return new RollForward
        {
            Unit = unit,
            By = "recorded",
            KnownOn = closings.Count == 0 ? null : FinanceCalendar.TextOfDay(closings[^1].Day),
            Items = [.. closings.Where(closing => closing.Unit == unit).Select(closing => DayOf(
                closing.Day, closing.Opening, sums[closing.Day], sum => sum.Earlier) with
            {
                Closing = closing.Closing,
                Extended = extended?[closing.Day].Sum(sum => sum.Amount) ?? 0,
            })],
        };
    }

    /// <summary>By the day that things happened, as known when a recorded day was closed: what was told late is in its own day.</summary>
    public static async Task<RollForward> ByBusinessDayAsync(
        Database from, TenantId tenant, string unit, int first, int last, int knownOn, CancellationToken cancellationToken)
    {
        if (await FinanceQueries.LastDayAsync(from, tenant, knownOn, cancellationToken) is not { } known)
        {
            return new RollForward { Unit = unit, By = "business", KnownOn = null, Items = [] };
        }

        var sums = (await FinanceQueries.ByBusinessDayAsync(from, tenant, unit, first, last, known.Day, cancellationToken)).ToLookup(sum => sum.Day);
        var opening = sums[0].Sum(sum => sum.Amount);
        var days = new List<RollForwardDay>();
        for (var day = FinanceCalendar.DayOf(first); FinanceCalendar.NumberOf(day) <= last; day = day.AddDays(1))
        {
            var row = DayOf(FinanceCalendar.NumberOf(day), opening, sums[FinanceCalendar.NumberOf(day)], sum => sum.Late) with { CommittedLate = 0 };
            days.Add(row);
            opening = row.Closing;
        }

        return new RollForward { Unit = unit, By = "business", KnownOn = FinanceCalendar.TextOfDay(known.Day), Items = days };
    }

    private static RollForwardDay DayOf(int day, long opening, IEnumerable<MovementSum> moved, Func<MovementSum, long> late)
    {
        var sums = moved.ToList();
        var byColumn = sums.GroupBy(sum => MovementColumns.Of(sum.Kind)).ToDictionary(column => column.Key, column => column.Sum(sum => sum.Amount));
        long In(MovementColumn column) => byColumn.GetValueOrDefault(column);
        return new RollForwardDay
        {
            Day = FinanceCalendar.TextOfDay(day),
            Opening = opening,
            Issued = In(MovementColumn.Issued),
            Redeemed = In(MovementColumn.Redeemed),
            Expired = In(MovementColumn.Expired),
            ClawedBack = In(MovementColumn.ClawedBack),
            Adjusted = In(MovementColumn.Adjusted),
            Reinstated = In(MovementColumn.Reinstated),
            Cancelled = In(MovementColumn.Cancelled),
            Transferred = In(MovementColumn.Transferred),
            Exchanged = In(MovementColumn.Exchanged),
            Repaid = In(MovementColumn.Repaid),
            BroughtForward = In(MovementColumn.BroughtForward),
            Other = In(MovementColumn.Other),
            Closing = opening + sums.Sum(sum => sum.Amount),
            Late = sums.Sum(late),
            CommittedLate = sums.Sum(sum => sum.Late),
        };
    }
}

/// <summary>The columns of a roll-forward, in the order in which they are posted.</summary>
public enum MovementColumn
{
    BroughtForward,
    Issued,
    Redeemed,
    Expired,
    ClawedBack,
    Adjusted,
    Reinstated,
    Cancelled,
    Transferred,
    Exchanged,
    Repaid,
    Other,
}

/// <summary>Which kind of movement stands in which column.</summary>
public static class MovementColumns
{
    public static MovementColumn Of(string kind) => kind switch
    {
        EntryNames.Earn => MovementColumn.Issued,
        EntryNames.Spend or EntryNames.Refund => MovementColumn.Redeemed,
        EntryNames.Expire => MovementColumn.Expired,
        EntryNames.Reverse => MovementColumn.ClawedBack,
        EntryNames.Adjust => MovementColumn.Adjusted,
        "reinstate" => MovementColumn.Reinstated,
        "cancel" => MovementColumn.Cancelled,
        EntryNames.Transfer or EntryNames.Merge => MovementColumn.Transferred,
        EntryNames.Exchange => MovementColumn.Exchanged,
        EntryNames.Repay => MovementColumn.Repaid,
        FinanceNames.Opening => MovementColumn.BroughtForward,
        _ => MovementColumn.Other,
    };
}
