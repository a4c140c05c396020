using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>Several servers on one database and nothing to tell each other by: memory is used only while one is alone.</summary>
public sealed class TwoNodesWithoutRedisTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task NeverReadWhatTheOtherHasOverwritten_When_OneJoins(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(20, i => first.NewMemberAsync($"m{i}", 100));
        await AtOnce.RunAsync(20, i => CacheOf.AvailableAsync(first, members[i]));
        await CacheOf.UntilAsync(() => CacheOf.UsesMemoryAsync(first), TimeSpan.FromSeconds(5));
        await AtOnce.RunAsync(20, i => CacheOf.AvailableAsync(first, members[i]));

        // The second node's very first writes: the first must not answer from before them, not once.
        var second = await LaurelServer.StartAsync(site, Cancellation);
        for (var round = 1; round <= 30; round++)
        {
            var member = members[round % 20];
            var (writer, reader) = round % 3 == 0 ? (first, second) : (second, first);
            var before = await CacheOf.AvailableAsync(reader, member);
            (await writer.EarnAsync(member, 1, $"e{round}")).Status.ShouldBe(200);
            (await CacheOf.AvailableAsync(reader, member)).ShouldBe(before + 1);
        }

        (await CacheOf.UsesMemoryAsync(first)).ShouldBeFalse();
        (await CacheOf.UsesMemoryAsync(second)).ShouldBeFalse();
        (await second.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        await second.DisposeAsync();
        await CacheOf.UntilAsync(() => CacheOf.UsesMemoryAsync(first), TimeSpan.FromSeconds(5));
        (await AtOnce.RunAsync(20, i => CacheOf.AvailableAsync(first, members[i]))).Sum().ShouldBe((20 * 100) + 30);
    }

    /// <summary>The database gone: an old answer, marked as such, is better than none.</summary>
    [Fact]
    public async Task GivesAnOldAnswerAndSaysSo_When_TheDatabaseIsGone()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m", 100);
        var before = await server.MemberAsync(member);
        await cluster.DropDatabaseAsync(DatabaseUnderTest.Postgres, site.DatabaseUrl!.AbsoluteUri, Cancellation);
        await CacheOf.UntilAsync(async () => !await CacheOf.UsesMemoryAsync(server), TimeSpan.FromSeconds(5));

        var stale = await server.SendForHeadersAsync($"/api/members/{member}");
        var unknown = await server.GetAsync("/api/members/1");

        stale.Body.ShouldBe(before.Text);
        stale.Warning.ShouldBe("110 - \"Response is Stale\"");
        stale.Age.ShouldNotBeNull();
        unknown.Outcome.ShouldBe("503 DATABASE_UNAVAILABLE");
        (await CacheOf.AnswersAsync(server, "stale")).ShouldBe(1);
    }
}
