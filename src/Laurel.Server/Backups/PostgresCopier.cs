using System.Data;
using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Server.Hosting;
using Npgsql;

namespace Laurel.Server.Backups;

/// <summary>Copies a PostgreSQL database with <c>pg_dump</c> and <c>pg_restore</c>, which must not be older than the server.</summary>
/// <remarks>The database is Laurel's own. A restore sets the schema <c>public</c> aside under another name and fills a new one
/// in one transaction; so the role that restores owns the database and its schema.</remarks>
internal sealed class PostgresCopier : DatabaseCopier
{
    private const string CountTables = """
        SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
        """;

    private const string CountServers = """
        SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name IN ('laurel-writer', 'laurel-reader')
        """;

    private const string CountFormer = "SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'laurel_before_restore'";

    private const string SetAside = """
        ALTER SCHEMA public RENAME TO laurel_before_restore;
        CREATE SCHEMA public;
        GRANT USAGE ON SCHEMA public TO PUBLIC;
        """;

    private const string TakeBack = """
        DROP SCHEMA public CASCADE;
        ALTER SCHEMA laurel_before_restore RENAME TO public;
        """;

    private const string DropFormer = "DROP SCHEMA laurel_before_restore CASCADE";

    private readonly LaurelSettings _settings;
    private readonly NpgsqlConnectionStringBuilder _address;

    public PostgresCopier(LaurelSettings settings, string url)
    {
        _settings = settings;
        _address = ServerAddress.Postgres(url);
        _address.Pooling = false;
    }

    public override string Dialect => "postgres";

    public override string PartName => "postgres.dump";

    public override async Task<CopiedRows> CopyAsync(string file, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(_address, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await ExecuteAsync(connection, "SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);

        // pg_dump reads the very state that is counted here.
        var snapshot = await connection.QuerySingleAsync<string>(new CommandDefinition("SELECT pg_export_snapshot()", cancellationToken: cancellationToken));
        progress.Report(new BackupProgress("Counting rows", 0, 0));
        var counted = await CountAsync(connection, cancellationToken);
        progress.Report(new BackupProgress("Copying the database (pg_dump)", 0, 0));

        // Not compressed here, because the archive is.
        string[] arguments =
            ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-password", "--snapshot=" + snapshot, "--file=" + file];
        await Tool("pg_dump", _address, arguments).RunAsync(cancellationToken);
        progress.Report(new BackupProgress("Checking the copy", 0, 0));
        await ReadContentsAsync(file, cancellationToken);
        return counted;
    }

    public override async Task<string?> OccupantAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(_address, cancellationToken);
        var tables = await CountAsync(connection, CountTables, cancellationToken);
        return tables == 0 ? null : $"The database {_address.Database} holds {tables} tables.";
    }

    public override async Task<IDisposable?> KeepServersOutAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(_address, cancellationToken);
        var sessions = await CountAsync(connection, CountServers, cancellationToken);
        return sessions == 0
            ? null
            : throw new BackupException($"A Laurel server works on the database {_address.Database} ({sessions} sessions). Stop every node first.");
    }

    public override async Task<RestoredDatabase> RestoreAsync(string file, CancellationToken cancellationToken)
    {
        await ReadContentsAsync(file, cancellationToken);
        await using (var connection = await ConnectAsync(_address, cancellationToken))
        {
            if (await CountAsync(connection, CountFormer, cancellationToken) > 0)
            {
                throw new BackupException(
                    "A restore was broken off, and what was there before it is in the schema laurel_before_restore. Take it back "
                    + "(DROP SCHEMA public CASCADE; ALTER SCHEMA laurel_before_restore RENAME TO public) or drop it, and restore again.");
            }

            await ExecuteAsync(connection, SetAside, cancellationToken);
        }

        var restored = new InPlace(_settings, _address);
        try
        {
            await FillAsync(_address, file, cancellationToken);
            return restored;
        }
        catch
        {
            await restored.DisposeAsync();
            throw;
        }
    }

    public override async Task<RestoredDatabase> RestoreAsideAsync(string file, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"laurel_verify_{Environment.ProcessId}");
        await using (var connection = await ConnectAsync(_address, cancellationToken))
        {
            await ExecuteAsync(connection, "CREATE DATABASE " + name, cancellationToken);
        }

