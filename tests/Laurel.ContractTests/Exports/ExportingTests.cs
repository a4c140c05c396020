using System.Diagnostics;
using System.Globalization;
using Laurel.ContractTests.Verification;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Exports;

/// <summary>What leaves the database says what is in it, in forms that other programs read.</summary>
public sealed class ExportingTests(SmallDatabase database) : IClassFixture<SmallDatabase>
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"")]
    [InlineData("＝1+1", "'＝1+1")]
    [InlineData("＠x", "'＠x")]
    [InlineData("a=b", "a=b")]
    [InlineData("会员", "会员")]
    [Trait("Attack", "E7")]
    public void TextIsNeutralAndQuoted_When_ItIsAField(string text, string field) => CsvField.OfText(text).ShouldBe(field);

    [Fact]
    public async Task EveryMemberIsListed_When_NoTimeHasPassed()
    {
        var lines = await MembersAsync("2025-01-01T04:00:00Z");

        lines[0].ShouldBe("external_id,available,lifetime,growth,level,member_code,member_id,pending,held,debt,balance");
        lines.Length.ShouldBe(6);
        lines.Skip(1).ShouldAllBe(line => line.Contains(",100,100,0,bronze,M20250101", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("'=dora,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheFiguresAreThoseOfTheInstant_When_ItLiesInThePast()
    {
        var before = await MembersAsync("2024-12-31T00:00:00Z");
        var indebted = await MembersAsync("2025-08-02T12:00:00Z");

        before.Skip(1).ShouldAllBe(line => line.Contains(",0,0,0,bronze,", StringComparison.Ordinal));
        var bo = indebted.Single(line => line.StartsWith("bo,", StringComparison.Ordinal)).Split(',');

        // 100 + 1,000 + 200 were earned and spent whole; then the order and its bonus were taken back.
        bo[1].ShouldBe("-1200");
        bo[2].ShouldBe("100");
        bo[9].ShouldBe("1200");
    }

    [Fact]
    public async Task HledgerAgreesOnEveryBalance_When_ItReadsTheJournal()
    {
        RequireHledger();
        var file = Path.Combine(database.Settings.DataFolder, "ledger.journal");
        await WriteJournalAsync(file);

        var balances = await HledgerAsync("-f", file, "bal", "members", "--flat", "-E", "-O", "csv");

        (await HledgerAsync("-f", file, "check", "--strict")).ShouldBeEmpty();
        foreach (var (account, balance) in await StoredAsync())
        {
            balances.ShouldContain($"\"{account}\",\"{balance}\"", customMessage: balances);
        }

        balances.ShouldContain("\"total\",");
        (await HledgerAsync("-f", file, "bal", "-O", "csv")).Split('\n').ShouldContain(line => line.StartsWith("\"total\",\"0", StringComparison.Ordinal));
        (await HledgerAsync("-f", file, "bal", "transfer", "--flat", "-E", "-O", "csv")).ShouldContain("\"transfer\",\"0\"");
    }

    [Fact]
    public async Task HledgerRefusesTheJournal_When_AStoredBalanceIsNotTheSum()
    {
        RequireHledger();
        var settings = database.Copy();
        await SmallDatabase.SpoilAsync(settings, "UPDATE members SET points = points + 1 WHERE external_id = 'anna'");
        var file = Path.Combine(settings.DataFolder, "ledger.journal");
        await using (var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, CancellationToken))
        await using (var writer = new StreamWriter(file))
        {
            await new Journal(node.Database, node.Programmes).WriteAsync(LaurelNode.DefaultTenant, writer, null, CancellationToken);
        }

        var (exitCode, _, error) = await RunAsync("-f", file, "check");

        exitCode.ShouldNotBe(0);
        error.ShouldContain("assertion");
    }

    private async Task<string[]> MembersAsync(string at)
    {
        await using var node = await LaurelNode.OpenToReadAsync(database.Settings, TimeProvider.System, CancellationToken);
        await using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var csv = new MembersCsv(new BalancesAsOf(node.Database, node.Programmes));
        var instant = Instant.From(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));
        var written = await csv.WriteAsync(LaurelNode.DefaultTenant, instant, writer, null, CancellationToken);
        written.ShouldBe(5);
        writer.ToString().ShouldEndWith("\r\n");
        return writer.ToString().TrimEnd().Split("\r\n");
    }

    private async Task WriteJournalAsync(string file)
    {
        await using var node = await LaurelNode.OpenToReadAsync(database.Settings, TimeProvider.System, CancellationToken);
        await using var writer = new StreamWriter(file);
        var written = await new Journal(node.Database, node.Programmes).WriteAsync(LaurelNode.DefaultTenant, writer, null, CancellationToken);
        written.ShouldBeGreaterThan(20);
    }

    /// <summary>Accounts and balances as hledger writes them.</summary>
    private async Task<List<(string Account, string Balance)>> StoredAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={database.Settings.SqliteFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT member_code, points, growth, balance FROM members";
        await using var reader = await command.ExecuteReaderAsync(CancellationToken);
        var stored = new List<(string, string)>();
        while (await reader.ReadAsync(CancellationToken))
        {
            stored.Add(($"members:{reader.GetString(0)}:points", BalanceOf(reader.GetInt64(1), "points")));
            stored.Add(($"members:{reader.GetString(0)}:growth", BalanceOf(reader.GetInt64(2), "growth")));
            stored.Add(($"members:{reader.GetString(0)}:balance", BalanceOf(reader.GetInt64(3), "balance")));
        }

        stored.Count.ShouldBe(15);
        return stored;
    }

    private static string BalanceOf(long amount, string unit) => amount == 0 ? "0" : $"{amount} {unit}";

    internal static void RequireHledger()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "hledger")));
        var required = Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1";
        Assert.SkipWhen(!found && !required, "hledger is not installed (Debian package hledger).");
        found.ShouldBeTrue("LAUREL_REQUIRE_SERVERS=1 asks for hledger (Debian package hledger).");
    }

    internal static async Task<string> HledgerAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);
        exitCode.ShouldBe(0, error);
        return output;
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("hledger", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // In the C locale hledger cannot read what is not ASCII.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
        var error = process.StandardError.ReadToEndAsync(CancellationToken);
        await process.WaitForExitAsync(CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
