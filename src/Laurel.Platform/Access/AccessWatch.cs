using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Access;

/// <summary>Looks once a second what other nodes changed of who may call, and has this node forget it.</summary>
/// <remarks>One statement by the primary key, which mostly finds nothing. On SQLite there is no other node, and nobody looks.</remarks>
public sealed partial class AccessWatch(Database database, AccessChanges changes, TimeProvider clock, ILogger<AccessWatch> logger) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    /// <summary>How far back: an id is drawn when its batch is decided, and a batch may take long to be committed.</summary>
    public static readonly TimeSpan LooksBack = TimeSpan.FromSeconds(30);

    private const string FindChanges = """
        SELECT id AS Id, tenant_id AS Tenant, what AS What, subject_id AS Subject FROM access_changes WHERE id >= @From ORDER BY id
        """;

    private readonly HashSet<long> _heard = [];
    private long _askedAt = clock.GetTimestamp();

    private sealed class Row
    {
        public long Id { get; init; }

        public int Tenant { get; init; }

        public int What { get; init; }

        public long Subject { get; init; }
    }

    /// <summary>Looks once and tells what is new.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var askedAt = clock.GetTimestamp();
        var from = IdGenerator.FirstOf(Instant.Now(clock).Plus(-LooksBack));
        var rows = await ReadAsync(from, cancellationToken);
        if (clock.GetElapsedTime(Interlocked.Exchange(ref _askedAt, askedAt), askedAt) > LooksBack / 2)
        {
            changes.Tell(new AccessChange(default, AccessSubject.Everything, 0));
        }

        _heard.RemoveWhere(id => id < from);
        foreach (var row in rows.Where(row => _heard.Add(row.Id)))
        {
            // A kind of a newer version is somebody's whom this node does not know: all it has may be concerned.
            var what = Enum.IsDefined((AccessSubject)row.What) ? (AccessSubject)row.What : AccessSubject.Everything;
            changes.Tell(new AccessChange(new TenantId(row.Tenant), what, row.Subject));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = false;
        while (database is not SqliteDatabase && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                failed = false;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Once for an outage: what was missed is made up for by forgetting everything.
                if (!failed)
                {
                    LogNotAsked(logger, exception);
                }

                failed = true;
            }

            await Task.Delay(AskEvery, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<Row>> ReadAsync(long from, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("access.changes");
        return (await session.Connection.QueryAsync<Row>(new CommandDefinition(FindChanges, new { From = from }, cancellationToken: cancellationToken))).AsList();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of who may call could not be asked for; keys and sessions that are remembered are honoured meanwhile.")]
    private static partial void LogNotAsked(ILogger logger, Exception exception);
}
