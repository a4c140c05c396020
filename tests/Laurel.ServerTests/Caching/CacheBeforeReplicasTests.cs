using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>Two servers that remember answers, tell each other through Redis what they commit, and read what they do not remember from a
/// replica, which may lag or be gone (docs/adr/0045).</summary>
public sealed class CacheBeforeReplicasTests : IAsyncDisposable
{
    private const int MemberCount = 20;

    /// <summary>What a message may take on a loaded machine.</summary>
    private static readonly TimeSpan s_messageMax = TimeSpan.FromSeconds(2);

    /// <summary>Within it a replica that follows shows what the node has heard of: the primary's heart beats once a second.</summary>
    private static readonly TimeSpan s_heartbeats = TimeSpan.FromSeconds(2.5);

    private OwnPostgres? _primary;
    private OwnPostgres? _replica;
    private RedisServer? _redis;
    private LaurelSite? _site;
    private LaurelServer? _first;
    private LaurelServer? _second;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LaurelServer First => _first!;

    private LaurelServer Second => _second!;

    /// <summary>The replica shows nothing new for as long as the test writes: whatever is read there and remembered would be wrong.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShowEveryWrite_When_TheReplicaLags(bool withRedis)
    {
        await StartAsync(withRedis);
        var members = await AtOnce.RunAsync(MemberCount, i => First.NewMemberAsync($"m{i}", 100));
        await FillFromTheReplicaAsync(members);

        await _replica!.ExecuteAsync("SELECT pg_wal_replay_pause()", Cancellation);
        for (var round = 1; round <= 5; round++)
        {
            var (writer, reader) = round % 2 == 0 ? (First, Second) : (Second, First);
            await AtOnce.RunAsync(MemberCount, async i =>
            {
                var written = await writer.EarnAsync(members[i], 1, $"e{round}-{i}");
                written.Status.ShouldBe(200);

                // Who writes sees it at once on the same node, and with the version on every node.
                (await ReadAsync(writer, members[i], null)).Available.ShouldBe(100 + round);
                (await ReadAsync(reader, members[i], written.Version)).Available.ShouldBe(100 + round);
                (await reader.GetAsync($"/api/members/{members[i]}/points", written.Version)).NumberOf("available").ShouldBe(100 + round);
                return true;
            });

            // Without a version the other node follows when it has heard of it, or when the replica lags too much to be asked.
            await CacheOf.UntilAsync(
                async () => (await AtOnce.RunAsync(MemberCount, i => ReadAsync(reader, members[i], null))).All(read => read.Available == 100 + round),
                withRedis ? s_messageMax : TimeSpan.FromSeconds(10));
        }

        await _replica.ExecuteAsync("SELECT pg_wal_replay_resume()", Cancellation);
        for (var i = 0; i < 50; i++)
        {
            (await ReadAsync(First, members[i % MemberCount], null)).Available.ShouldBe(105);
            (await ReadAsync(Second, members[i % MemberCount], null)).Available.ShouldBe(105, "a remembered answer was of before the writes");
        }
    }

    [Fact]
    public async Task AnswerFromMemoryAndFillItFromTheReplica_When_NothingIsNew()
    {
        await StartAsync(withRedis: true);
        var members = await AtOnce.RunAsync(MemberCount, i => First.NewMemberAsync($"m{i}", 100));

        await FillFromTheReplicaAsync(members);

        var again = await AtOnce.RunAsync(MemberCount, i => ReadAsync(Second, members[i], null));
        again.ShouldAllBe(read => read == new Read(100, "cache"));
        (await CacheOf.AnswersAsync(Second, "memory")).ShouldBeGreaterThanOrEqualTo(MemberCount);

        // A version that was heard of after the answer was read is looked up, and then known to be shown.
        var written = await First.EarnAsync(members[0], 1, "e");
        (await ReadAsync(Second, members[1], written.Version)).Source.ShouldNotBe("cache");
        await Eventually.HoldsAsync(
            async () => await ReadAsync(Second, members[1], written.Version) is (100, "cache"), "the version is looked up every time");
        (await ReadAsync(Second, members[1], "no version of ours")).ShouldBe(new Read(100, "primary"));
    }

