using System.Diagnostics;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>What a cache gives, and what Redis and RabbitMQ beside a node cost it. On PostgreSQL, each server on a database of its
/// own.</summary>
internal sealed class CompanionsBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
{
    private const string Cached = "cached";
    private const string Accompanied = "accompanied";
    private const double PollSeconds = 0.25;
    private static readonly TimeSpan s_drainTimeMax = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, List<double>> _perSecond = [];
    private int _runs;

    public async Task<IReadOnlyList<Measure>> RunAsync(Dictionary<string, object> raw, CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.MixCachedEcho))
        {
            return [];
        }

        await using var redis = await RedisProcess.StartAsync(cancellationToken);
        await using var broker = await RabbitMqProcess.StartAsync(sites.Folder, cancellationToken);
        var cached = await sites.LaurelAsync(Database.Postgres, Cached, cancellationToken, CacheOfAll());
        var accompanied = await sites.LaurelAsync(Database.Postgres, Accompanied, cancellationToken, new Dictionary<string, string>(CacheOfAll())
        {
            ["REDIS_URL"] = redis.Url,
            ["RABBITMQ_URL"] = broker.Url,
        });
        var echo = await sites.EchoAsync(cancellationToken);
        var members = sites.MembersFile(Database.Postgres);
        var step = progress.Begin("With a cache, and with Redis and RabbitMQ", settings.Rounds * 3 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            await KeepAsync("mix, cached", Load(WorkloadKind.Mix, cached.Port, cached.Id, members));
            await KeepAsync("mix, with Redis and RabbitMQ", Load(WorkloadKind.Mix, accompanied.Port, accompanied.Id, members));
            await KeepAsync("echo", Load(WorkloadKind.Echo, echo.Port, echo.Id, sites.EchoMembersFile()));
        }

        step.Done();
        raw["companions"] = _perSecond;
        var (with, without, bare) = (Median("mix, with Redis and RabbitMQ"), Median("mix, cached"), Median("echo"));
        return
        [
            Measure.Of(MeasureTargets.MixCachedEcho, without / bare, $"{without:N0} ÷ {bare:N0} a second, every member in memory"),
            Measure.Of(MeasureTargets.MixCompanions, with / without, $"{with:N0} ÷ {without:N0} a second; all of them on the same cores"),
            await OutboxAsync(accompanied, members, raw, cancellationToken),
        ];

        async Task KeepAsync(string contender, LoadSettings load)
        {
            await sites.SettleAsync(cancellationToken);
            var result = await step.DuringAsync(contender, settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken));
            (_perSecond.TryGetValue(contender, out var known) ? known : _perSecond[contender] = []).Add(result.OkPerSecond);
        }
    }

    /// <summary>Earnings as fast as they come, and how many of their events the broker has confirmed when the last of them is answered.</summary>
    private async Task<Measure> OutboxAsync(LaurelProcess server, string members, Dictionary<string, object> raw, CancellationToken cancellationToken)
    {
        await DrainAsync(server, cancellationToken);
        var before = (await server.MetricsAsync(cancellationToken)).Sum("member_events_published_total");
        var step = progress.Begin("Events of earnings to RabbitMQ", settings.RunSeconds);
        var load = Load(WorkloadKind.EarnUniform, server.Port, server.Id, members) with { WarmupSeconds = 0, MeasureSeconds = settings.RunSeconds };
        var result = await step.DuringAsync("earnings", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken));
        var published = (await server.MetricsAsync(cancellationToken)).Sum("member_events_published_total") - before;
        var drained = await DrainAsync(server, cancellationToken);
        step.Done();
        raw["outbox"] = result;
        return Measure.Of(
            MeasureTargets.OutboxEarn,
            published / result.Ok,
            $"{published:N0} of {result.Ok:N0} events confirmed when the last of {result.OkPerSecond:N0} earnings a second was answered; the rest after {drained.TotalSeconds:0.0} s");
    }

    private static async Task<TimeSpan> DrainAsync(LaurelProcess server, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var published = -1d;
        while (true)
        {
            var now = (await server.MetricsAsync(cancellationToken)).Sum("member_events_published_total");
            if (now == published)
            {
                return Stopwatch.GetElapsedTime(startedAt) - TimeSpan.FromSeconds(PollSeconds);
            }

            if (Stopwatch.GetElapsedTime(startedAt) > s_drainTimeMax)
            {
                throw new BenchException("The outbox does not come to an end.");
            }

            published = now;
            await Task.Delay(TimeSpan.FromSeconds(PollSeconds), TimeProvider.System, cancellationToken);
        }
    }

    private Dictionary<string, string> CacheOfAll() => new()
    {
        ["LAUREL_CACHE_ENTRIES"] = $"{settings.Members * 6 / 5}",
        ["LAUREL_CACHE_WARM_MEMBERS"] = $"{settings.Members}",
    };

    private double Median(string contender) => Spread.Of([.. _perSecond[contender]]).Median;

    private LoadSettings Load(WorkloadKind kind, int port, int process, string membersFile) =>
        settings.LoadOf(kind, port, process, membersFile, $"c{++_runs}-", _runs);
}
