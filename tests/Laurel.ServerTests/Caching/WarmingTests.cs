using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>What a server remembers from the start, and what it does when it is told to remember nothing.</summary>
public sealed class WarmingTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersTheLastChangedFromMemory_When_ItHasJustStarted()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var members = await EnrolAsync(site, 10);
        site.Environment["LAUREL_CACHE_WARM_MEMBERS"] = "3";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await CacheOf.UntilAsync(async () => await CacheOf.AnswersAsync(server, "database") == 3, TimeSpan.FromSeconds(10));

        foreach (var member in members[^3..])
        {
            (await CacheOf.AvailableAsync(server, member)).ShouldBe(100);
        }

        (await CacheOf.AnswersAsync(server, "memory")).ShouldBe(3);
        (await CacheOf.AnswersAsync(server, "database")).ShouldBe(3);
        await CacheOf.AvailableAsync(server, members[0]);
        (await CacheOf.AnswersAsync(server, "database")).ShouldBe(4);
    }

    [Fact]
    public async Task RemembersNothing_When_TheCacheIsOff()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_CACHE"] = "off";
        var members = await EnrolAsync(site, 1);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        await CacheOf.AvailableAsync(server, members[0]);
        (await CacheOf.AvailableAsync(server, members[0])).ShouldBe(100);

        (await CacheOf.AnswersAsync(server, "memory")).ShouldBe(0);
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"disabled\"");
    }

    private static async Task<string[]> EnrolAsync(LaurelSite site, int count)
    {
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = new string[count];
        for (var i = 0; i < count; i++)
        {
            members[i] = await server.NewMemberAsync($"m{i}", 100);
        }

        return members;
    }
}