    [Fact]
    public async Task GoOnWithoutAnError_When_TheReplicaIsLost()
    {
        await StartAsync(withRedis: true);
        var members = await AtOnce.RunAsync(MemberCount, i => First.NewMemberAsync($"m{i}", 100));
        await FillFromTheReplicaAsync(members);

        await _replica!.StopAsync(Cancellation);
        for (var i = 0; i < MemberCount; i++)
        {
            var written = await First.EarnAsync(members[i], 1, $"e{i}");
            written.Status.ShouldBe(200);
            (await ReadAsync(First, members[i], null)).Available.ShouldBe(101);
            (await ReadAsync(Second, members[i], written.Version)).Available.ShouldBe(101);
            (await Second.GetAsync($"/api/members/{members[i]}/level", written.Version)).Status.ShouldBe(200);
        }

        (await AtOnce.RunAsync(MemberCount, i => ReadAsync(Second, members[i], null)))
            .ShouldAllBe(read => read.Available == 101 && read.Source != "replica");

        await _replica.StartAgainAsync(Cancellation);
        await Eventually.HoldsAsync(
            async () => (await First.GetAsync("/api/members?limit=1")).Source == "replica", "the replica is not asked again");
    }

    /// <summary>Nobody can be told that an answer is old while the primary is away, so memory is not used and the replica answers.</summary>
    [Fact]
    public async Task ReadFromTheReplica_When_ThePrimaryIsLost()
    {
        await StartAsync(withRedis: true);
        var member = await First.NewMemberAsync("m", 100);
        await FillFromTheReplicaAsync([member]);

        await _primary!.StopAsync(Cancellation);

        await Eventually.HoldsAsync(async () => await ReadAsync(First, member, null) is (100, "replica"), "the replica does not answer");
        (await ReadAsync(Second, member, null)).Available.ShouldBe(100);
        await _primary.StartAgainAsync(Cancellation);
        await Eventually.HoldsAsync(async () => (await First.EarnAsync(member, 1, "after")).Status == 200, "writes do not come back");
        (await ReadAsync(First, member, null)).Available.ShouldBe(101);
        await _site!.VerifyAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _second, _first, _site, _redis, _primary })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private static async Task<Read> ReadAsync(LaurelServer server, string member, string? version)
    {
        var path = $"/api/members/{member}";
        var answer = version is null ? await server.GetAsync(path) : await server.GetAsync(path, version);
        answer.Status.ShouldBe(200, answer.Text);
        return new Read(answer.Json.GetProperty("points").GetProperty("available").GetInt64(), answer.Source);
    }

    /// <summary>Lets the second node read all of them from the replica, and remember them, once that one shows all it has heard of.</summary>
    private async Task FillFromTheReplicaAsync(IReadOnlyList<string> members) => await Eventually.HoldsAsync(
        async () =>
        {
            (await Second.PostAsync("/api/cache/clear", new { })).Status.ShouldBe(204);
            await Task.Delay(s_heartbeats, TimeProvider.System, Cancellation);
            return (await AtOnce.RunAsync(members.Count, i => ReadAsync(Second, members[i], null))).All(read => read is (100, "replica"));
        },
        "the replica does not answer");

    private async Task StartAsync(bool withRedis)
    {
        _primary = await OwnPostgres.StartAsync(Cancellation);
        _replica = await _primary.FollowAsync(Cancellation);
        _redis = await RedisServer.StartAsync(Cancellation);
        _site = LaurelSite.On(_primary.Url);
        _site.Environment["DATABASE_REPLICA_URLS"] = _replica.Url.AbsoluteUri;
        _site.Environment["LAUREL_REPLICA_LAG_MAX_SECONDS"] = "5";
        if (withRedis)
        {
            _site.Environment["REDIS_URL"] = _redis.Url;
        }

        _first = await LaurelServer.StartAsync(_site, Cancellation);
        _second = await LaurelServer.StartAsync(_site, Cancellation);
        if (withRedis)
        {
            await CacheOf.UntilAsync(async () => await CacheOf.UsesMemoryAsync(First) && await CacheOf.UsesMemoryAsync(Second), TimeSpan.FromSeconds(20));
        }
    }

    private readonly record struct Read(long Available, string? Source);
}
