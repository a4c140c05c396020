using System.Globalization;
using System.Text;
using Laurel.Engine.Sql;
using Laurel.Server.Hosting;
using MySql.Data.MySqlClient;

namespace Laurel.Server.Backups;

/// <summary>Copies a MySQL or MariaDB database with the server's own client programs.</summary>
/// <remarks>The programs commit table by table while they restore, so a restore is taken back by emptying the database: it must
/// be empty before, and another one than the one in use.</remarks>
internal sealed class MySqlCopier : DatabaseCopier
{
    private const string EndOfDump = "-- Dump completed";
    private const string CountTables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";

    private const string ListTables = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()";

    private static readonly string[] s_client = ["mariadb", "mysql"];
    private static readonly string[] s_dump = ["mariadb-dump", "mysqldump"];

    private readonly LaurelSettings _settings;
    private readonly MySqlConnectionStringBuilder _address;

    public MySqlCopier(LaurelSettings settings, string url) => (_settings, _address) = (settings, ServerAddress.MySql(url));

    public override string Dialect => "mysql";

    public override string PartName => "mysql.sql";

    private string Database => _address.Database;

    public override async Task<CopiedRows> CopyAsync(string file, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new BackupProgress("Counting rows", 0, 0));
        var counted = await CountAsync(_settings, cancellationToken);
        progress.Report(new BackupProgress("Copying the database (mysqldump)", 0, 0));

        // One transaction reads one state while the server goes on writing; binary columns as hexadecimal survive any client.
        string[] arguments =
            ["--single-transaction", "--quick", "--hex-blob", "--routines", "--triggers", "--default-character-set=utf8mb4", "--result-file=" + file, Database];
        await RunAsync(s_dump, arguments, null, cancellationToken);
        progress.Report(new BackupProgress("Checking the copy", 0, 0));
        RequireWhole(file);
        return counted;
    }

    public override async Task<string?> OccupantAsync(CancellationToken cancellationToken)
    {
        var tables = await QueryAsync(Database, CountTables, cancellationToken);
        return tables.Trim() == "0" ? null : $"The database {Database} holds {tables.Trim()} tables.";
    }

    public override async Task<IDisposable?> KeepServersOutAsync(CancellationToken cancellationToken) =>
        await OccupantAsync(cancellationToken) is { } occupant
            ? throw new BackupException(occupant + " On MySQL and MariaDB a restore goes into an empty database: create one and name it in DATABASE_URL.")
            : null;

    public override Task<RestoredDatabase> RestoreAsync(string file, CancellationToken cancellationToken) =>
        FillAsync(new Filled(this, Database, ownDatabase: false, _settings), file, cancellationToken);

    public override async Task<RestoredDatabase> RestoreAsideAsync(string file, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"laurel_verify_{Environment.ProcessId}");
        await QueryAsync("", $"CREATE DATABASE `{name}` CHARACTER SET utf8mb4", cancellationToken);
        var settings = _settings with { DatabaseUrl = new MySqlConnectionStringBuilder(_address.ConnectionString) { Database = name }.ConnectionString };
        return await FillAsync(new Filled(this, name, ownDatabase: true, settings), file, cancellationToken);
    }

    public override async Task<CopiedRows> CountAsync(LaurelSettings restored, CancellationToken cancellationToken)
    {
        var name = ServerAddress.MySql(restored.DatabaseUrl!).Database;
        var answer = await QueryAsync(name, CountRows, cancellationToken);
        var rows = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'));
        return Gather(rows.Select(row => (row[0], long.Parse(row[1], CultureInfo.InvariantCulture))), exact: false);
    }

    private async Task<RestoredDatabase> FillAsync(Filled restored, string file, CancellationToken cancellationToken)
    {
        try
        {
            RequireWhole(file);
            await RunAsync(s_client, ["--default-character-set=utf8mb4", "--binary-mode", restored.Name], file, cancellationToken);
            return restored;
        }
        catch
        {
            await restored.DisposeAsync();
            throw;
        }
    }

    private async Task EmptyAsync(string database)
    {
        var tables = (await QueryAsync(database, ListTables, CancellationToken.None)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (tables.Length > 0)
        {
            var names = string.Join(", ", tables.Select(table => $"`{table}`"));
            await QueryAsync(database, $"SET FOREIGN_KEY_CHECKS = 0; DROP TABLE {names}", CancellationToken.None);
        }
    }

    private Task<string> QueryAsync(string database, string query, CancellationToken cancellationToken) =>
        RunAsync(s_client, ["--batch", "--skip-column-names", "--execute=" + query, database], null, cancellationToken);

    /// <summary>Runs a client program; who it is goes into a file that only its owner reads, and that lives as long.</summary>
    private async Task<string> RunAsync(IReadOnlyList<string> names, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("laurel-mysql-").FullName;
        try
        {
            var options = Path.Combine(folder, "client.cnf");
            await File.WriteAllTextAsync(options, Options(), cancellationToken);
            return await new DumpTool
            {
                Names = names,
                Arguments = ["--defaults-extra-file=" + options, .. arguments.Where(argument => argument.Length > 0)],
                InputFile = input,
            }.RunAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Options()
    {
        var options = new StringBuilder("[client]\nprotocol=tcp\n");
        options.Append(CultureInfo.InvariantCulture, $"host={_address.Server}\nport={_address.Port}\nuser={Quote(_address.UserID)}\n");
        if (_address.Password is { Length: > 0 } password)
        {
            options.Append(CultureInfo.InvariantCulture, $"password={Quote(password)}\n");
        }

        // The programs of MySQL and of MariaDB name their options differently; loose- passes over what one of them does not know.
        options.Append(_address.SslMode switch
        {
            MySqlSslMode.None => "loose-ssl-mode=DISABLED\nloose-skip-ssl\n",
            MySqlSslMode.Preferred => "",
            MySqlSslMode.Required => "loose-ssl-mode=REQUIRED\nloose-ssl\n",
            MySqlSslMode.VerifyCA => "loose-ssl-mode=VERIFY_CA\nloose-ssl-verify-server-cert\n",
            MySqlSslMode.VerifyFull => "loose-ssl-mode=VERIFY_IDENTITY\nloose-ssl-verify-server-cert\n",
        });
        return options.ToString();
    }

    // https://dev.mysql.com/doc/refman/8.4/en/option-files.html: a value may be quoted, and \ and " are escaped in it.
    private static string Quote(string value) => "\"" + value.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    /// <summary>The programs end a dump with a line of its own; one that is cut short lacks it.</summary>
    private static void RequireWhole(string file)
    {
        using var stream = File.OpenRead(file);
        stream.Seek(-Math.Min(stream.Length, 256), SeekOrigin.End);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        if (!reader.ReadToEnd().Contains(EndOfDump, StringComparison.Ordinal))
        {
            throw new BackupException("The dump is cut short: it does not end with the line that its program writes last.");
        }
    }

    /// <param name="ownDatabase">Whether the database was made for this and goes with it; otherwise it is emptied again.</param>
    private sealed class Filled(MySqlCopier owner, string name, bool ownDatabase, LaurelSettings settings) : RestoredDatabase(settings)
    {
        private bool _kept;

        public string Name { get; } = name;

        public override Task KeepAsync(CancellationToken cancellationToken)
        {
            _kept = true;
            return Task.CompletedTask;
        }

        public override async ValueTask DisposeAsync()
        {
            if (ownDatabase)
            {
                await owner.QueryAsync("", $"DROP DATABASE `{Name}`", CancellationToken.None);
            }
            else if (!_kept)
            {
                await owner.EmptyAsync(Name);
            }
        }
    }
}
