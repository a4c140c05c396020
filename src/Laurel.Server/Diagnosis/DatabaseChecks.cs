using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;

namespace Laurel.Server.Diagnosis;

/// <summary>What can be said of the database: whether it answers, its schema, its clock, and whether it keeps what it has
/// acknowledged.</summary>
internal static class DatabaseChecks
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Ids and leases bear more, but a node that far off dates what it records wrongly.</summary>
    private static readonly TimeSpan s_clockDifferenceMax = TimeSpan.FromSeconds(2);

    private const string JournalTable = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'";

    private const string JournalTablePostgres = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_migrations'";

    private const string JournalTableMySql = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'";

    private const string NewestMigration = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

    private const string ClockPostgres = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    private const string ClockMySql = "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    private const string FlushMySql = "SELECT CAST(@@GLOBAL.innodb_flush_log_at_trx_commit AS SIGNED)";

    private const string SettingPostgres = "SELECT current_setting(@Name)";

    private const string FirstSealed = "SELECT tenant_id AS Tenant, member_id AS Member, wrapped_key AS WrappedKey FROM personal_data ORDER BY tenant_id, member_id LIMIT 1";

    private const string UsesOfKeys = """
        SELECT k.name AS Name, u.last_used_at AS LastUsedAt, u.uses AS Uses
        FROM api_keys k LEFT JOIN api_key_uses u ON u.key_id = substr(k.key_hash, 1, 16)
        WHERE k.revoked_at IS NULL ORDER BY k.tenant_id, k.name, k.created_at LIMIT 20
        """;

    private sealed class KeyUse
    {
        public required string Name { get; init; }

        public long? LastUsedAt { get; init; }

        public long? Uses { get; init; }
    }

    private sealed class Sealed
    {
        public int Tenant { get; init; }

        public long Member { get; init; }

        public required byte[] WrappedKey { get; init; }
    }

    public static async Task<IReadOnlyList<Finding>> RunAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (settings.Database == DatabaseKind.Sqlite && !File.Exists(settings.SqliteFile))
        {
            return [Finding.Warning(
                "database",
                $"There is no database at {settings.SqliteFile}.",
                "The first start makes it; where it should exist, name its folder with --data or LAUREL_DATA.")];
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var findings = new List<Finding>();
        try
        {
            await using var database = LaurelNode.OpenDatabase(settings, readOnly: true);
            await using var session = await database.OpenReaderAsync(Reach.Everything, patience.Token);
            var version = await ValueAsync<string>(
                session,
                database.Choose("SELECT sqlite_version()", "SELECT current_setting('server_version')", "SELECT VERSION()"),
                patience.Token);
            findings.Add(Finding.Fine("database", $"The {database.DialectName} database answers (version {version})."));
            findings.Add(await SchemaAsync(database, session, clock, patience.Token));
            if (findings[^1].Severity == Severity.Fine)
            {
                findings.Add(await KeysFitAsync(settings, session, patience.Token));
                findings.AddRange(await ApiKeysAsync(session, patience.Token));
            }

            switch (settings.Database)
            {
                case DatabaseKind.Postgres:
                    findings.Add(await ClockAsync(session, ClockPostgres, clock, patience.Token));
                    findings.AddRange(await DurabilityAsync(session, patience.Token));
                    findings.Add(await TenantWallAsync(settings.Cluster.DatabaseRole, session, patience.Token));
                    break;
                case DatabaseKind.Mysql:
                    findings.Add(await ClockAsync(session, ClockMySql, clock, patience.Token));
                    findings.Add(await FlushAsync(session, patience.Token));
                    break;
                case DatabaseKind.Sqlite:
                    findings.Add(await JournalModeAsync(session, patience.Token));
                    findings.Add(await DamageAsync((SqliteDatabase)database, cancellationToken));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(settings), settings.Database, null);
            }
        }
        catch (Exception exception) when (
            exception is DbException or IOException or ArgumentException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            findings.Add(Unreachable(settings, exception));
        }

        return findings;
    }

    private static Finding Unreachable(LaurelSettings settings, Exception exception)
    {
        var why = exception is OperationCanceledException ? $"no answer within {s_patience.TotalSeconds:N0} s" : exception.Message;
        return settings.Database == DatabaseKind.Sqlite
            ? Finding.Fault("database", $"{settings.SqliteFile} cannot be read: {why}", "Look at the rights of the file, or restore it from a backup.")
            : Finding.Fault(
                "database",
                $"The database does not answer: {why}",
                "Look at the address in DATABASE_URL (host, port, name, user, password), whether the server runs, and whether it lets this machine in.");
    }

    private static async Task<Finding> SchemaAsync(Database database, SqlSession session, TimeProvider clock, CancellationToken cancellationToken)
    {
        const string Subject = "schema";
        var known = LaurelNode.Migrations(database, clock).Count;
        var exists = await ValueAsync<long>(session, database.Choose(JournalTable, JournalTablePostgres, JournalTableMySql), cancellationToken) > 0;
        var applied = exists ? await ValueAsync<int>(session, NewestMigration, cancellationToken) : 0;
        return applied.CompareTo(known) switch
        {
            0 => Finding.Fine(Subject, $"The schema is up to date (migration {applied:D4})."),
            < 0 => Finding.Fault(
                Subject,
                $"The schema is at migration {applied:D4}, and this program needs {known:D4}.",
                "Run: laurel migrate (serve does the same when it starts)."),
            > 0 => Finding.Fault(
                Subject,
                $"The schema is at migration {applied:D4}, and this program knows {known:D4}: a newer Laurel has written here.",
                "Run that newer version, or restore the backup made before it."),
        };
    }

    /// <summary>Opens one stored key: other keys than those of this database would be found out by the first member only.</summary>
    private static async Task<Finding> KeysFitAsync(LaurelSettings settings, SqlSession session, CancellationToken cancellationToken)
    {
        const string Subject = "keys";
        var row = await session.Connection.QueryFirstOrDefaultAsync<Sealed>(new CommandDefinition(FirstSealed, cancellationToken: cancellationToken));
        if (row is null)
        {
            return Finding.Fine(Subject, "No personal data is stored yet.");
        }

        if (settings.MasterKeys is null && !File.Exists(Path.Combine(settings.DataFolder, "keys", "master.json")))
        {
            return Finding.Fault(
                Subject,
                "Personal data is stored, and the keys that open it are not here.",
                "Put keys/master.json back from a backup, or set LAUREL_MASTER_KEYS to the keys of this database.");
        }

        try
        {
            using var random = RandomNumberGenerator.Create();
            using var vault = new PersonalDataVault(await LaurelNode.LoadKeysAsync(settings, cancellationToken), random);
            using var key = vault.OpenKey(new TenantId(row.Tenant), new MemberId(row.Member), row.WrappedKey);
            return Finding.Fine(Subject, "The keys open the stored personal data.");
        }
        catch (Exception exception) when (exception is PersonalDataUnreadableException or MasterKeysUnreadableException)
        {
            return Finding.Fault(
                Subject,
                "The keys do not open the stored personal data.",
                "Put the keys back that this database was written with; every node needs the same ones.");
        }
    }

    /// <summary>Which keys nobody has used: they might as well be revoked. Uses are written behind, so the last seconds are missing.</summary>
    private static async Task<IEnumerable<Finding>> ApiKeysAsync(SqlSession session, CancellationToken cancellationToken)
    {
        var keys = await session.Connection.QueryAsync<KeyUse>(new CommandDefinition(UsesOfKeys, cancellationToken: cancellationToken));
        return keys.Select(key => Finding.Fine("api key", key.LastUsedAt is { } last
            ? $"'{key.Name}' was used {key.Uses!.Value.ToString("N0", CultureInfo.InvariantCulture)} times, last at {new Instant(last)}."
            : $"'{key.Name}' was not used yet."));
    }

    private static async Task<Finding> ClockAsync(SqlSession session, string query, TimeProvider clock, CancellationToken cancellationToken)
    {
        // Half of the trip lies before the reading of the other clock.
        var before = clock.GetUtcNow();
        var theirs = new Instant(await ValueAsync<long>(session, query, cancellationToken)).ToDateTimeOffset();
        var ours = before + ((clock.GetUtcNow() - before) / 2);
        var difference = (theirs - ours).Duration();
        var text = $"This machine's clock and the database's differ by {difference.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s.";
        return difference <= s_clockDifferenceMax
            ? Finding.Fine("clock", text)
            : Finding.Fault("clock", text, "Set both by NTP (timedatectl, chronyc tracking).");
    }

    private static async Task<IEnumerable<Finding>> DurabilityAsync(SqlSession session, CancellationToken cancellationToken)
    {
        const string Subject = "durability";
        var findings = new List<Finding>();
        foreach (var (name, loss) in new[]
        {
            ("fsync", "a crash of the machine may corrupt the database"),
            ("full_page_writes", "a crash of the machine may leave pages half written"),
        })
        {
            var value = await SettingAsync(session, name, cancellationToken);
            findings.Add(value == "on"
                ? Finding.Fine(Subject, $"{name} is on.")
                : Finding.Fault(Subject, $"{name} is {value}: {loss}.", $"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();"));
        }

        // Laurel's writers set it for themselves, so the server's default touches only what others write.
        var commit = await SettingAsync(session, "synchronous_commit", cancellationToken);
        findings.Add(commit == "off"
            ? Finding.Warning(
                Subject,
                "synchronous_commit is off. Laurel's own commits wait for the disk all the same; those of other programs do not.",
                "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();")
            : Finding.Fine(Subject, $"synchronous_commit is {commit}."));
        return findings;
    }

    private static async Task<Finding> TenantWallAsync(string? role, SqlSession session, CancellationToken cancellationToken)
    {
        const string Subject = "tenants";
        if (role is null)
        {
            return Finding.Fine(Subject, "Row-level security is not asked for (DATABASE_ROLE); Laurel alone keeps tenants apart.");
        }

        try
        {
            var wall = await TenantWall.LookAsync(session.Connection, role, cancellationToken);
            return wall.Open.Count == 0
                ? Finding.Fine(Subject, $"Row-level security holds the role {role} to one tenant's rows in {wall.Tables.Count} tables.")
                : Finding.Fault(
                    Subject,
                    $"Row-level security does not keep {wall.Open.Count} tables for the role {role}: {string.Join(", ", wall.Open)}.",
                    "Run: laurel migrate (serve does the same when it starts).");
        }
        catch (TenantWallException exception)
        {
            return Finding.Fault(Subject, exception.Message, "Do what it says, or take DATABASE_ROLE away.");
        }
    }

    private static async Task<Finding> FlushAsync(SqlSession session, CancellationToken cancellationToken)
    {
        var flush = await ValueAsync<long>(session, FlushMySql, cancellationToken);
        return flush == 1
            ? Finding.Fine("durability", "innodb_flush_log_at_trx_commit is 1.")
            : Finding.Fault(
                "durability",
                $"innodb_flush_log_at_trx_commit is {flush}: a crash of the machine may lose the last second of what was acknowledged.",
                "SET GLOBAL innodb_flush_log_at_trx_commit = 1, and set it in the server's configuration file.");
    }

    private static async Task<Finding> JournalModeAsync(SqlSession session, CancellationToken cancellationToken)
    {
        var mode = await ValueAsync<string>(session, "PRAGMA journal_mode", cancellationToken);
        return mode == "wal"
            ? Finding.Fine("durability", "The file is in WAL mode; Laurel writes it with synchronous=FULL.")
            : Finding.Warning("durability", $"The file is in journal mode '{mode}'.", "Start the server once: it sets WAL mode.");
    }

    private static async Task<Finding> DamageAsync(SqliteDatabase database, CancellationToken cancellationToken)
    {
        const string Subject = "soundness";
        var findings = await database.FindDamageAsync(cancellationToken);
        return findings.Count == 0
            ? Finding.Fine(Subject, "The pages of the file agree with each other.")
            : Finding.Fault(
                Subject,
                $"The file is damaged: {string.Join("; ", findings)}",
                "Stop the server, keep the file, and restore the last backup: laurel restore.");
    }

    private static Task<string> SettingAsync(SqlSession session, string name, CancellationToken cancellationToken) =>
        session.Connection.QuerySingleAsync<string>(new CommandDefinition(SettingPostgres, new { Name = name }, cancellationToken: cancellationToken));

    private static Task<T> ValueAsync<T>(SqlSession session, string sql, CancellationToken cancellationToken) =>
        session.Connection.QuerySingleAsync<T>(new CommandDefinition(sql, cancellationToken: cancellationToken));
}
