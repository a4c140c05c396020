using System.Data.Common;
using Dapper;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Openings;

/// <summary>Where the ledger begins: opening balances stand for the entries below.</summary>
public sealed record OpeningCut
{
    /// <summary>The id in force, in SQL, 0 where there is none: whoever reads entries reads those from it on.</summary>
    internal const string InForce = "(SELECT COALESCE(MAX(c.cut_id), 0) FROM opening_cuts c WHERE c.in_force_at IS NOT NULL)";

    private const string Read = """
        SELECT cut_id AS Id, month AS MonthNumber, members AS Members, latest_at AS LatestAt,
            (SELECT COUNT(*) FROM detached_months WHERE stored_as IS NULL) AS MonthsAttached
        FROM opening_cuts WHERE in_force_at IS NOT NULL ORDER BY cut_id DESC LIMIT 1
        """;

    private const string ReadMonths = """
        SELECT table_name AS TableName, month AS MonthNumber, row_count AS RowCount, stored_as AS StoredAs FROM detached_months ORDER BY month, table_name
        """;

    /// <summary>The first id that is not below.</summary>
    public long Id { get; init; }

    /// <summary>The first month that is not below, as <see cref="Laurel.Engine.Partitions.Month.Number"/>.</summary>
    public int MonthNumber { get; init; }

    /// <summary>Members that have opening balances.</summary>
    public long Members { get; init; }

    /// <summary>The latest business time of an entry below, of any member, in microseconds since 1970; null where there is none.</summary>
    public long? LatestAt { get; init; }

    /// <summary>Months of a table whose rows below have not been moved away yet. Nobody reads them.</summary>
    public long MonthsAttached { get; init; }

    public Month Month => new(MonthNumber);

    /// <summary>The cut that is in force; null while entries reach back to the first.</summary>
    public static Task<OpeningCut?> FindAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<OpeningCut>(new CommandDefinition(Read, cancellationToken: cancellationToken));

    /// <inheritdoc cref="FindAsync(DbConnection, CancellationToken)"/>
    public static async Task<OpeningCut?> FindAsync(Database database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("openings.cut");
        return await FindAsync(session.Connection, cancellationToken);
    }

    /// <summary>The months of rows that were ever below a cut, and where they are.</summary>
    public static async Task<IReadOnlyList<DetachedMonth>> MonthsAsync(Database database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("openings.months");
        return (await session.Connection.QueryAsync<DetachedMonth>(new CommandDefinition(ReadMonths, cancellationToken: cancellationToken))).AsList();
    }
}

/// <summary>Rows of one month of a table that lie below a cut.</summary>
public sealed record DetachedMonth
{
    public string TableName { get; init; } = "";

    /// <summary>As <see cref="Laurel.Engine.Partitions.Month.Number"/>.</summary>
    public int MonthNumber { get; init; }

    public long RowCount { get; init; }

    /// <summary>The table or the file that has them; null while they are still in their own table.</summary>
    public string? StoredAs { get; init; }

    public Month Month => new(MonthNumber);
}
