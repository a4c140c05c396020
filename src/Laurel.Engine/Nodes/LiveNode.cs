using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Engine.Nodes;

/// <summary>A process that holds a lease and so may write. On SQLite there are none: the lock on the file is what keeps others out.</summary>
/// <param name="Holder">Machine, process and verb.</param>
/// <param name="MasterKeyIds">Those that it has, the one it seals under first; empty where its version does not tell.</param>
public sealed record LiveNode(int Node, string Holder, IReadOnlyList<string> MasterKeyIds)
{
    internal const char BetweenKeys = ',';

    private const string Look = "SELECT node AS Node, holder AS Holder, master_keys AS MasterKeys FROM nodes WHERE lease_until >= {now} ORDER BY node";

    private sealed class Row
    {
        public int Node { get; init; }

        public required string Holder { get; init; }

        public string? MasterKeys { get; init; }
    }

    /// <summary>All of them, as the primary knows them.</summary>
    public static async Task<IReadOnlyList<LiveNode>> AllAsync(Database database, CancellationToken cancellationToken)
    {
        if (database is SqliteDatabase)
        {
            return [];
        }

        await using var session = await database.OpenWriterAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("nodes.live");
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(NodeLease.ByClockOf(database, Look), cancellationToken: cancellationToken));
        return [.. rows.Select(row => new LiveNode(row.Node, row.Holder, row.MasterKeys?.Split(BetweenKeys, StringSplitOptions.RemoveEmptyEntries) ?? []))];
    }
}
