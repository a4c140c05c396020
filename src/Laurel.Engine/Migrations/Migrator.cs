using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Migrations;

/// <summary>One schema change: a folder <c>NNNN-name</c> with a file for each dialect, compiled into its assembly.</summary>
public sealed record Migration(int Number, string Name, string Sql);

/// <summary>Brings a database up to date. Append-only; each migration is applied once, in order, in a transaction of its own.</summary>
/// <remarks>On MySQL every statement that changes the schema commits by itself, so each is noted when it is done, and a migration that
/// was cut off goes on with the first that is not.</remarks>
public sealed class Migrator(Database database, IEnumerable<Assembly> assemblies, TimeProvider clock)
{
    // Any number will do, as long as every node of every version uses the same one.
    private const long AdvisoryLock = 0x4C61_7572_656C;

    private const string CreateJournal = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number     INTEGER NOT NULL PRIMARY KEY,
            name       TEXT    NOT NULL,
            applied_at BIGINT  NOT NULL
        )
        """;

    private const string ReadJournal = "SELECT number FROM schema_migrations";

    private const string WriteJournal = "INSERT INTO schema_migrations (number, name, applied_at) VALUES (@Number, @Name, @AppliedAt)";

    private const string CreateStepJournal = """
        CREATE TABLE IF NOT EXISTS schema_migration_steps (
            number INTEGER NOT NULL,
            step   INTEGER NOT NULL,
            PRIMARY KEY (number, step)
        )
        """;

    private const string CountSteps = "SELECT COUNT(*) FROM schema_migration_steps WHERE number = @Number";

    private const string WriteStep = "INSERT INTO schema_migration_steps (number, step) VALUES (@Number, @Step)";

    // Named locks of MySQL are one server's. In a Galera cluster the turn is a row, which a node that died leaves behind for a while.
    private const string CreateTurn = """
        CREATE TABLE IF NOT EXISTS schema_migration_turns (
            turn        INTEGER NOT NULL PRIMARY KEY,
            holder      VARCHAR(64) NOT NULL,
            lease_until DATETIME NOT NULL
        )
        """;

    private const string DropLapsedTurn = "DELETE FROM schema_migration_turns WHERE lease_until < UTC_TIMESTAMP()";

    private const string TakeTurn = "INSERT INTO schema_migration_turns (turn, holder, lease_until) VALUES (1, @Holder, UTC_TIMESTAMP() + INTERVAL 10 MINUTE)";

    private const string GiveTurn = "DELETE FROM schema_migration_turns WHERE holder = @Holder";

    private const string LockPostgres = "SET lock_timeout = 0; SELECT pg_advisory_lock(@AdvisoryLock)";

    private const string UnlockPostgres = "SELECT pg_advisory_unlock(@AdvisoryLock); RESET lock_timeout";

    // Named locks are the server's, not the database's.
    private const string LockMySql = "SELECT GET_LOCK(CONCAT('laurel/', DATABASE()), 86400) = @AdvisoryLock";

    private const string UnlockMySql = "SELECT RELEASE_LOCK(CONCAT('laurel/', DATABASE())) = @AdvisoryLock";

    /// <summary>All migrations of the assemblies in the dialect of the database, in order.</summary>
    /// <exception cref="InvariantBrokenException">When numbers repeat or leave a gap.</exception>
    public IReadOnlyList<Migration> All()
    {
        var file = database.DialectName + ".sql";
        var migrations =
            (from assembly in assemblies
             from resource in assembly.GetManifestResourceNames()
             let path = resource.Replace('\\', '/').Split('/')
             where path is ["migration", .., _, _] && path[^1] == file
             let parts = path[^2].Split('-', 2)
             select new Migration(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], Read(assembly, resource)))
            .OrderBy(m => m.Number)
            .ToList();
        for (var i = 0; i < migrations.Count; i++)
        {
            Invariant.Require(migrations[i].Number == i + 1, "Migrations are numbered 1, 2, 3 … without a gap.");
        }

        return migrations;
    }

    /// <summary>Applies what is missing; a second node that starts meanwhile waits for the first.</summary>
    /// <returns>The migrations that were applied now.</returns>
    /// <exception cref="TenantWallException">When the role that the database's sessions take is none that row-level security would hold.</exception>
    public async Task<IReadOnlyList<Migration>> ApplyAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenOwnerAsync(cancellationToken);
        if (database is MySqlDatabase { IsGalera: true })
        {
            return await ApplyInTurnAsync(session.Connection, cancellationToken);
        }

        // Waiting for another node's migration may take longer than a lane would wait for a lock. SQLite has one writer.
        await ExecuteAsync(session.Connection, database.Choose("SELECT @AdvisoryLock", LockPostgres, LockMySql), new { AdvisoryLock }, cancellationToken);
        try
        {
            var applied = await ApplyMissingAsync(session.Connection, cancellationToken);
            if (database is PostgresDatabase { Role: { } role })
            {
                await TenantWall.BuildAsync(session.Connection, role, cancellationToken);
            }

            return applied;
        }
        finally
        {
            await ExecuteAsync(session.Connection, database.Choose("SELECT @AdvisoryLock", UnlockPostgres, UnlockMySql), new { AdvisoryLock }, CancellationToken.None);
        }
    }

    private async Task<IReadOnlyList<Migration>> ApplyInTurnAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var holder = new { Holder = Guid.CreateVersion7(clock.GetUtcNow()).ToString() };
        await ExecuteAsync(connection, CreateTurn, null, cancellationToken);
        while (!await TryTakeTurnAsync(connection, holder, cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), clock, cancellationToken);
        }

        try
        {
            return await ApplyMissingAsync(connection, cancellationToken);
        }
        finally
        {
            await ExecuteAsync(connection, GiveTurn, holder, CancellationToken.None);
        }
    }

    private async Task<bool> TryTakeTurnAsync(DbConnection connection, object holder, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, DropLapsedTurn, null, cancellationToken);
            await ExecuteAsync(connection, TakeTurn, holder, cancellationToken);
            return true;
        }
        catch (Exception exception) when (database.Classify(exception) is SqlFailure.KeyRace or SqlFailure.Transient)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<Migration>> ApplyMissingAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        if (database is MySqlDatabase)
        {
            var collation = MySqlDatabase.CollationOf(connection.ServerVersion);
            await ExecuteAsync(connection, $"ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {collation}", null, cancellationToken);
            await ExecuteAsync(connection, CreateStepJournal, null, cancellationToken);
        }

        await ExecuteAsync(connection, CreateJournal, null, cancellationToken);
        var applied = (await connection.QueryAsync<int>(new CommandDefinition(ReadJournal, cancellationToken: cancellationToken))).ToHashSet();
        var missing = All().Where(m => !applied.Contains(m.Number)).ToList();
        foreach (var migration in missing)
        {
            await (database is MySqlDatabase ? ApplyStepsAsync(connection, migration, cancellationToken) : ApplyWholeAsync(connection, migration, cancellationToken));
        }

        return missing;
    }

    private async Task ApplyWholeAsync(DbConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(WriteJournal, RowOf(migration), transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ApplyStepsAsync(DbConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        var done = await connection.ExecuteScalarAsync<int>(new CommandDefinition(CountSteps, new { migration.Number }, cancellationToken: cancellationToken));
        var steps = migration.Sql.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var step = done; step < steps.Length; step++)
        {
            await ExecuteAsync(connection, steps[step], null, cancellationToken);
            await ExecuteAsync(connection, WriteStep, new { migration.Number, Step = step }, cancellationToken);
        }

        await ExecuteAsync(connection, WriteJournal, RowOf(migration), cancellationToken);
    }

    private object RowOf(Migration migration) => new { migration.Number, migration.Name, AppliedAt = Instant.Now(clock).UnixMicroseconds };

    private static Task<int> ExecuteAsync(DbConnection connection, string sql, object? arguments, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, arguments, commandTimeout: 0, cancellationToken: cancellationToken));

    private static string Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource) ?? throw new InvariantBrokenException("A listed resource can be read.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
