using Laurel.Server.Hosting;

namespace Laurel.Server.Backups;

/// <summary>What was counted while a database was copied.</summary>
internal sealed record CopiedRows(int SchemaVersion, IReadOnlyDictionary<string, long> Rows, bool AreExact);

/// <summary>Copies a database of one dialect into a file and back.</summary>
internal abstract class DatabaseCopier
{
    /// <summary>Rows of the main tables and the schema's version under the name <c>schema</c>; the same text in every dialect.</summary>
    protected const string CountRows = """
        SELECT 'schema', MAX(number) FROM schema_migrations
        UNION ALL SELECT 'tenants', COUNT(*) FROM tenants
        UNION ALL SELECT 'programmes', COUNT(*) FROM programmes
        UNION ALL SELECT 'members', COUNT(*) FROM members
        UNION ALL SELECT 'entries', COUNT(*) FROM entries
        UNION ALL SELECT 'lots', COUNT(*) FROM lots
        UNION ALL SELECT 'holds', COUNT(*) FROM holds
        UNION ALL SELECT 'orders', COUNT(*) FROM orders
        UNION ALL SELECT 'refunds', COUNT(*) FROM refunds
        UNION ALL SELECT 'natural_keys', COUNT(*) FROM natural_keys
        UNION ALL SELECT 'replies', COUNT(*) FROM replies
        """;

    /// <summary>As the manifest names it.</summary>
    public abstract string Dialect { get; }

    /// <summary>The name of the database's file in the archive.</summary>
    public abstract string PartName { get; }

    /// <summary>The copier of the database that the settings name.</summary>
    public static DatabaseCopier For(LaurelSettings settings) => settings.Database switch
    {
        DatabaseKind.Sqlite => new SqliteCopier(settings),
        DatabaseKind.Postgres => new PostgresCopier(settings, settings.DatabaseUrl!),
        DatabaseKind.Mysql => new MySqlCopier(settings, settings.DatabaseUrl!),
    };

    /// <summary>Copies one state of the database beside a server that goes on writing, and proves that the copy can be read.</summary>
    /// <exception cref="BackupException">When there is no database, or the copy is not sound.</exception>
    public abstract Task<CopiedRows> CopyAsync(string file, IProgress<BackupProgress> progress, CancellationToken cancellationToken);

    /// <summary>Says in a sentence what must give way before a restore; null where the database is empty.</summary>
    public abstract Task<string?> OccupantAsync(CancellationToken cancellationToken);

    /// <summary>Refuses a restore while a server works on the database, and keeps one from starting where it can.</summary>
    /// <returns>To be disposed when the restore has ended.</returns>
    public abstract Task<IDisposable?> KeepServersOutAsync(CancellationToken cancellationToken);

    /// <summary>Restores a copy, so that it can be brought up to date and verified before it is kept.</summary>
    public abstract Task<RestoredDatabase> RestoreAsync(string file, CancellationToken cancellationToken);

    /// <summary>Restores a copy somewhere beside the database, only to be looked at.</summary>
    public abstract Task<RestoredDatabase> RestoreAsideAsync(string file, CancellationToken cancellationToken);

    /// <summary>Counts what was restored.</summary>
    public abstract Task<CopiedRows> CountAsync(LaurelSettings restored, CancellationToken cancellationToken);

    protected static CopiedRows Gather(IEnumerable<(string Name, long Count)> counted, bool exact)
    {
        var rows = counted.ToDictionary(row => row.Name, row => row.Count);
        rows.Remove("schema", out var schema);
        return new CopiedRows((int)schema, rows, exact);
    }
}

/// <summary>A database that was restored and not kept yet. Disposed before it is kept, it is taken away again and what was
/// there before stands.</summary>
internal abstract class RestoredDatabase(LaurelSettings settings) : IAsyncDisposable
{
    /// <summary>How it is opened while it is not kept yet.</summary>
    public LaurelSettings Settings { get; } = settings;

    /// <summary>Puts it in place for good; what was there before is removed.</summary>
    public abstract Task KeepAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
