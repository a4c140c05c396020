using Laurel.Engine.Cache;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>One node's cache without Redis: who asks the store, and what is remembered.</summary>
public sealed class NodeCacheTests
{
    [Fact]
    public async Task AsksOnce_When_ManyAskAtTheSameTime()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var store = new TaskCompletionSource<Loaded<string>?>();

        var asking = Enumerable.Range(0, 100).Select(_ => scenario.AskAsync(7, () => store.Task)).ToList();
        store.SetResult(new Loaded<string>("a", 1, Instant.Never));

        (await Task.WhenAll(asking)).ShouldAllBe(answer => answer.Value == "a");
        scenario.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task AsksAgain_When_TheSharedQuestionFailed()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await Should.ThrowAsync<IOException>(async () => await scenario.AskAsync(7, () => throw new IOException("away")));

        (await scenario.FindAsync(7, "a")).ShouldBe("a");
        scenario.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task AnswersFromMemory_When_AskedAgain()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");

        (await scenario.FindAsync(7, "b")).ShouldBe("a");
        scenario.Cache.TryFind(scenario.Texts, CacheScenario.Tenant, 7, default, out var value).ShouldBeTrue();
        value.ShouldBe("a");
        scenario.Cache.TryFind(scenario.Texts, new TenantId(2), 7, default, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(269, "a")]
    [InlineData(301, "b")]
    public async Task ForgetsWithinTheJitter_When_TheLifetimeOfMemoryEnds(int seconds, string expected)
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");

        scenario.Clock.Advance(TimeSpan.FromSeconds(seconds));

        (await scenario.FindAsync(7, "b")).ShouldBe(expected);
    }

    [Fact]
    public async Task ForgetsToTheMicrosecond_When_TheAnswerItselfEnds()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var until = Instant.Now(scenario.Clock).Plus(TimeSpan.FromSeconds(10));
        await scenario.FindAsync(7, "a", validUntil: until);

        scenario.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMicroseconds(1));
        (await scenario.FindAsync(7, "b")).ShouldBe("a");
        scenario.Clock.Advance(TimeSpan.FromMicroseconds(1));
        (await scenario.FindAsync(7, "b")).ShouldBe("b");
    }

    [Fact]
    public async Task RemembersForAShortWhile_When_ThereIsNone()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        (await scenario.FindAsync(7, null)).ShouldBeNull();
        (await scenario.FindAsync(7, "a")).ShouldBeNull();

        scenario.Clock.Advance(TimeSpan.FromSeconds(5));

        (await scenario.FindAsync(7, "a")).ShouldBe("a");
    }

    [Fact]
    public async Task AnswersWhatWasCommitted_When_ItCanBeToldFromTheVersionBefore()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a", version: 3);

        scenario.Cache.Committed(scenario.Texts, CacheScenario.Tenant, 7, 4, known => new Loaded<string>(known + "b", 4, Instant.Never));

        (await scenario.FindAsync(7, "store")).ShouldBe("ab");
        scenario.Asked.ShouldBe(1);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(9)]
    public async Task AsksTheStore_When_AVersionBetweenIsNotKnown(long version)
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a", version: 3);

        scenario.Cache.Committed(scenario.Texts, CacheScenario.Tenant, 7, version, known => new Loaded<string>(known + "b", version, Instant.Never));

        (await scenario.FindAsync(7, "store", version)).ShouldBe("store");
    }

    [Fact]
    public async Task KeepsTheNewer_When_AnOlderCommitIsToldLate()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "new", version: 9);

        scenario.Cache.Committed(scenario.Texts, CacheScenario.Tenant, 7, 8, known => new Loaded<string>(known + " old", 8, Instant.Never));

        (await scenario.FindAsync(7, "store")).ShouldBe("new");
    }

    /// <summary>The classic race: a reader has read, a writer commits, the reader stores.</summary>
    [Fact]
    public async Task RemembersNothingOld_When_ACommitOvertakesARead()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        var store = new TaskCompletionSource<Loaded<string>?>();
        var reader = scenario.AskAsync(7, () => store.Task);

        scenario.Cache.Committed(scenario.Texts, CacheScenario.Tenant, 7, 2, null);
        var afterTheCommit = scenario.FindAsync(7, "new", version: 2);
        store.SetResult(new Loaded<string>("old", 1, Instant.Never));

        (await reader).Value.ShouldBe("old");
        (await afterTheCommit).ShouldBe("new");
        (await scenario.FindAsync(7, "store")).ShouldBe("new");
    }

    [Fact]
    public async Task AsksForThemselves_When_TheSharedAnswerIsOlderThanTheCallerKnows()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "old", version: 1);

        (await scenario.FindAsync(7, "new", version: 2, versionMin: 2)).ShouldBe("new");
        (await scenario.FindAsync(7, "newer", version: 3, versionMin: 2)).ShouldBe("new");
    }

    [Fact]
    public async Task ForgetsOneTenant_When_ToldTo()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");
        var question = new CacheQuestion(scenario.Primary, default);
        await scenario.Cache.FindAsync(scenario.Texts, new TenantId(2), 7, question, () => Task.FromResult<Loaded<string>?>(new("other", 1, Instant.Never)));

        await scenario.Cache.DropAsync(CacheScenario.Tenant);

        scenario.Cache.TryFind(scenario.Texts, CacheScenario.Tenant, 7, default, out _).ShouldBeFalse();
        scenario.Cache.TryFind(scenario.Texts, new TenantId(2), 7, default, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task GivesTheOldAnswerWithItsAge_When_TheStoreDoesNotAnswer()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");
        scenario.Clock.Advance(TimeSpan.FromMinutes(10));

        var answer = await scenario.AskAsync(7, () => throw new ReadUnavailableException("away", null));

        answer.ShouldBe(("a", TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public async Task FailsLikeTheStore_When_TheOldAnswerIsTooOldOrNotWanted()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");
        await scenario.FindAsync(8, "a");

        await Should.ThrowAsync<ReadUnavailableException>(async () => await scenario.AskAsync(8, () => throw new ReadUnavailableException("away", null), versionMin: 2));
        scenario.Clock.Advance(TimeSpan.FromMinutes(61));
        await Should.ThrowAsync<ReadUnavailableException>(async () => await scenario.AskAsync(7, () => throw new ReadUnavailableException("away", null)));
    }

    [Fact]
    public async Task HidesNoFault_When_TheStoreBreaksAnInvariant()
    {
        await using var scenario = await CacheScenario.AloneAsync();
        await scenario.FindAsync(7, "a");
        scenario.Clock.Advance(TimeSpan.FromMinutes(10));

        await Should.ThrowAsync<InvariantBrokenException>(async () => await scenario.AskAsync(7, () => throw new InvariantBrokenException("a fault")));
    }

    [Fact]
    public async Task AsksEachTime_When_ItIsNotKnownWhoElseWrites()
    {
        await using var scenario = CacheScenario.NotJoined();
        await scenario.FindAsync(7, "a");

        (await scenario.FindAsync(7, "b")).ShouldBe("b");
        scenario.Cache.UsesMemory.ShouldBeFalse();

        // What was read is a reserve all the same.
        (await scenario.AskAsync(7, () => throw new ReadUnavailableException("away", null))).Value.ShouldBe("b");
    }

    [Fact]
    public async Task AsksEachTime_When_SwitchedOff()
    {
        await using var scenario = await CacheScenario.AloneAsync(new CacheOptions { Enabled = false });
        await scenario.FindAsync(7, "a");

        (await scenario.FindAsync(7, "b")).ShouldBe("b");
    }
}
