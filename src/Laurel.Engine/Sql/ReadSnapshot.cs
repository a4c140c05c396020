using System.Data;
using System.Data.Common;
using Dapper;

namespace Laurel.Engine.Sql;

/// <summary>A reading session that sees one moment of the database for as long as it is open, while others go on writing.</summary>
/// <remarks>For what reads everything, as verifications and exports, and then without a time limit; or for a few statements. On SQLite the write-ahead log cannot
/// be emptied past the snapshot, so it grows until the snapshot is closed.</remarks>
public sealed class ReadSnapshot : IAsyncDisposable
{
    private ReadSnapshot(SqlSession session) => Session = session;

    public SqlSession Session { get; }

    public DbConnection Connection => Session.Connection;

    /// <param name="reach">Whose rows it shows.</param>
    public static async Task<ReadSnapshot> OpenAsync(Database database, Reach reach, CancellationToken cancellationToken)
    {
        var session = await database.OpenReaderAsync(reach, cancellationToken);
        try
        {
            // What SQLite sorts for a whole table goes to the disk and not to memory.
            await ExecuteAsync(
                session,
                database.Choose("PRAGMA temp_store = FILE", "SELECT 1", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
                cancellationToken);
            await ExecuteAsync(
                session,
                database.Choose("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"),
                cancellationToken);
            await ExecuteAsync(session, database.Choose("SELECT 1", "SET LOCAL statement_timeout = 0", "SELECT 1"), cancellationToken);
            return new ReadSnapshot(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>For a question of several statements that are to agree: with the time limits of any reader.</summary>
    /// <param name="reach">Whose rows it shows.</param>
    public static async Task<ReadSnapshot> OpenBriefAsync(Database database, Reach reach, CancellationToken cancellationToken)
    {
        var session = await database.OpenReaderAsync(reach, cancellationToken);
        try
        {
            await ExecuteAsync(
                session,
                database.Choose(
                    "BEGIN",
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"),
                cancellationToken);
            return new ReadSnapshot(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>A query whose rows are read one by one, never gathered. Its reader is closed before the next begins.</summary>
    public async Task<DbDataReader> ReadAsync(string query, object? arguments, CancellationToken cancellationToken) =>
        (DbDataReader)await Connection.ExecuteReaderAsync(new CommandDefinition(query, arguments, commandTimeout: 0, cancellationToken: cancellationToken));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await ExecuteAsync(Session, "ROLLBACK", CancellationToken.None);
        }
        catch (DbException)
        {
            // The connection broke: the snapshot went with it, and what was read stands.
        }

        await Session.DisposeAsync();
    }

    // A single word would pass for the name of a procedure.
    private static Task ExecuteAsync(SqlSession session, string statement, CancellationToken cancellationToken) =>
        session.Connection.ExecuteAsync(new CommandDefinition(statement, commandTimeout: 0, commandType: CommandType.Text, cancellationToken: cancellationToken));
}
