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

    private const string LockPostgres = "SELECT pg_advisory_lock(@AdvisoryLock)";

    private const string UnlockPostgres = "SELECT pg_advisory_unlock(@AdvisoryLock)";

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
    public async Task<IReadOnlyList<Migration>> ApplyAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        var connection = session.Connection;
        var postgres = database is PostgresDatabase;
        if (postgres)
        {
            // Waiting for another node's migration may take longer than a lane would wait for a lock.
            await connection.ExecuteAsync(new CommandDefinition("SET lock_timeout = 0", cancellationToken: cancellationToken));
            await connection.ExecuteAsync(new CommandDefinition(LockPostgres, new { AdvisoryLock }, cancellationToken: cancellationToken));
        }

        try
        {
            return await ApplyMissingAsync(connection, cancellationToken);
        }
        finally
        {
            if (postgres)
            {
                await connection.ExecuteAsync(new CommandDefinition(UnlockPostgres, new { AdvisoryLock }, cancellationToken: CancellationToken.None));
                await connection.ExecuteAsync(new CommandDefinition("RESET lock_timeout", cancellationToken: CancellationToken.None));
            }
        }
    }

    private async Task<IReadOnlyList<Migration>> ApplyMissingAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(new CommandDefinition(CreateJournal, cancellationToken: cancellationToken));
        var applied = (await connection.QueryAsync<int>(new CommandDefinition(ReadJournal, cancellationToken: cancellationToken))).ToHashSet();
        var missing = All().Where(m => !applied.Contains(m.Number)).ToList();
        foreach (var migration in missing)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, cancellationToken: cancellationToken));
            var row = new { migration.Number, migration.Name, AppliedAt = Instant.Now(clock).UnixMicroseconds };
            await connection.ExecuteAsync(new CommandDefinition(WriteJournal, row, transaction, cancellationToken: cancellationToken));
            await transaction.CommitAsync(cancellationToken);
        }

        return missing;
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource) ?? throw new InvariantBrokenException("A listed resource can be read.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
