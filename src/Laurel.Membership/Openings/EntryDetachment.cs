using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;
using Microsoft.Extensions.Logging;

namespace Laurel.Membership.Openings;

/// <summary>Why entries were not detached.</summary>
public enum DetachRefusal
{
    /// <summary>Months that ended a short while ago may still be written to by who stood still.</summary>
    TooRecent,

    /// <summary>Rows before and after the cut are in one partition.</summary>
    NoBoundary,

    /// <summary>An invariant fails: opening balances would hide it for ever.</summary>
    NotSound,

    /// <summary>Another process is at it.</summary>
    Busy,

    /// <summary>There are no entries before the cut.</summary>
    NothingBelow,
}

/// <summary>What became of detaching entries.</summary>
public abstract record DetachOutcome
{
    private DetachOutcome()
    {
    }

    /// <param name="Reason">A sentence for whoever asked, with what to do.</param>
    public sealed record Refused(DetachRefusal Code, string Reason) : DetachOutcome;

    /// <summary>Opening balances stand for everything before the cut, and its rows are where <paramref name="Months"/> says.</summary>
    /// <param name="IsNew">Whether this run took them; otherwise they were there, of this month or a later one.</param>
    public sealed record Detached(OpeningCut Cut, bool IsNew, IReadOnlyList<DetachedMonth> Months) : DetachOutcome;
}

