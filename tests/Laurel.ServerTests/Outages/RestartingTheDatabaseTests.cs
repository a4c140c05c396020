using System.Diagnostics;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>A4: the database is stopped without a word under load and started again. Nobody is told anything but the truth, and
/// the node recovers by itself.</summary>
[Collection(nameof(Alone))]
public sealed class RestartingTheDatabaseTests(ITestOutputHelper output)
{
    private const int MemberCount = 40;
    private const long Opening = 1_000_000;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_recoveryMax = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LosesNothingAndServesAtOnce_When_PostgresIsRestarted()
    {
        await using var postgres = await OwnPostgres.StartAsync(Cancellation);
        await using var site = LaurelSite.On(postgres.Url);

        await RestartUnderLoadAsync(site, postgres.StopAsync, postgres.StartAgainAsync);
    }

    [Fact]
    public async Task LosesNothingAndServesAtOnce_When_MariaDbIsRestarted()
    {
        await using var mariaDb = await ThrowAwayMariaDb.StartAsync("secret", Cancellation);
        await mariaDb.AskAsync("CREATE DATABASE laurel", Cancellation);
        await using var site = LaurelSite.On(new Uri(mariaDb.UrlOf("laurel", "secret")));

        await RestartUnderLoadAsync(site, mariaDb.KillAsync, mariaDb.StartAgainAsync);
    }

    private async Task RestartUnderLoadAsync(LaurelSite site, Func<CancellationToken, Task> stop, Func<CancellationToken, Task> start)
    {
        var seed = Seed.Draw(output);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await StubbornClients.MembersAsync(server, MemberCount, Opening);
        using var clients = new StubbornClients(server.Process.Address, members, 32, TimeSpan.FromMilliseconds(20));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = clients.RunAsync(seed, enough.Token);

        for (var round = 1; round <= 2; round++)
        {
            await Task.Delay(s_between, TimeProvider.System, Cancellation);
            var refusedBefore = clients.Refused;
            await stop(Cancellation);
            var told = await Eventually.HoldsAsync(() => Task.FromResult(clients.Refused > refusedBefore), "nobody is told of the gap");
            await Task.Delay(s_between, TimeProvider.System, Cancellation);
            await start(Cancellation);
            var recovery = await clients.SuccessAfterAsync(Stopwatch.GetTimestamp(), Cancellation);
            output.WriteLine($"round {round}: told after {told.TotalMilliseconds:N0} ms; {recovery.TotalMilliseconds:N0} ms from accepting connections to the first success");
            recovery.ShouldBeLessThan(s_recoveryMax);
        }

        await Task.Delay(s_between, TimeProvider.System, Cancellation);
        await enough.CancelAsync();
        await running;
        output.WriteLine($"{clients.Acknowledged} acknowledged, {clients.Refused} answers 503, slowest {clients.SlowestAnswer.TotalMilliseconds:N0} ms");
        clients.Strange.ShouldBeEmpty();
        await clients.CheckAsync(server, Opening);
        (await server.GetAsync("/api/points/records?limit=5")).Status.ShouldBe(200);
        await site.VerifyAsync(Cancellation);
    }
}
