using Dapper;
using Laurel.Engine.Events;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Server.Hosting;
using Laurel.Server.Messaging;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Events;

/// <summary>A node on one database whose batches join the queue of RabbitMQ; no broker is needed until somebody publishes.</summary>
internal sealed class EventsDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private EventsDatabase(DirectoryInfo folder, LaurelNode node) => (_folder, Node) = (folder, node);

    public LaurelNode Node { get; }

    public Database Database => Node.Database;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EventsDatabase> OpenAsync(DatabaseUnderTest kind, DatabaseServers servers)
    {
        var url = await servers.CreateDatabaseAsync(kind, Cancellation);
        var folder = Directory.CreateTempSubdirectory("laurel-events-");
        var (settings, mistakes) = LaurelSettings.Read(folder.FullName, null);
        mistakes.ShouldBeEmpty();
        settings = settings! with
        {
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
            RabbitMq = new RabbitMqSettings { Url = new Uri("amqp://nobody.invalid") },
        };
        return new EventsDatabase(folder, await LaurelNode.OpenAsync(settings, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation));
    }

    public async Task RegisterAsync(string externalId)
    {
        var request = new RegisterRequest { ExternalId = externalId, Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(TimeProvider.System) };
        await Node.Lanes.SubmitAsync(new RegisterMember(LaurelNode.DefaultTenant, request, Node.Books, Node.Vault), Cancellation);
    }

    public ClusterLeases LeasesOf(string holder) =>
        new(Database, Node.Lanes, TimeProvider.System, holder, NullLogger<ClusterLeases>.Instance) { AskEvery = TimeSpan.FromMilliseconds(100) };

    public OutboxPublisher PublisherOf(IEventTransport transport, ClusterLeases leases) =>
        new(transport, Database, Node.Lanes, leases, Node.Events.Hub, TimeProvider.System, new Random(1), NullLogger<OutboxPublisher>.Instance);

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var session = await Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return (await session.Connection.QueryAsync<T>(sql)).AsList();
    }

    public async Task<IReadOnlyList<EventRecord>> EventsAsync()
    {
        var events = new List<EventRecord>();
        await foreach (var record in new EventStore(Database).ReadAsync(LaurelNode.DefaultTenant, Instant.Earliest, Instant.Never, Cancellation))
        {
            events.Add(record);
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