/// <summary>Lets opening balances stand for the entries before a month, and moves those out of the tables that are read.</summary>
/// <remarks>
/// <para>The checkpoint comes first: the walk of <c>verify</c> proves everything in one snapshot and leaves on its way the opening of each
/// member. Then one statement puts the cut in force, and from then on nobody reads what is below, whether it is still there or not. So rows
/// are moved afterwards, one month after the other, by whoever comes, and repeating any of it does no harm.</para>
/// <para>Ids are drawn under the root's lock and grow with time. An entry below the cut could come later only from who drew its id more than
/// <see cref="AgeMin"/> ago and stood still since; its months are counted before they are moved, and the move is refused when there is a row
/// more.</para>
/// </remarks>
/// <param name="folder">Where files of detached rows go, on SQLite.</param>
public sealed partial class EntryDetachment(
    Database database, LaneSet lanes, ClusterLeases leases, PartitionKeeper partitions, string folder, TimeProvider clock, ILogger<EntryDetachment> logger)
{
    /// <summary>How long ago the last month before a cut has ended at the least.</summary>
    public static readonly TimeSpan AgeMin = TimeSpan.FromDays(30);

    private const string Lease = "openings";

    /// <summary>Detaches everything before a month. What an earlier run has left undone is finished first.</summary>
    /// <param name="progress">Told how far it is; null tells nobody.</param>
    /// <exception cref="IOException">When rows are not as they were counted, or the database does not answer; nothing is lost.</exception>
    public async Task<DetachOutcome> RunAsync(Month month, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(month, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var lease = await leases.TryTakeAsync(Lease, cancellationToken);
        if (lease is null)
        {
            return new DetachOutcome.Refused(DetachRefusal.Busy, "Another process is taking opening balances. Wait until it has ended.");
        }

        var rows = new DetachedRows(database, lanes, partitions, lease, folder, clock);
        var present = await OpeningCut.FindAsync(database, cancellationToken);
        if (present is not null)
        {
            await rows.MoveAsync(present, progress, cancellationToken);
        }

        var isNew = present is null || present.Month < month;
        if (isNew && await TakeAsync(month, lease, progress, cancellationToken) is { } notTaken)
        {
            return notTaken;
        }

        var cut = await OpeningCut.FindAsync(database, cancellationToken) ?? throw new IOException("The opening balances were not put in force: another process took over.");
        if (isNew)
        {
            await rows.MoveAsync(cut, progress, cancellationToken);
        }

        await new OpeningClearing(database, lanes, lease).RunAsync(cancellationToken);
        return new DetachOutcome.Detached(cut, isNew, await OpeningCut.MonthsAsync(database, cancellationToken));
    }

    /// <summary>Detaches what is older than so many whole months, if there is anything. A refusal is logged.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task RunForAgeAsync(int monthsKept, CancellationToken cancellationToken)
    {
        var present = Month.Of(await partitions.NowAsync(cancellationToken));
        var (year, month) = (present.Number / 100, present.Number % 100);
        var last = (year * 12) + month - 1 - monthsKept;
        switch (await RunAsync(new Month((last / 12 * 100) + (last % 12) + 1), null, cancellationToken))
        {
            case DetachOutcome.Refused { Code: DetachRefusal.NothingBelow or DetachRefusal.NoBoundary } refused:
                NotYet(logger, refused.Reason);
                break;
            case DetachOutcome.Refused refused:
                Refused(logger, refused.Reason);
                break;
            case DetachOutcome.Detached:
                break;
        }
    }

    private async Task<DetachOutcome.Refused?> RefusalAsync(Month month, CancellationToken cancellationToken)
    {
        var now = await partitions.NowAsync(cancellationToken);
        if (month.Start.Plus(AgeMin) > now)
        {
            var latest = Month.Of(now.Plus(-AgeMin));
            return new DetachOutcome.Refused(
                DetachRefusal.TooRecent, $"Entries before {month} are too young: {AgeMin.Days} days must have passed since. The latest month is {latest}.");
        }

        if (database is SqliteDatabase)
        {
            return null;
        }

        var (attached, _) = await partitions.MonthsOfAsync(MonthlyEntries.Tables[0], cancellationToken);
        var present = await OpeningCut.FindAsync(database, cancellationToken);
        return attached[0] >= month && (present is null || present.Month < month)
            ? new DetachOutcome.Refused(
                DetachRefusal.NoBoundary,
                $"The oldest entries are in one partition with those of {attached[0]}, so they can only go together: the earliest month is {attached[0].Next}.")
            : null;
    }

    /// <summary>Takes the checkpoint and puts it in force; null when it did.</summary>
    private async Task<DetachOutcome.Refused?> TakeAsync(
        Month month, ClusterLease lease, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var cut = IdGenerator.FirstOf(month.Start);
        var clearing = new OpeningClearing(database, lanes, lease);
        await clearing.RunAsync(cancellationToken);
        var begin = new LaneWrite("openings", Reach.Nothing).Add(OpeningStatements.InsertCut, new OpeningStatements.CutRow(cut, month.Number, Instant.Now(clock)));
        await OpeningLanes.WriteAsync(lanes, lease, begin, cancellationToken);
        var writer = new OpeningWriter(month, cut, lanes, lease);
        var report = await new Verifier(database).RunAsync(progress, writer, cancellationToken);
        if (!report.Holds || writer.Members == 0)
        {
            await clearing.RunAsync(cancellationToken);
            return report.Holds
                ? new DetachOutcome.Refused(DetachRefusal.NothingBelow, $"There are no entries before {month}: nothing is to be detached.")
                : new DetachOutcome.Refused(
                    DetachRefusal.NotSound,
                    $"{report.Invariants.Sum(invariant => invariant.Failed):N0} rows break an invariant, and opening balances would hide that for ever. Run: laurel verify.");
        }

        await writer.FlushAsync(cancellationToken);
        var force = new LaneWrite("openings", Reach.Nothing) { AuditedAs = "DetachEntries" }
            .Add(OpeningStatements.PutInForce, new OpeningStatements.InForce(cut, Instant.Now(clock), writer.LatestAt, writer.Members, lease.Name, lease.Token))
            .Add(OpeningStatements.InsertMonths, [.. writer.Rows.Select(rows => new OpeningStatements.MonthRow(rows.Key.Table, rows.Key.Month.Number, rows.Value, cut))]);
        await OpeningLanes.WriteAsync(lanes, lease, force, cancellationToken);
        Taken(logger, month.ToString(), writer.Members);
        return null;
    }

    [LoggerMessage(121, LogLevel.Warning, "Old entries were not detached. {Reason}")]
    private static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(122, LogLevel.Information, "No entries are old enough to be detached. {Reason}")]
    private static partial void NotYet(ILogger logger, string reason);

    [LoggerMessage(120, LogLevel.Information, "Opening balances of {Members} members stand for the entries before {Month}.")]
    private static partial void Taken(ILogger logger, string month, long members);
}
