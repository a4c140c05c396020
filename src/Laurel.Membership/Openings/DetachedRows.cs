using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;

namespace Laurel.Membership.Openings;

/// <summary>Moves the rows below a cut that is in force out of the tables that are read: by months on the servers, into a file on SQLite.</summary>
/// <remarks>What has been moved is noted month by month, and what is not noted is moved, or found where an earlier run has moved it.</remarks>
internal sealed class DetachedRows(Database database, LaneSet lanes, PartitionKeeper partitions, ClusterLease lease, string folder, TimeProvider clock)
{
    /// <summary>Entries of one write, with what they took.</summary>
    private const int EntriesOfPiece = 256;

    private static readonly TimeSpan s_betweenPieces = TimeSpan.FromMilliseconds(5);

    private const string ReadPiece = """
        SELECT tenant_id AS Tenant, member_id AS Member, id AS Id FROM entries WHERE id < @Before ORDER BY id LIMIT @Limit
        """;

    private sealed class EntryRow
    {
        public int Tenant { get; init; }

        public long Member { get; init; }

        public long Id { get; init; }
    }

    /// <exception cref="IOException">When rows are not as they were counted; then they are where they were.</exception>
    public async Task MoveAsync(OpeningCut cut, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var waiting = (await OpeningCut.MonthsAsync(database, cancellationToken)).Where(month => month.StoredAs is null).ToList();
        if (database is SqliteDatabase)
        {
            await MoveToFileAsync(cut, waiting, progress, cancellationToken);
            return;
        }

        // Entries go first: whoever reads a page of them then reads what they took, which is still there.
        foreach (var table in MonthlyEntries.Tables)
        {
            await MoveMonthsAsync(table, cut, [.. waiting.Where(month => month.TableName == table.Name)], progress, cancellationToken);
        }
    }

    private async Task MoveMonthsAsync(
        MonthlyTable table, OpeningCut cut, IReadOnlyList<DetachedMonth> waiting, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var (attached, detached) = await partitions.MonthsOfAsync(table, cancellationToken);
        var noted = new HashSet<Month>();
        foreach (var (month, name) in detached.Where(one => !attached.Contains(one.Month)))
        {
            // An earlier run moved it and ended before it could note that.
            await NoteAsync(Until(month), name, cancellationToken);
        }

        foreach (var month in attached.Where(month => month < cut.Month))
        {
            progress?.Report(new VerificationProgress($"detaching {table.Name} {month}", 0, 0));
            var own = Until(month);
            var name = await partitions.DetachAsync(table, month, own.Sum(one => one.RowCount), cancellationToken);
            await NoteAsync(own, name, cancellationToken);
        }

        if (waiting.FirstOrDefault(one => !noted.Contains(one.Month)) is { } missing)
        {
            throw new IOException($"The {missing.RowCount:N0} rows of {table.Name} of {missing.Month} are in no partition of {table.Name} and in no table of their own.");
        }

        // A partition may hold earlier months beside its own: the first is open below, and some were never made.
        List<DetachedMonth> Until(Month month)
        {
            List<DetachedMonth> own = [.. waiting.Where(one => one.Month <= month && !noted.Contains(one.Month))];
            noted.UnionWith(own.Select(one => one.Month));
            return own;
        }
    }

    private async Task MoveToFileAsync(
        OpeningCut cut, IReadOnlyList<DetachedMonth> waiting, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        // The file is put in place whole, and only then is anything removed: once it is there it is not written again.
        var file = Path.Combine(folder, $"entries-before-{cut.Month}.db");
        var expected = waiting.GroupBy(month => month.TableName).ToDictionary(table => table.Key, table => table.Sum(month => month.RowCount));
        if (!File.Exists(file))
        {
            var copied = new Copied(progress);
            await DetachedFile.WriteAsync(database, MonthlyEntries.Tables, cut.Id, file, expected, copied, cancellationToken);
        }

        await DetachedFile.RequireRowsAsync(file, MonthlyEntries.Tables, expected, cancellationToken);
        await RemoveAsync(cut, waiting, progress, cancellationToken);
        await NoteAsync(waiting, file, cancellationToken);
    }

    private async Task RemoveAsync(
        OpeningCut cut, IReadOnlyList<DetachedMonth> waiting, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var (total, removed) = (waiting.Where(month => month.TableName == "entries").Sum(month => month.RowCount), 0L);
        while (await ReadPieceAsync(cut.Id, cancellationToken) is { Count: > 0 } rows)
        {
            var keys = rows.ConvertAll(row => new OpeningStatements.EntryKey(row.Tenant, row.Member, row.Id));
            var piece = new LaneWrite("openings", Reach.Of(rows.Select(row => new TenantId(row.Tenant))))
                .Add(OpeningStatements.DeleteTakes, keys).Add(OpeningStatements.DeleteEntries, keys);
            await OpeningLanes.WriteAsync(lanes, lease, piece, cancellationToken);
            progress?.Report(new VerificationProgress("entries removed", removed += keys.Count, total));
            await Task.Delay(s_betweenPieces, clock, cancellationToken);
        }
    }

    private async Task<List<EntryRow>> ReadPieceAsync(long before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("openings.piece");
        var arguments = new { Before = before, Limit = EntriesOfPiece };
        return (await session.Connection.QueryAsync<EntryRow>(new CommandDefinition(ReadPiece, arguments, cancellationToken: cancellationToken))).AsList();
    }

    private async Task NoteAsync(IReadOnlyList<DetachedMonth> months, string storedAs, CancellationToken cancellationToken)
    {
        if (months.Count > 0)
        {
            var rows = months.Select(month => new OpeningStatements.StoredRow(month.TableName, month.MonthNumber, storedAs)).ToArray();
            await OpeningLanes.WriteAsync(lanes, lease, new LaneWrite("openings", Reach.Nothing).Add(OpeningStatements.MarkStored, rows), cancellationToken);
        }
    }

    private sealed class Copied(IProgress<VerificationProgress>? progress) : IProgress<long>
    {
        public void Report(long value) => progress?.Report(new VerificationProgress("rows copied", value, 0));
    }
}
