using Laurel.Engine.Cache;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>Replicas fill the cache: nothing that they are behind with is remembered, and who names a version is shown it.</summary>
public sealed class CacheBeforeReplicasTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task RemembersWhatAReplicaTells_When_ItShowsAllThatWasHeardOf()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        scenario.Cache.Drop(scenario.Texts, CacheScenario.Tenant, 7);
        scenario.Clock.Advance(s_moment);

        (await scenario.FindAsync(7, "a", scenario.Replica(Now(scenario)))).ShouldBe("a");

        (await scenario.FindAsync(7, "b", scenario.Replica(Now(scenario)))).ShouldBe("a");
        scenario.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task RemembersNothing_When_TheReplicaIsBehindWhatWasHeardOf()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var before = Now(scenario);
        scenario.Clock.Advance(s_moment);
        scenario.Cache.Drop(scenario.Texts, CacheScenario.Tenant, 7);

        (await scenario.FindAsync(7, "old", scenario.Replica(before))).ShouldBe("old");

        (await scenario.FindAsync(7, "new", scenario.Primary)).ShouldBe("new");
        (await scenario.FindAsync(7, "newer", scenario.Primary)).ShouldBe("new");
    }

    [Fact]
    public async Task RemembersNothing_When_TheReplicaIsBehindTheTimeInWhichMemoryCouldNotBeTrusted()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var before = Now(scenario);
        scenario.Clock.Advance(s_moment);
        scenario.Cache.Forget(new IOException("something may have been lost"));

        (await scenario.FindAsync(7, "old", scenario.Replica(before))).ShouldBe("old");

        (await scenario.FindAsync(7, "new", scenario.Primary)).ShouldBe("new");
    }

    [Fact]
    public async Task AsksAReplicaThatIsNewEnough_When_AnOlderOneIsUnderWay()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var older = new TaskCompletionSource<Loaded<string>?>();
        var before = Now(scenario);
        scenario.Clock.Advance(s_moment);
        scenario.Cache.Drop(scenario.Texts, CacheScenario.Tenant, 7);
        var slow = scenario.AskAsync(7, new CacheQuestion(scenario.Replica(before), default), () => older.Task).AsTask();
        scenario.Clock.Advance(s_moment);

        var demand = new ReadDemand { Since = scenario.Cache.NewsOf(scenario.Texts, CacheScenario.Tenant, 7) };
        var fast = scenario.FindAsync(7, "new", scenario.Replica(Now(scenario)), demand);
        older.SetResult(new Loaded<string>("old", 1, Instant.Never));

        (await slow).Value.ShouldBe("old");
        (await fast).ShouldBe("new");
    }

    /// <summary>Another node may have committed it a moment ago, and its message may be on the way.</summary>
    [Fact]
    public async Task AsksForAVersion_When_ItWasFirstHeardOfAfterTheAnswerWasRead()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "before", scenario.Primary);
        scenario.Clock.Advance(s_moment);
        var demand = new ReadDemand { Version = 42 };

        (await scenario.FindAsync(7, "after", scenario.Primary, demand)).ShouldBe("after");

        // What was read since shows it to whoever names it again.
        scenario.Clock.Advance(s_moment);
        (await scenario.FindAsync(7, "later", scenario.Primary, demand)).ShouldBe("after");
        (await scenario.FindAsync(7, "later", scenario.Primary, new ReadDemand { Version = 43 })).ShouldBe("later");
    }

    [Fact]
    public async Task AnswersAVersionFromMemory_When_ThisNodeWroteIt()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a", version: 1);
        scenario.Clock.Advance(s_moment);
        var at = Now(scenario);
        scenario.Cache.Committed(scenario.Texts, CacheScenario.Tenant, 7, 2, known => new Loaded<string>(known + "b", 2, Instant.Never));
        scenario.Cache.Wrote(42, at);
        scenario.Clock.Advance(s_moment);

        (await scenario.FindAsync(7, "store", scenario.Primary, new ReadDemand { Version = 42 })).ShouldBe("ab");

        scenario.Cache.TryFind(scenario.Texts, CacheScenario.Tenant, 7, new ReadDemand { Version = 42 }, out _).ShouldBeTrue();
        scenario.Cache.TryFind(scenario.Texts, CacheScenario.Tenant, 7, new ReadDemand { Version = 44 }, out _).ShouldBeFalse();
        scenario.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task AsksThePrimary_When_TheVersionIsNoneOfOurs()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a", scenario.Primary);

        (await scenario.FindAsync(7, "b", scenario.Primary, new ReadDemand { PrimaryOnly = true })).ShouldBe("b");
    }

    [Fact]
    public void CountsAsHeardOfNow_When_AVersionWasForgotten()
    {
        var clock = new Platform.Access.ManualClock();
        var versions = new VersionsHeard(clock);
        var first = versions.SinceOf(0);
        clock.Advance(s_moment);
        versions.SinceOf(0).ShouldBe(first);

        for (var version = 1; version <= 20_000; version++)
        {
            versions.Wrote(version, 5);
        }

        versions.SinceOf(20_000).ShouldBe(5);
        versions.SinceOf(0).ShouldBe(clock.GetTimestamp());
    }

    private static long Now(CacheScenario scenario) => scenario.Clock.GetTimestamp();
}
