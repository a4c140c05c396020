using System.Text;
using CsvHelper;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Laurel.ServerTests.Importing;

/// <summary>What a run of the command line left behind.</summary>
public sealed record ImportRun(int ExitCode, string Output, string Errors)
{
    /// <summary>A figure of the summary.</summary>
    public long this[string name]
    {
        get
        {
            var line = Output.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
            return long.Parse(line[name.Length..], System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>A line of the report of rejected rows.</summary>
public sealed record ReportedRow(int Row, string Column, string Code, string Message, string Value);

/// <summary>A folder of its own with a file to import and the data it goes to; the verb runs as its own process.</summary>
public sealed class ImportFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-import-").FullName;

    public string DataFolder => Path.Combine(_folder, "data");

    public string File => Path.Combine(_folder, "orders.csv");

    public string ErrorFile => File + ".errors.csv";

    public void Write(params string[] lines) => Write(Encoding.UTF8, lines);

    public void Write(Encoding encoding, params string[] lines) =>
        System.IO.File.WriteAllBytes(File, encoding.GetBytes(string.Join('\n', lines) + "\n"));

    public void Write(byte[] bytes) => System.IO.File.WriteAllBytes(File, bytes);

    /// <summary>Runs <c>import orders</c> on the file to its end.</summary>
    public async Task<ImportRun> ImportAsync(CancellationToken cancellationToken, params string[] more)
    {
        await using var process = Start(more);
        var outcome = await process.WaitAsync(cancellationToken);
        return new ImportRun(outcome.ExitCode, outcome.Output, outcome.Errors);
    }

    /// <summary>Runs <c>import levels</c> on the file to its end.</summary>
    public async Task<ImportRun> ImportLevelsAsync(CancellationToken cancellationToken, params string[] more)
    {
        await using var process = StartLevels(more);
        var outcome = await process.WaitAsync(cancellationToken);
        return new ImportRun(outcome.ExitCode, outcome.Output, outcome.Errors);
    }

    public ChildProcess StartLevels(params string[] more) => ChildProcess.Start(new ChildProgram
    {
        File = "dotnet",
        Arguments = [LaurelSite.ServerAssembly, "import", "levels", File, "--data", DataFolder, .. more],
    });

    /// <summary>How the levels came about, by member and in order: <c>anna bronze silver 2024-03-01T00:00:00Z spring</c>.</summary>
    public async Task<IReadOnlyList<string>> ReadLevelsAsync(CancellationToken cancellationToken)
    {
        await using var node = await OpenAsync(cancellationToken);
        await using var session = await node.Database.OpenReaderAsync(Reach.Everything, cancellationToken);
        var rows = await session.Connection.QueryAsync<(string Who, string From, string To, long At, string Reason)>(
            """
            SELECT m.external_id, c.from_code, c.to_code, c.occurred_at, c.reason FROM level_changes c JOIN members m ON m.id = c.member_id
            WHERE c.from_code IS NOT NULL ORDER BY m.external_id, c.id
            """);
        return [.. rows.Select(row => $"{row.Who} {row.From} {row.To} {new Instant(row.At)} {row.Reason}")];
    }

    /// <summary>Makes a database with a programme of its own before anything is imported.</summary>
    public async Task ChangeAsync(Func<Programme, Programme> change, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenAsync(Settings, "test", TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        var command = new ChangeProgramme(LaurelNode.DefaultTenant, programme => new ProgrammeEdit.To(change(programme)), node.Books.Programmes) { ChangedBy = "test" };
        await node.Lanes.SubmitAsync(command, cancellationToken);
    }

    /// <summary>The changes of level committed so far; 0 while there is no database yet.</summary>
    public Task<long> CountLevelChangesAsync(CancellationToken cancellationToken) =>
        CountAsync("SELECT COUNT(*) FROM level_changes WHERE from_code IS NOT NULL", cancellationToken);

    /// <summary>Every invariant that does not hold.</summary>
    public async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        await using var node = await OpenAsync(cancellationToken);
        var report = await new Laurel.Membership.Verification.Verifier(node.Database).RunAsync(null, cancellationToken);
        return [.. report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => $"{invariant.Code} {offence}"))];
    }

    public ChildProcess Start(params string[] more)
    {
        string[] currency = more.Contains("--currency") ? [] : ["--currency", "CNY"];
        return ChildProcess.Start(new ChildProgram
        {
            File = "dotnet",
            Arguments = [LaurelSite.ServerAssembly, "import", "orders", File, "--data", DataFolder, .. currency, .. more],
        });
    }

    /// <summary>The figures of every member by external id.</summary>
    public async Task<IReadOnlyDictionary<string, BalanceAsOf>> ReadBalancesAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var node = await OpenAsync(cancellationToken);
        var balances = new Dictionary<string, BalanceAsOf>(StringComparer.Ordinal);
        await foreach (var balance in new BalancesAsOf(node.Database, node.Programmes)
            .ReadAllAsync(LaurelNode.DefaultTenant, Instant.From(at), cancellationToken))
        {
            balances.Add(balance.ExternalId, balance);
        }

        return balances;
    }

    /// <summary>The orders committed so far; 0 while there is no database yet.</summary>
    public Task<long> CountOrdersAsync(CancellationToken cancellationToken) => CountAsync("SELECT COUNT(*) FROM orders", cancellationToken);

    private async Task<long> CountAsync(string query, CancellationToken cancellationToken)
    {
        // Not a node: while the other process starts there may be a file and nothing in it.
        await using var database = new SqliteDatabase(Path.Combine(DataFolder, "laurel.db"), readOnly: true);
        try
        {
            await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
            return await session.Connection.ExecuteScalarAsync<long>(
                new CommandDefinition(query, cancellationToken: cancellationToken));
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    /// <summary>The report of the last run; empty when there is none.</summary>
    public IReadOnlyList<ReportedRow> ReadReport()
    {
        if (!System.IO.File.Exists(ErrorFile))
        {
            return [];
        }

        using var reader = CsvReader.FromFile(ErrorFile, CsvReaderOptions.Default with { Separator = ',' }, FileOptions.None);
        var rows = new List<ReportedRow>();
        while (reader.Read())
        {
            rows.Add(new ReportedRow(
                reader.Parse<int>("row"),
                reader.GetString("column"),
                reader.GetString("code"),
                reader.GetString("message"),
                reader.GetString("value")));
        }

        return rows;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private LaurelSettings Settings
    {
        get
        {
            var (settings, mistakes) = LaurelSettings.Read(DataFolder, null);
            return settings is null
                ? throw new InvalidOperationException(string.Join(' ', mistakes))
                : settings with { Database = DatabaseKind.Sqlite, DatabaseUrl = null };
        }
    }

    private Task<LaurelNode> OpenAsync(CancellationToken cancellationToken) => LaurelNode.OpenToReadAsync(Settings, TimeProvider.System, cancellationToken);
}
