using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.ApiKeys;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>What nodes hear of each other's changes, on a database of their own and by a clock that is moved by hand.</summary>
public sealed class AccessChangesTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-access-");
    private readonly ManualClock _clock = new();
    private readonly AccessChanges _changes = new();
    private readonly List<AccessChange> _heard = [];
    private LaurelNode? _node;
    private AccessWatch? _watch;

    private LaurelNode Node => _node!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = new LaurelSettings
        {
            DataFolder = _folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = DatabaseKind.Sqlite,
            DatabaseUrl = null,
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        };
        _node = await LaurelNode.OpenAsync(settings, "test", _clock, NullLoggerFactory.Instance, Cancellation);
        _watch = new AccessWatch(Node.Database, _changes, _clock, NullLogger<AccessWatch>.Instance);
        _changes.Subscribe(_heard.Add);
    }

    public async ValueTask DisposeAsync()
    {
        _watch!.Dispose();
        await Node.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task AreToldWithTheCommit_When_TheyAreMadeHere()
    {
        var id = await MakeKeyAsync(_changes);

        _heard.ShouldBe([new AccessChange(LaurelNode.DefaultTenant, AccessSubject.Key, id)]);
    }

    [Fact]
    public async Task AreNotTold_When_TheCommandIsRefused()
    {
        var tools = new ApiKeyTools(new ApiKeyKind(), Node.Secrets, _changes);
        var refused = await Node.Lanes.SubmitAsync(new RevokeApiKey(LaurelNode.DefaultTenant, 7, tools), Cancellation);

        refused.ShouldBeOfType<Outcome.Refused>();
        _heard.ShouldBeEmpty();
        (await CountAsync("access_changes")).ShouldBe(0);
    }

    [Fact]
    public async Task AreToldOnce_When_AnotherNodeMadeThem()
    {
        var id = await MakeKeyAsync(new AccessChanges());
        await _watch!.LookAsync(Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _watch.LookAsync(Cancellation);

        _heard.ShouldBe([new AccessChange(LaurelNode.DefaultTenant, AccessSubject.Key, id)]);
    }

    [Fact]
    public async Task AreToldThoughLate_When_TheirBatchWasLongUnderWay()
    {
        await MakeKeyAsync(new AccessChanges());
        // The row was committed long after its id was drawn.
        _clock.Advance(TimeSpan.FromSeconds(25));
        await _watch!.LookAsync(Cancellation);

        _heard.Count(change => change.What == AccessSubject.Key).ShouldBe(1);
    }

    [Fact]
    public async Task ForgetsEverything_When_ItCouldNotAskForLong()
    {
        await _watch!.LookAsync(Cancellation);
        _heard.ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(16));
        await _watch.LookAsync(Cancellation);

        _heard.ShouldBe([new AccessChange(default, AccessSubject.Everything, 0)]);
    }

    [Fact]
    public async Task ForgetsEverything_When_ANewerNodeMadeAChangeOfAnotherKind()
    {
        await using (var session = await Node.Database.OpenOwnerAsync(Cancellation))
        {
            await session.Connection.ExecuteAsync("INSERT INTO access_changes VALUES (@Id, 1, 99, 5)", new { Id = IdGenerator.FirstOf(Instant.Now(_clock)) });
        }

        await _watch!.LookAsync(Cancellation);

        _heard.Select(change => change.What).ShouldBe([AccessSubject.Everything]);
    }

    [Fact]
    public async Task AreCleared_When_EveryNodeHasHeardThem()
    {
        await MakeKeyAsync(_changes);
        var call = SignedCall.Parse($" key=1,timestamp=2,nonce=0123456789abcdef,digest={new string('0', 64)},signature={new string('0', 64)}")!;
        var spend = new SpendNonce(LaurelNode.DefaultTenant, call, new NonceKind());
        (await Node.Lanes.SubmitAsync(spend, Cancellation)).ShouldBeOfType<Outcome.Applied>();
        ((Outcome.Refused)await Node.Lanes.SubmitAsync(spend, Cancellation)).Refusal.Code.ShouldBe("SIGNATURE_REPLAYED");
        var clearing = new AccessClearing(Node.Database, Node.Lanes, _clock);

        _clock.Advance(TimeSpan.FromMinutes(9.9));
        await clearing.RunAsync(Cancellation);
        (await CountAsync("access_changes"), await CountAsync("signature_nonces")).ShouldBe((1, 1));
        _clock.Advance(TimeSpan.FromMinutes(0.2));
        await clearing.RunAsync(Cancellation);
        (await CountAsync("access_changes"), await CountAsync("signature_nonces")).ShouldBe((0, 1), "a call may be five minutes early and is then admitted for ten");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await clearing.RunAsync(Cancellation);
        (await CountAsync("signature_nonces")).ShouldBe(0);
    }

    private async Task<long> MakeKeyAsync(AccessChanges changes)
    {
        var tools = new ApiKeyTools(new ApiKeyKind(), Node.Secrets, changes);
        var command = new CreateApiKey(LaurelNode.DefaultTenant, new ApiKeyBody { Name = "shop", Scopes = ["points:read"] }, Permission.All.ToHashSet(), tools);
        var applied = (await Node.Lanes.SubmitAsync(command, Cancellation)).ShouldBeOfType<Outcome.Applied>();
        return long.Parse(((ApiKeyReply)applied.Reply).Id, System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<long> CountAsync(string table)
    {
        await using var session = await Node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition($"SELECT COUNT(*) FROM {table}", cancellationToken: Cancellation));
    }
}