        var address = new NpgsqlConnectionStringBuilder(_address.ConnectionString) { Database = name };
        var restored = new Aside(_settings with { DatabaseUrl = address.ConnectionString }, _address, name);
        try
        {
            await FillAsync(address, file, cancellationToken);
            return restored;
        }
        catch
        {
            await restored.DisposeAsync();
            throw;
        }
    }

    public override async Task<CopiedRows> CountAsync(LaurelSettings restored, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(ServerAddress.Postgres(restored.DatabaseUrl!), cancellationToken);
        return await CountAsync(connection, cancellationToken);
    }

    /// <summary>Reads the dump's table of contents: a file that is cut short or none of pg_dump's fails here.</summary>
    private Task ReadContentsAsync(string file, CancellationToken cancellationToken) =>
        Tool("pg_restore", _address, ["--list", file]).RunAsync(cancellationToken);

    private static async Task FillAsync(NpgsqlConnectionStringBuilder address, string file, CancellationToken cancellationToken)
    {
        string[] arguments =
            ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password", "--dbname=" + address.Database, file];
        await Tool("pg_restore", address, arguments).RunAsync(cancellationToken);

        // A dump holds no statistics, and the verification that follows would be planned blindly.
        await using var connection = await ConnectAsync(address, cancellationToken);
        await ExecuteAsync(connection, "ANALYZE", cancellationToken);
    }

    private static DumpTool Tool(string name, NpgsqlConnectionStringBuilder address, IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["PGPORT"] = address.Port.ToString(CultureInfo.InvariantCulture),
            ["PGDATABASE"] = address.Database ?? "",
            ["PGAPPNAME"] = "laurel-" + name,
        };
        (string Name, string? Value)[] optional =
        [
            ("PGHOST", address.Host), ("PGUSER", address.Username), ("PGPASSWORD", address.Password),
            ("PGSSLMODE", ModeOf(address.SslMode)), ("PGSSLROOTCERT", address.RootCertificate),
        ];
        foreach (var (variable, value) in optional)
        {
            if (value is { Length: > 0 })
            {
                environment.Add(variable, value);
            }
        }

        return new DumpTool { Names = [name], Arguments = arguments, Environment = environment };
    }

    private static string ModeOf(SslMode mode) => mode switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Prefer => "prefer",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
    };

    private static async Task<NpgsqlConnection> ConnectAsync(NpgsqlConnectionStringBuilder address, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task<CopiedRows> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync<(string, long)>(new CommandDefinition(CountRows, commandTimeout: 0, cancellationToken: cancellationToken));
        return Gather(rows, exact: true);
    }

    private static Task<long> CountAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition(query, cancellationToken: cancellationToken));

    // A single word would pass for the name of a procedure.
    private static Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, commandType: CommandType.Text, cancellationToken: cancellationToken));

    /// <summary>A schema that was filled anew while the former one waits under another name.</summary>
    private sealed class InPlace(LaurelSettings settings, NpgsqlConnectionStringBuilder address) : RestoredDatabase(settings)
    {
        private bool _kept;

        public override async Task KeepAsync(CancellationToken cancellationToken)
        {
            await using var connection = await ConnectAsync(address, cancellationToken);
            await ExecuteAsync(connection, DropFormer, cancellationToken);
            _kept = true;
        }

        public override async ValueTask DisposeAsync()
        {
            if (!_kept)
            {
                await using var connection = await ConnectAsync(address, CancellationToken.None);
                await ExecuteAsync(connection, TakeBack, CancellationToken.None);
            }
        }
    }

    /// <summary>A database made only to be looked at.</summary>
    private sealed class Aside(LaurelSettings settings, NpgsqlConnectionStringBuilder address, string name) : RestoredDatabase(settings)
    {
        public override Task KeepAsync(CancellationToken cancellationToken) =>
            throw new Kernel.InvariantBrokenException("A database that is only looked at is not kept.");

        public override async ValueTask DisposeAsync()
        {
            await using var connection = await ConnectAsync(address, CancellationToken.None);
            await ExecuteAsync(connection, $"DROP DATABASE {name} WITH (FORCE)", CancellationToken.None);
        }
    }
}
