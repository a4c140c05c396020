using Laurel.Kernel;

namespace Laurel.Engine.Partitions;

/// <summary>A table that only grows and is kept in a partition for each month (UTC), on PostgreSQL and MySQL.</summary>
/// <remarks>Its first partition is open below. What lies past the last month goes into one more, which should be empty: named
/// <c>TABLE_default</c> on PostgreSQL and <c>rest</c> on MySQL.</remarks>
/// <param name="Name">The table; a constant of ours, since it becomes part of statements.</param>
/// <param name="Column">The column it is divided by, part of its primary key.</param>
/// <param name="HoldsIds">Whether the column holds ids, whose ranges are months; otherwise months as <see cref="Month.Number"/>.</param>
/// <param name="Kept">How long a month is kept after it has ended; null is for ever.</param>
public sealed record MonthlyTable(string Name, string Column, bool HoldsIds, TimeSpan? Kept)
{
    private const string OutboxBefore = "SELECT COUNT(*) FROM outbox WHERE batch_id < @Before";

    /// <summary>Counts what keeps rows below <c>@Before</c> from being dropped with their month; null is nothing.</summary>
    public string? WaitedFor { get; private init; }

    /// <summary>Outcomes frozen under idempotency keys.</summary>
    public static MonthlyTable Replies(TimeSpan kept) => new("replies", "month", HoldsIds: false, kept);

    /// <summary>What committed batches raised. A month of which something is still to be published stays.</summary>
    public static MonthlyTable EventBatches(TimeSpan kept) => new("event_batches", "batch_id", HoldsIds: true, kept) { WaitedFor = OutboxBefore };

    /// <summary>The least value of the column in a month.</summary>
    public long FirstOf(Month month) => HoldsIds ? IdGenerator.FirstOf(month.Start) : month.Number;

    /// <summary>Whether all of a month is past its age.</summary>
    public bool IsPast(Month month, Instant now) => Kept is { } kept && month.End.Plus(kept) <= now;
}

/// <summary>One partition as the database lists it.</summary>
/// <param name="Month">Null is the one for what fits no month.</param>
/// <param name="Rows">About so many, as the database guesses them.</param>
/// <param name="Bytes">On the disk, indexes included, as far as the database knows.</param>
public sealed record Partition(string Name, Month? Month, long Rows, long Bytes);
