using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Outages;

/// <summary>Clients that do as the reference says: each write has an Idempotency-Key and is sent again, the same, until it is
/// acknowledged. They remember everything they were told.</summary>
internal sealed class StubbornClients : IDisposable
{
    /// <summary>A repeat comes sooner than Retry-After asks, so that the time until the first success can be read.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http;
    private readonly IReadOnlyList<string> _members;
    private readonly int _count;
    private readonly TimeSpan _pace;
    private readonly ConcurrentBag<(string Member, long Effect)> _acknowledged = [];
    private readonly ConcurrentBag<string> _strange = [];
    private long _refused;
    private long _lastSuccess;
    private long _slowestTicks;

    /// <param name="pace">Time from one write of a client to its next at the least.</param>
    public StubbornClients(Uri address, IReadOnlyList<string> members, int count, TimeSpan pace)
    {
        (_members, _count, _pace) = (members, count, pace);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSite.AdministratorKey);
    }

    public int Acknowledged => _acknowledged.Count;

    /// <summary>Answers 503 with Retry-After.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Lost connections, and answers that are neither an acknowledgement nor a 503 with Retry-After.</summary>
    public IReadOnlyCollection<string> Strange => _strange;

    /// <summary>A timestamp of the last acknowledgement.</summary>
    public long LastSuccess => Interlocked.Read(ref _lastSuccess);

    public TimeSpan SlowestAnswer => TimeSpan.FromTicks(Interlocked.Read(ref _slowestTicks));

    /// <summary>Members to write for, made one after the other: a server that has just started is not to be hurried.</summary>
    public static async Task<IReadOnlyList<string>> MembersAsync(LaurelServer server, int count, long opening)
    {
        var members = new List<string>();
        for (var i = 0; i < count; i++)
        {
            members.Add(await server.NewMemberAsync($"m{i}", opening));
        }

        return members;
    }

    /// <summary>Writes until told to stop, and then until the last write of each client is acknowledged.</summary>
    public Task RunAsync(int seed, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, _count).Select(client => RunAsync(client, new Random(seed + client), stop)));

    /// <summary>Waits for an acknowledgement that comes after a moment, and tells how long after it.</summary>
    public async Task<TimeSpan> SuccessAfterAsync(long moment, CancellationToken cancellationToken)
    {
        while (LastSuccess <= moment)
        {
            Stopwatch.GetElapsedTime(moment).ShouldBeLessThan(TimeSpan.FromSeconds(30), "nothing was acknowledged any more");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(moment, LastSuccess);
    }

    /// <summary>Every acknowledged write is in the books once and nothing else is, since none was left without an answer.</summary>
    public async Task CheckAsync(LaurelServer server, long opening)
    {
        var expected = _members.ToDictionary(member => member, _ => opening);
        foreach (var (member, effect) in _acknowledged)
        {
            expected[member] += effect;
        }

        var standings = await Task.WhenAll(_members.Select(async member => (member, (await server.PointsAsync(member)).Available)));
        standings.ToDictionary().ShouldBe(expected, ignoreOrder: true);
    }

    public void Dispose() => _http.Dispose();

    private async Task RunAsync(int client, Random random, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var (member, points, spends) = (_members[random.Next(_members.Count)], random.Next(1, 100), random.Next(3) == 0);
            var body = LaurelServer.Movement(member, points, $"stubborn-{client}-{i}");
            while (!await SendAsync(spends ? "/api/points/spend" : "/api/points/earn", $"key-{client}-{i}", body))
            {
                await Task.Delay(s_pause, TimeProvider.System, CancellationToken.None);
            }

            _acknowledged.Add((member, spends ? -points : points));
            var rest = _pace - Stopwatch.GetElapsedTime(began);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<bool> SendAsync(string path, string key, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        var sentAt = Stopwatch.GetTimestamp();
        try
        {
            using var answer = await _http.SendAsync(request);
            Interlocked.Exchange(ref _slowestTicks, Math.Max(Interlocked.Read(ref _slowestTicks), Stopwatch.GetElapsedTime(sentAt).Ticks));
            switch ((int)answer.StatusCode)
            {
                case 200:
                    Interlocked.Exchange(ref _lastSuccess, Stopwatch.GetTimestamp());
                    return true;
                case 503 when answer.Headers.RetryAfter is not null:
                    Interlocked.Increment(ref _refused);
                    return false;
                default:
                    _strange.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    return false;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            _strange.Add("lost: " + exception.GetBaseException().Message);
            return false;
        }
    }
}
