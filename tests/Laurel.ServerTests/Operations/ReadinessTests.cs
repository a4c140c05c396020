using System.Net;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary><c>/health</c> and <c>/ready</c>, with the database there and gone.</summary>
public sealed class ReadinessTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SaysWhatIsThere_When_EverythingAnswers()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await site.ServeAsync(Cancellation);

        (await GetAsync(server, "/ready")).ShouldBe((HttpStatusCode.OK, """{"database":"ok","cache":"disabled","message_queue":"disabled","replicas":"disabled","writes":"ok","draining":false}"""));
    }

    [Fact]
    public async Task IsAliveAndNotReady_When_TheDatabaseIsGone()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var server = await site.ServeAsync(Cancellation);

        await cluster.DropDatabaseAsync(DatabaseUnderTest.Postgres, site.DatabaseUrl!.AbsoluteUri, Cancellation);

        await Eventually.HoldsAsync(async () => (await GetAsync(server, "/ready")).Status == HttpStatusCode.ServiceUnavailable, "it is still ready");
        var (_, body) = await GetAsync(server, "/ready");
        body.ShouldContain("\"database\":\"unavailable\"");
        (await GetAsync(server, "/health")).ShouldBe((HttpStatusCode.OK, """{"status":"ok"}"""));
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(LaurelProcess server, string path)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
