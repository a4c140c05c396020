using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>A10: two nodes behind nginx are restarted one after the other under load. No caller loses an answer or sees an
/// error.</summary>
/// <remarks>The environment variable <c>LAUREL_ROLLS</c> sets how many restarts; 4 without it.</remarks>
[Collection(nameof(Alone))]
public sealed class RollingRestartTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int MemberCount = 40;
    private const long Opening = 1_000_000;

    // nginx asks a node again a second after it could not reach it.
    private static readonly TimeSpan s_untilAskedAgain = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rolls => int.TryParse(Environment.GetEnvironmentVariable("LAUREL_ROLLS"), out var rolls) ? rolls : 4;

    [Fact]
    public async Task LosesNoAnswer_When_NodesAreRestartedOneAfterTheOther()
    {
        var seed = Seed.Draw(output);
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["LAUREL_DRAIN_SECONDS"] = "1";
        var nodes = new[] { await LaurelServer.StartAsync(site, Cancellation), await LaurelServer.StartAsync(site, Cancellation) };
        try
        {
            await using var nginx = await NginxProxy.StartAsync([.. nodes.Select(node => node.Process.Address)], Cancellation);
            var members = await StubbornClients.MembersAsync(nodes[0], MemberCount, Opening);
            using var clients = new StubbornClients(nginx.Address, members, 32, TimeSpan.FromMilliseconds(100));
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var startedAt = Stopwatch.GetTimestamp();
            var running = clients.RunAsync(seed, enough.Token);
            for (var roll = 0; roll < Rolls; roll++)
            {
                nodes[roll % 2] = await RestartAsync(site, nodes[roll % 2]);
                await Task.Delay(s_untilAskedAgain, TimeProvider.System, Cancellation);
            }

            await enough.CancelAsync();
            await running;
            var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
            output.WriteLine(
                $"{Rolls} restarts, {clients.Acknowledged} writes acknowledged ({clients.Acknowledged / seconds:N0}/s), {clients.Refused} answers 503, "
                + $"slowest {clients.SlowestAnswer.TotalMilliseconds:N0} ms");
            clients.Strange.ShouldBeEmpty(await nginx.ErrorsAsync(Cancellation));
            clients.Acknowledged.ShouldBeGreaterThan(Rolls * 100);
            await clients.CheckAsync(nodes[0], Opening);
            await site.VerifyAsync(Cancellation);
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    private static async Task<LaurelServer> RestartAsync(LaurelSite site, LaurelServer node)
    {
        node.Process.AskToEnd();
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);

        // It still serves, and already says that it will not for long.
        var ready = await node.GetAsync("/ready");
        (ready.Status, ready.Json.GetProperty("draining").GetBoolean()).ShouldBe((503, true));
        var outcome = await node.Process.StopAsync(Cancellation);
        outcome.ExitCode.ShouldBe(0, outcome.Errors);
        await node.DisposeAsync();
        return await LaurelServer.StartAsync(site, Cancellation, node.Process.Address.Port);
    }
}
