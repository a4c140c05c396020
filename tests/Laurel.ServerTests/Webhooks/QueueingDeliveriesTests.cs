using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Laurel.Platform.Outside;
using Laurel.Platform.Webhooks;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>The queue of deliveries itself, on every database: what is queued, moved on and cleared.</summary>
public sealed class QueueingDeliveriesTests(DatabaseServers cluster) : IAsyncDisposable
{
    private static readonly TenantId s_tenant = new(1);
    private static readonly TenantId s_other = new(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-queue-");
    private readonly WebhookEndpointKind _kind = new();
    private LaurelNode? _node;
    private SecretVault? _secrets;
    private (DatabaseUnderTest Kind, string? Url) _database;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private WebhookQueries Queries => new(_node!.Database);

    public async ValueTask DisposeAsync()
    {
        await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);
        await cluster.DropDatabaseAsync(_database.Kind, _database.Url, CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "13")]
    public async Task QueuesEachEventOnceForEachEndpoint_When_ABatchIsPublishedTwice(DatabaseUnderTest database)
    {
        await OpenAsync(database);
        var all = await CreateAsync(s_tenant, EventFilter.All);
        var spent = await CreateAsync(s_tenant, EventFilter.Of(["points.spent"]));
        var ofOther = await CreateAsync(s_other, EventFilter.All);
        var off = await CreateAsync(s_tenant, EventFilter.All, enabled: false);
        EventRecord[] events = [Event(s_tenant, 5, 0, "points.earned"), Event(s_tenant, 5, 1, "points.spent"), Event(s_other, 6, 0, "points.earned")];
        var transport = new WebhookTransport(Queries, _node!.Lanes, Dispatcher(), TimeProvider.System);

        await transport.PublishAsync(events, Cancellation);
        await transport.PublishAsync(events, Cancellation);

        (await PlacesAsync(all)).ShouldBe(["5-1", "5-0"]);
        (await PlacesAsync(spent)).ShouldBe(["5-1"]);
        (await PlacesAsync(ofOther)).ShouldBe(["6-0"]);
        (await PlacesAsync(off)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LeavesARowAlone_When_AnotherSenderHasMovedItOn(DatabaseUnderTest database)
    {
        await OpenAsync(database);
        var endpoint = await CreateAsync(s_tenant, EventFilter.All);
        await QueueAsync(endpoint, new EventPlace(5, 0), new EventPlace(5, 1));
        await RecordAsync(endpoint, new EventPlace(5, 0), attemptsBefore: 0, DeliveryState.Delivered, 200);
        await RecordAsync(endpoint, new EventPlace(5, 1), attemptsBefore: 0, DeliveryState.Waiting, 500);

        // A sender that stood still comes back with what it did before: one was delivered meanwhile, one was tried once more.
        await RecordAsync(endpoint, new EventPlace(5, 0), attemptsBefore: 0, DeliveryState.Waiting, 500);
        await RecordAsync(endpoint, new EventPlace(5, 1), attemptsBefore: 0, DeliveryState.Failed, 500);

        var deliveries = await Queries.DeliveriesAsync(endpoint, new EventPlace(long.MaxValue, 0), null, 10, Cancellation);
        deliveries.Select(d => (d.Event, (DeliveryState)d.State, d.Attempts)).ShouldBe(
            [(new EventPlace(5, 1), DeliveryState.Waiting, 1), (new EventPlace(5, 0), DeliveryState.Delivered, 1)]);
        var attempts = await Queries.AttemptsAsync(endpoint, long.MaxValue, null, failedOnly: false, 10, Cancellation);
        attempts.Select(a => a.Status).ShouldBe([500, 500, 500, 200]);
        (await Queries.AttemptsAsync(endpoint, long.MaxValue, new EventPlace(5, 0), failedOnly: false, 10, Cancellation)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepsWhatIsNewOrStillTried_When_OldRowsAreCleared(DatabaseUnderTest database)
    {
        await OpenAsync(database);
        var endpoint = await CreateAsync(s_tenant, EventFilter.All);
        var deleted = await CreateAsync(s_tenant, EventFilter.All);
        var old = IdGenerator.FirstOf(Instant.Now(TimeProvider.System).Plus(TimeSpan.FromDays(-31)));
        var recent = IdGenerator.FirstOf(Instant.Now(TimeProvider.System).Plus(TimeSpan.FromDays(-29)));
        await QueueAsync(endpoint, [.. Enumerable.Range(0, 2_500).Select(i => new EventPlace(old, i)), new EventPlace(recent, 0)]);
        await QueueAsync(deleted, new EventPlace(recent, 0));
        await Task.WhenAll(Enumerable.Range(0, 2_499).Chunk(100).Select(async chunk =>
        {
            foreach (var i in chunk)
            {
                await RecordAsync(endpoint, new EventPlace(old, i), attemptsBefore: 0, DeliveryState.Delivered, 200);
            }
        }));
        await RecordAsync(deleted, new EventPlace(recent, 0), attemptsBefore: 0, DeliveryState.Delivered, 200);
        (await _node!.Lanes.SubmitAsync(new DeleteWebhook(s_tenant, deleted.Id, _kind), Cancellation)).ShouldBeOfType<Outcome.Applied>();
        var keeper = new WebhookKeeper(Queries, _node.Lanes, new WebhookOptions(), TimeProvider.System, NullLogger<WebhookKeeper>.Instance);
        await keeper.ClearAsync(Cancellation);

        // The last of the old ones is due now and is tried still; the recent one is within what is kept.
        (await PlacesAsync(endpoint)).ShouldBe([$"{recent}-0", $"{old}-2499"]);
        (await PlacesAsync(deleted)).ShouldBeEmpty();
        (await Queries.AttemptsAsync(deleted, long.MaxValue, null, false, 10, Cancellation)).ShouldBeEmpty();
        (await Queries.AttemptsAsync(endpoint, long.MaxValue, null, false, 10, Cancellation)).Count.ShouldBe(10);
        (await Queries.AllAsync(Cancellation)).Select(e => e.Id).ShouldBe([endpoint.Id]);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsSwitchedOffOnce_When_AttemptsTellThatItFailsForDays(DatabaseUnderTest database)
    {
        await OpenAsync(database);
        var endpoint = await CreateAsync(s_tenant, EventFilter.All);
        await QueueAsync(endpoint, new EventPlace(5, 0));
        var since = Instant.Now(TimeProvider.System).Plus(TimeSpan.FromDays(-5));

        await RecordAsync(endpoint, new EventPlace(5, 0), 0, DeliveryState.Waiting, 500, new EndpointNews(s_tenant, endpoint.Id, since, DisabledReason.Failing));
        await RecordAsync(endpoint, new EventPlace(5, 0), 1, DeliveryState.Waiting, 500, new EndpointNews(s_tenant, endpoint.Id, null, null));

        var stored = (await Queries.FindAsync(s_tenant, endpoint.Id, Cancellation))!;
        (stored.Enabled, stored.DisabledReason, stored.FailingSince).ShouldBe((false, "failing", since));
        (await Queries.EnabledAsync(Cancellation)).ShouldBeEmpty();
        (await Queries.FindAsync(s_other, endpoint.Id, Cancellation)).ShouldBeNull();
    }

    private async Task OpenAsync(DatabaseUnderTest kind)
    {
        _database = (kind, await cluster.CreateDatabaseAsync(kind, Cancellation));
        var settings = new LaurelSettings
        {
            DataFolder = _folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = _database.Url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(_database.Url) },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        };
        _node = await LaurelNode.OpenAsync(settings, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation);
        _secrets = _node.Secrets;
    }

    private WebhookDispatcher Dispatcher()
    {
        var options = new WebhookOptions();
        var client = new WebhookClient(new AddressRule([]), (_, _) => Task.FromResult<System.Net.IPAddress[]>([]), options, TimeProvider.System);
        var bodies = new EventBodies(new EventStore(_node!.Database));
        return new WebhookDispatcher(Queries, _node.Lanes, client, bodies, _kind, _secrets!, options, TimeProvider.System, new Random(1), NullLogger<WebhookDispatcher>.Instance);
    }

    private async Task<WebhookEndpoint> CreateAsync(TenantId tenant, EventFilter events, bool enabled = true)
    {
        var body = new WebhookBody { Url = "https://shop.example/hook", Events = events, Enabled = enabled };
        var outcome = await _node!.Lanes.SubmitAsync(new CreateWebhook(tenant, body, _kind, _secrets!), Cancellation);
        var id = long.Parse(((WebhookReply)outcome.ShouldBeOfType<Outcome.Applied>().Reply).Id);
        return (await Queries.FindAsync(tenant, id, Cancellation))!;
    }

    private async Task QueueAsync(WebhookEndpoint endpoint, params EventPlace[] places)
    {
        var rows = places.Select(place => new DeliveryRow(endpoint.Tenant, endpoint.Id, place, "points.earned", Instant.Now(TimeProvider.System))).ToList();
        await WebhookTransport.QueueAsync(_node!.Lanes, new LaneWrite("test", Reach.Everything).Add(DeliveryStatements.Queue, rows), Cancellation);
    }

    private async Task RecordAsync(WebhookEndpoint endpoint, EventPlace place, int attemptsBefore, DeliveryState state, int status, EndpointNews? news = null)
    {
        var queue = new EndpointQueue(endpoint.Tenant, endpoint.Id) { Target = new WebhookTarget(new Uri(endpoint.Url), []) };
        var result = new AttemptResult(status, null, "it said 积分", TimeSpan.FromMilliseconds(7), null);
        var move = new DeliveryMove(endpoint.Id, place, attemptsBefore, state, state == DeliveryState.Waiting ? Instant.Now(TimeProvider.System) : null);
        var ended = new EndedAttempt(queue, new DueDelivery(place, attemptsBefore), result, Instant.Now(TimeProvider.System), move, news);
        (await _node!.Lanes.SubmitAsync(new RecordAttempts([ended], _kind), Cancellation)).ShouldBeOfType<Outcome.Applied>();
    }

    private async Task<IReadOnlyList<string>> PlacesAsync(WebhookEndpoint endpoint) =>
        [.. (await Queries.DeliveriesAsync(endpoint, new EventPlace(long.MaxValue, 0), null, 100, Cancellation)).Select(delivery => delivery.Event.ToString())];

    private static EventRecord Event(TenantId tenant, long batch, int index, string type) => new(tenant, $"{batch}-{index}", type, 7, "{}"u8.ToArray());
}
