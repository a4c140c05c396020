using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>Two servers on one PostgreSQL that tell each other through Redis what they commit (docs/adr/0033).</summary>
[Collection(nameof(Alone))]
public sealed class TwoNodesWithRedisTests(DatabaseServers cluster, ITestOutputHelper output) : IAsyncDisposable
{
    /// <summary>What a message may take on a loaded machine.</summary>
    private static readonly TimeSpan s_messageMax = TimeSpan.FromSeconds(1);

    /// <summary>From the loss of a link until nobody answers from memory any more: a look, and how long it holds.</summary>
    private static readonly TimeSpan s_noticedWithin = TimeSpan.FromSeconds(3);

    private RedisServer? _redis;
    private TcpProxy? _firstWay;
    private TcpProxy? _secondWay;
    private LaurelSite? _site;
    private LaurelServer? _first;
    private LaurelServer? _second;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LaurelServer First => _first!;

    private LaurelServer Second => _second!;

    [Fact]
    public async Task SeeEachOthersWrites_When_BothHaveThemInMemory()
    {
        await StartAsync();
        var member = await First.NewMemberAsync("m", 100);
        var times = new List<TimeSpan>();
        for (var round = 1; round <= 50; round++)
        {
            var (writer, reader) = round % 2 == 0 ? (First, Second) : (Second, First);
            await CacheOf.AvailableAsync(reader, member);
            (await writer.EarnAsync(member, 1, $"e{round}")).Status.ShouldBe(200);

            (await CacheOf.AvailableAsync(writer, member)).ShouldBe(100 + round);
            times.Add(await CacheOf.UntilAsync(async () => await CacheOf.AvailableAsync(reader, member) == 100 + round, s_messageMax));
        }

        output.WriteLine($"seen by the other after {times.Order().ElementAt(25)}, at the latest {times.Max()}");
        for (var i = 0; i < 100; i++)
        {
            await CacheOf.AvailableAsync(First, member);
        }

        (await CacheOf.AnswersAsync(First, "memory")).ShouldBeGreaterThan(90);
    }

    [Fact]
    public async Task ForgetsItsMemory_When_ItsSubscriptionFallsSilent()
    {
        await StartAsync();
        var member = await First.NewMemberAsync("m", 100);
        await CacheOf.AvailableAsync(Second, member);

        _secondWay!.Holds = true;
        await CacheOf.UntilAsync(async () => !await CacheOf.UsesMemoryAsync(Second), s_noticedWithin);
        (await First.EarnAsync(member, 1, "e")).Status.ShouldBe(200);

        (await CacheOf.AvailableAsync(Second, member)).ShouldBe(101);
        _secondWay.Holds = false;
        await CacheOf.UntilAsync(() => CacheOf.UsesMemoryAsync(Second), TimeSpan.FromSeconds(20));
        (await CacheOf.AvailableAsync(Second, member)).ShouldBe(101);
    }

    [Fact]
    public async Task ForgetsItsMemory_When_TheOtherCannotTell()
    {
        await StartAsync();
        var member = await First.NewMemberAsync("m", 100);
        await CacheOf.AvailableAsync(Second, member);

        _firstWay!.Holds = true;
        (await First.EarnAsync(member, 1, "e1")).Status.ShouldBe(200);
        // A second node that was slow to look asks the database as well, and goes back to its memory as long as the first has not noticed.
        var noticed = await CacheOf.UntilAsync(
            async () => await CacheOf.AvailableAsync(Second, member) == 101
                && !await CacheOf.UsesMemoryAsync(First) && !await CacheOf.UsesMemoryAsync(Second),
            s_noticedWithin);
        output.WriteLine($"noticed after {noticed}");

        for (var round = 2; round <= 20; round++)
        {
            (await First.EarnAsync(member, 1, $"e{round}")).Status.ShouldBe(200);
            (await CacheOf.AvailableAsync(Second, member)).ShouldBe(100 + round);
        }

        _firstWay.Cut();
        _firstWay.Holds = false;
        await CacheOf.UntilAsync(async () => await CacheOf.UsesMemoryAsync(First) && await CacheOf.UsesMemoryAsync(Second), TimeSpan.FromSeconds(30));
        (await CacheOf.AvailableAsync(First, member)).ShouldBe(120);
        (await CacheOf.AvailableAsync(Second, member)).ShouldBe(120);
    }

    /// <summary>C1 with two nodes: without Redis there is no memory either, and every read is right at once.</summary>
    [Fact]
    public async Task C1_ReadEveryWriteAtOnce_When_RedisIsGone()
    {
        await StartAsync();
        var member = await First.NewMemberAsync("m", 100);
        await _redis!.KillAsync(Cancellation);
        await CacheOf.UntilAsync(async () => !await CacheOf.UsesMemoryAsync(First) && !await CacheOf.UsesMemoryAsync(Second), s_noticedWithin);

        for (var round = 1; round <= 50; round++)
        {
            var (writer, reader) = round % 2 == 0 ? (First, Second) : (Second, First);
            (await writer.EarnAsync(member, 1, $"e{round}")).Status.ShouldBe(200);
            (await CacheOf.AvailableAsync(reader, member)).ShouldBe(100 + round);
        }

        await _redis.RunAsync(Cancellation);
        await CacheOf.UntilAsync(async () => await CacheOf.UsesMemoryAsync(First) && await CacheOf.UsesMemoryAsync(Second), TimeSpan.FromSeconds(30));
        (await CacheOf.AvailableAsync(First, member)).ShouldBe(150);
        await _site!.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task ForgetMembersOnBoth_When_OneIsAskedTo()
    {
        await StartAsync();
        var member = await First.NewMemberAsync("m", 100);
        await CacheOf.AvailableAsync(Second, member);
        await using (var connection = await PostgresCluster.ConnectAsync(_site!.DatabaseUrl!, Cancellation))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "UPDATE members SET nickname = 'by other means'";
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        (await Second.MemberAsync(member)).TextOf("nickname").ShouldBeNull();
        (await First.PostAsync("/api/cache/clear", new { members = new[] { new { memberId = member } } })).Status.ShouldBe(204);

        await CacheOf.UntilAsync(async () => (await Second.MemberAsync(member)).TextOf("nickname") == "by other means", s_messageMax);
        (await First.PostAsync("/api/cache/clear", new { })).Status.ShouldBe(204);
        (await First.PostAsync("/api/cache/clear", new { members = new[] { new { memberId = "x" } } })).Status.ShouldBe(400);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _second, _first, _site, _secondWay, _firstWay, _redis })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task StartAsync()
    {
        _redis = await RedisServer.StartAsync(Cancellation);
        (_firstWay, _secondWay) = (new TcpProxy(_redis.Port), new TcpProxy(_redis.Port));
        _site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        _site.Environment["REDIS_URL"] = RedisServer.UrlAt(_firstWay.Port);
        _first = await LaurelServer.StartAsync(_site, Cancellation);
        _site.Environment["REDIS_URL"] = RedisServer.UrlAt(_secondWay.Port);
        _second = await LaurelServer.StartAsync(_site, Cancellation);
        await CacheOf.UntilAsync(async () => await CacheOf.UsesMemoryAsync(First) && await CacheOf.UsesMemoryAsync(Second), TimeSpan.FromSeconds(20));
        await CacheOf.UntilAsync(async () => await CacheOf.UsesRedisAsync(First) && await CacheOf.UsesRedisAsync(Second), TimeSpan.FromSeconds(20));
    }
}
