using System.Text.Json;
using Laurel.Chaos.History;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Oracles;

/// <summary>hledger reads the exported journal and must come to the same balances.</summary>
internal static class Hledger
{
    private const string Missing = "hledger is not here";

    public static async Task AgreesAsync(LaurelSite site, Shop shop, IReadOnlyList<string> members, CancellationToken cancellationToken)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "hledger"))))
        {
            Assert.False(Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1", Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
            return;
        }

        var journal = Path.Combine(site.DataFolder, "chaos.journal");
        var export = await site.RunVerbAsync(cancellationToken, "export", "journal", journal);
        export.ExitCode.ShouldBe(0, export.Output + export.Errors);
        (await RunAsync(cancellationToken, "-f", journal, "check", "--strict")).ShouldBeEmpty();
        var balances = await RunAsync(cancellationToken, "-f", journal, "bal", "members", "--flat", "-E", "-O", "csv");
        foreach (var member in members)
        {
            var answer = await shop.GetAsync($"/api/members/{member}", cancellationToken);
            balances.ShouldContain($"\"members:{answer.GetProperty("memberCode").GetString()}:points\",\"{BalanceOf(answer)} points\"");
        }

        var transfers = await RunAsync(cancellationToken, "-f", journal, "bal", "transfer", "--flat", "-E", "-O", "csv");
        transfers.Split('\n').Where(line => line.StartsWith("\"transfer", StringComparison.Ordinal)).ShouldAllBe(line => line.Trim() == "\"transfer\",\"0\"");
    }

    /// <summary>The runs hold nothing, so what is available is the balance.</summary>
    private static long BalanceOf(JsonElement member)
    {
        var points = member.GetProperty("points");
        return points.GetProperty("available").GetInt64() + points.GetProperty("held").GetInt64() + points.GetProperty("pending").GetInt64();
    }

    private static async Task<string> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" };
        var outcome = await ChildProcess.RunAsync(new ChildProgram { File = "hledger", Arguments = arguments, Environment = environment }, cancellationToken);
        outcome.ExitCode.ShouldBe(0, outcome.Output + outcome.Errors);
        return outcome.Output;
    }
}
