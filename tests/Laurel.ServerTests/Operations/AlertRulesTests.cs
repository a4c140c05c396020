using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>The alert rules, judged by Prometheus' own tool.</summary>
public sealed class AlertRulesTests
{
    private const string Rules = "ops/prometheus/laurel-alerts.yml";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FireAsTheirTestsSay_When_PromtoolPlaysThem()
    {
        var outcome = await Promtool.RunAsync(Cancellation, "test", "rules", "ops/prometheus/tests/laurel-alerts.test.yml");

        (outcome.Output + outcome.Errors).ShouldContain("SUCCESS");
        outcome.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task AreAllOfTheSeeds_When_TheFileIsRead()
    {
        var outcome = await Promtool.RunAsync(Cancellation, "check", "rules", Rules);
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, Rules), Cancellation);

        outcome.ExitCode.ShouldBe(0);
        outcome.Output.ShouldContain($"{text.Split("- alert: ").Length - 1} rules found");
        foreach (var (alert, threshold) in new[]
        {
            ("MemberAPIHighLatency", "> 0.5"), ("MemberCacheLowHitRate", "< 0.8"), ("MemberPointsCalculationError", "> 10"),
            ("HighResponseTime", "> 2"), ("HighErrorRate", "> 0.1"), ("DatabaseConnectionFailed", "== 0"),
        })
        {
            var rule = text[text.IndexOf($"alert: {alert}\n", StringComparison.Ordinal)..];
            rule[..rule.IndexOf("for:", StringComparison.Ordinal)].ShouldContain(threshold);
        }
    }
}
