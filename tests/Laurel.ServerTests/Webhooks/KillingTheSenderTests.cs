using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>The process is killed while it delivers, again and again. Every event of an acknowledged write arrives, at least once, under
/// one id.</summary>
public sealed class KillingTheSenderTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int RoundCount = 4;
    private const int MembersOfRound = 60;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsOfEveryAcknowledgedWrite_When_TheServerIsKilled(DatabaseUnderTest database)
    {
        var random = new Random(Seed.Draw(output));
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/hook", async context =>
        {
            // Some requests are under way whenever the process dies.
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
            context.Response.StatusCode = StatusCodes.Status200OK;
        });
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        var server = await LaurelServer.StartAsync(site, Cancellation);
        var acknowledged = new List<string>();
        var hook = await server.HookAsync(receiver.Address + "/hook", "member.registered");
        try
        {
            for (var round = 0; round < RoundCount; round++)
            {
                var answers = await AtOnce.RunAsync(MembersOfRound, i => server.RegisterAsync($"m-{round}-{i}"));
                acknowledged.AddRange(answers.Select(answer => answer.TextOf("id")!));
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200)), TimeProvider.System, Cancellation);
                await server.Process.KillAsync(Cancellation);
                await server.DisposeAsync();
                server = await LaurelServer.StartAsync(site, Cancellation);
            }

            await Waiting.UntilAsync(() => acknowledged.Except(Subjects(receiver)).Any() == false, "every member was told of", Cancellation, seconds: 90);
            // One id stands for one event, however often it came.
            receiver.All.GroupBy(request => request.Id).ShouldAllBe(same => same.Select(request => request.Event.GetRawText()).Distinct().Count() == 1);
            receiver.All.GroupBy(request => request.Event.GetProperty("subject").GetString()).ShouldAllBe(of => of.Select(request => request.Id).Distinct().Count() == 1);
            receiver.All.ShouldAllBe(request => request.IsSignedWith(hook.Secret));
            await Waiting.UntilAsync(async () => (await server.DeliveriesAsync(hook.Id, "&state=waiting")).Count == 0, "nothing waits", Cancellation);
            output.WriteLine($"{acknowledged.Count} events, {receiver.All.Count} requests");
            await site.VerifyAsync(Cancellation);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static IEnumerable<string> Subjects(Receiver receiver) =>
        receiver.All.Select(request => request.Event.GetProperty("subject").GetString()!);
}
