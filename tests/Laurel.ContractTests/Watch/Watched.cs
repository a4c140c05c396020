using System.Collections.Immutable;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>Rules that look at everything and stop nothing, for random histories.</summary>
internal static class Watched
{
    public static ImmutableArray<WatchRule> All { get; } =
    [
        .. from trigger in Enum.GetValues<WatchTrigger>()
           from unit in Enum.GetValues<WatchUnit>()
           from measure in (WatchMeasure[])[WatchMeasure.Count, WatchMeasure.Sum]
           select Flag($"{trigger}_{unit}_{measure}", trigger, measure, unit, length: 1 + (int)unit, threshold: measure == WatchMeasure.Count ? 2 : 500),
        Flag("ratio_days", WatchTrigger.Earn, WatchMeasure.Ratio, WatchUnit.Day, 2, 15_000) with { EarlierWindows = 10, EarlierWindowsMin = 2, SumMin = 50 },
        Flag("ratio_months", WatchTrigger.Spend, WatchMeasure.Ratio, WatchUnit.Month, 1, 12_000) with { EarlierWindows = 3 },
        Flag("orders_alone", WatchTrigger.Earn, WatchMeasure.Count, WatchUnit.Month, 2, 3) with { EntryRule = "order" },
    ];

    /// <summary>The hits of every rule are those that a replay finds, and there are some of most.</summary>
    public static async Task CompareAsync(LaurelNode node)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var programme = await new ProgrammeStore(node.Database, node.Programmes, TimeProvider.System).ReadAsync(LaurelNode.DefaultTenant, cancellationToken);
        var history = new WatchHistory(node.Database, LaurelNode.DefaultTenant, programme);
        var hit = 0;
        foreach (var rule in programme.Watch)
        {
            var replayed = await history.ReplayAsync(rule, Instant.Earliest, Instant.Never, null, cancellationToken);
            await using var session = await node.Database.OpenReaderAsync(Reach.Everything, cancellationToken);
            var noted = await session.Connection.QuerySingleAsync<(long Hits, long Members)>(
                "SELECT CAST(COALESCE(SUM(hits), 0) AS DECIMAL(18)), COUNT(*) FROM watch_cases WHERE rule_code = @Code", new { rule.Code });
            (replayed.Hits, replayed.MembersHit).ShouldBe((noted.Hits, noted.Members), rule.Code);
            hit += replayed.Hits > 0 ? 1 : 0;
        }

        hit.ShouldBeGreaterThan(programme.Watch.Length / 2);
    }

    private static WatchRule Flag(string code, WatchTrigger trigger, WatchMeasure measure, WatchUnit unit, int length, long threshold) => new()
    {
        Code = code.ToLowerInvariant(),
        NameEnglish = code,
        NameChinese = code,
        Trigger = trigger,
        Measure = measure,
        Window = new WatchWindow { Unit = unit, Length = length },
        Threshold = threshold,
        Action = WatchAction.Flag,
    };
}
