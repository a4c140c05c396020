using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>C5: endpoints that hang or fail delay nobody else.</summary>
/// <remarks>The environment variable <c>LAUREL_WEBHOOK_ENDPOINTS</c> sets how many healthy ones there are; 100 without it.</remarks>
[Collection(nameof(Alone))]
public sealed class SlowEndpointsTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int TarpitCount = 20;
    private const int RoundCount = 5;

    private static readonly int s_healthyCount =
        int.TryParse(Environment.GetEnvironmentVariable("LAUREL_WEBHOOK_ENDPOINTS"), out var count) ? count : 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DelayNoOther_When_SomeHangAndSomeFail()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        for (var i = 0; i < s_healthyCount; i++)
        {
            await server.HookAsync($"{receiver.Address}/healthy/{i}", "member.registered");
        }

        var alone = await MeasureAsync(server, receiver, "alone");
        for (var i = 0; i < TarpitCount; i++)
        {
            receiver.Answer($"/tarpit/{i}", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
            await server.HookAsync($"{receiver.Address}/tarpit/{i}", "member.registered");
            receiver.Answer($"/failing/{i}", 500);
            await server.HookAsync($"{receiver.Address}/failing/{i}", "member.registered");
        }

        var beside = await MeasureAsync(server, receiver, "beside");

        output.WriteLine($"until the last of {s_healthyCount} healthy endpoints was told, median of {RoundCount} events:");
        output.WriteLine($"alone {alone.TotalMilliseconds:F0} ms, beside {TarpitCount} that hang and {TarpitCount} that fail {beside.TotalMilliseconds:F0} ms");
        receiver.All.Count(request => request.Path.StartsWith("/tarpit/")).ShouldBeGreaterThanOrEqualTo(TarpitCount);
        // A hanging request takes 20 s. Waiting behind even one would show.
        beside.ShouldBeLessThan(alone + TimeSpan.FromSeconds(2));
    }

    /// <summary>From a registration until the last healthy endpoint was told of it.</summary>
    private static async Task<TimeSpan> MeasureAsync(LaurelServer server, Receiver receiver, string name)
    {
        var times = new List<TimeSpan>();
        for (var round = 0; round < RoundCount; round++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            var id = (await server.RegisterAsync($"{name}-{round}")).TextOf("id")!;
            await Waiting.UntilAsync(() => Told(receiver, id) == s_healthyCount, $"all healthy endpoints are told of {name} {round}", Cancellation);
            times.Add(Stopwatch.GetElapsedTime(startedAt));
        }

        return times.Order().ElementAt(RoundCount / 2);
    }

    private static int Told(Receiver receiver, string member) => receiver.All
        .Where(request => request.Path.StartsWith("/healthy/"))
        .Count(request => request.Event.GetProperty("subject").GetString() == member);
}
