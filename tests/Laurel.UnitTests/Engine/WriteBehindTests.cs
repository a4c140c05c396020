using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.ApiKeys;
using Laurel.Kernel;
using Laurel.Server.Hosting;
using Laurel.UnitTests.Platform.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

/// <summary>Uses that are gathered and written behind.</summary>
public sealed class WriteBehindTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-behind-");
    private readonly ManualClock _clock = new();
    private LaurelNode? _node;

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
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task LoseNothing_When_ManyNoteAtOnceAndItStops()
    {
        await using (var uses = Uses())
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    uses.Note(new Hash128(1, (ulong)(i % 10)));
                }
            }, Cancellation)));
            (await StoredAsync()).ShouldBeEmpty();
        }

        var stored = await StoredAsync();
        stored.Count.ShouldBe(10);
        stored.ShouldAllBe(row => row.Uses == 8_000);
    }

    [Fact]
    public async Task AddToWhatIsStored_When_FlushedAgain()
    {
        await using var uses = Uses();
        uses.Note(new Hash128(1, 1));
        await uses.FlushAsync(Cancellation);
        var first = Instant.Now(_clock).UnixMicroseconds;
        _clock.Advance(TimeSpan.FromMinutes(1));
        uses.Note(new Hash128(1, 1));
        uses.Note(new Hash128(1, 1));
        await uses.FlushAsync(Cancellation);
        await uses.FlushAsync(Cancellation);

        (await StoredAsync()).ShouldBe([(first + 60_000_000, 3L)]);
    }

    [Fact]
    public async Task KeepTheLaterTime_When_TheClockWentBack()
    {
        await using var uses = Uses();
        var first = Instant.Now(_clock).UnixMicroseconds;
        uses.Note(new Hash128(1, 1));
        await uses.FlushAsync(Cancellation);
        _clock.Advance(TimeSpan.FromMinutes(-1));
        uses.Note(new Hash128(1, 1));
        await uses.FlushAsync(Cancellation);

        (await StoredAsync()).ShouldBe([(first, 2L)]);
    }

    [Fact]
    public async Task AreBounded_When_KeysAreMany()
    {
        await using var uses = Uses();
        for (var i = 0; i < WriteBehind<Hash128>.KeysMax + 100; i++)
        {
            uses.Note(new Hash128(2, (ulong)i));
        }

        await uses.FlushAsync(Cancellation);

        (await StoredAsync()).Count.ShouldBe(WriteBehind<Hash128>.KeysMax);
    }

    private WriteBehind<Hash128> Uses() =>
        new("uses", ApiKeyUses.Add, Node.Lanes, TimeSpan.FromHours(1), _clock, NullLogger.Instance);

    private async Task<IReadOnlyList<(long LastUsedAt, long Uses)>> StoredAsync()
    {
        await using var session = await Node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        var rows = await session.Connection.QueryAsync<(long, long)>(new CommandDefinition("SELECT last_used_at, uses FROM api_key_uses", cancellationToken: Cancellation));
        return [.. rows];
    }
}
