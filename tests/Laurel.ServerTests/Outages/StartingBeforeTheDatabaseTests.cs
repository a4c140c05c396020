using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>A node starts before its database: containers begin in any order.</summary>
public sealed class StartingBeforeTheDatabaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitsAndServes_When_TheDatabaseComesLater()
    {
        await using var postgres = await OwnPostgres.StartAsync(Cancellation);
        await postgres.StopAsync(Cancellation);
        await using var site = LaurelSite.On(postgres.Url);

        var starting = LaurelServer.StartAsync(site, Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancellation);
        starting.IsCompleted.ShouldBeFalse();
        await postgres.StartAgainAsync(Cancellation);
        await using var server = await starting;

        (await server.RegisterAsync("m-1")).Status.ShouldBe(201);
        server.Process.Output.ShouldContain("does not answer yet");
    }

    [Fact]
    public async Task GivesUpAndSaysWhatToDo_When_TheDatabaseDoesNotCome()
    {
        await using var site = LaurelSite.On(new Uri("postgresql://laurel:secret-of-ours@127.0.0.1:1/laurel"));
        site.Environment["LAUREL_DATABASE_WAIT_SECONDS"] = "1";
        var startedAt = Stopwatch.GetTimestamp();

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("LAUREL_DATABASE_WAIT_SECONDS");
        (outcome.Errors + outcome.Output).ShouldNotContain("secret-of-ours");
        Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }
}
