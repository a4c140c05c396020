using System.Net;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary><c>/ready</c> with what may report to it.</summary>
public sealed class ReadyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "ok")]
    [InlineData(false, "unavailable")]
    public async Task TellsOfCacheAndQueue_When_TheyReport(bool answers, string state) =>
        (await AskAsync(new ReadyProbe("cache", _ => Task.FromResult(answers)), new ReadyProbe("message_queue", _ => Task.FromResult(answers))))
            .ShouldBe((HttpStatusCode.OK, $$"""{"database":"ok","cache":"{{state}}","message_queue":"{{state}}","replicas":"disabled","writes":"ok","draining":false}"""));

    [Fact]
    public async Task StaysInService_When_TheCacheThrowsAndTheQueueNeverAnswers()
    {
        var (status, body) = await AskAsync(
            new ReadyProbe("cache", _ => throw new IOException("No route to host.")),
            new ReadyProbe("message_queue", _ => new TaskCompletionSource<bool>().Task));

        (status, body).ShouldBe((HttpStatusCode.OK, """{"database":"ok","cache":"unavailable","message_queue":"unavailable","replicas":"disabled","writes":"ok","draining":false}"""));
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(params IReadOnlyList<ReadyProbe> probes)
    {
        await using var database = new SqliteDatabase("unused", readOnly: true);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(new WriteGate(NullLogger<WriteGate>.Instance));
        builder.Services.AddSingleton(ReadRouter.Of(database));
        builder.Services.AddSingleton(new Draining(TimeSpan.Zero, TimeProvider.System, NullLogger<Draining>.Instance));
        builder.Services.AddSingleton(new ReadyProbe("database", _ => Task.FromResult(true)));
        foreach (var probe in probes)
        {
            builder.Services.AddSingleton(probe);
        }

        await using var app = builder.Build();
        app.MapHealth();
        await app.StartAsync(Cancellation);
        try
        {
            using var client = new HttpClient();
            using var answer = await client.GetAsync(new Uri(app.Urls.First() + "/ready"), Cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }
        finally
        {
            await app.StopAsync(Cancellation);
        }
    }
}
