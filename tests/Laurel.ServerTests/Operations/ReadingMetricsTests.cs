using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary><c>/metrics</c>, from the outside.</summary>
public sealed partial class ReadingMetricsTests(DatabaseServers cluster)
{
    private const string Phone = "13912345678";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task CountsWhatWasApplied_When_CallsAreRefusedAndRepeatedToo(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var id = await server.NewMemberAsync("m-1", 100);
        await server.NewMemberAsync("m-2", 100);
        (await server.RegisterAsync("m-2")).Status.ShouldBe(409);
        (await server.CompleteOrderAsync(id, "o-1", 129_900)).Status.ShouldBe(200);
        (await server.CompleteOrderAsync(id, "o-1", 129_900)).Status.ShouldBe(200);
        (await server.SpendAsync(id, 500, "s-1")).Status.ShouldBe(200);
        (await server.SpendAsync(id, 500, "s-1")).Replayed.ShouldBeTrue();
        (await server.SpendAsync(id, 1_000_000, "s-2")).Status.ShouldBe(422);
        (await server.RefundAsync("o-1", "r-1", 10_000)).Status.ShouldBe(200);

        var metrics = await ReadAsync(server);

        metrics["member_registration_total"].ShouldBe(2);
        metrics["points_earned_total{type=\"earned_registration\"}"].ShouldBe(200);
        metrics["points_earned_total{type=\"earned_order\"}"].ShouldBe(1_299 + 200);
        metrics["points_used_total{type=\"spent_exchange\"}"].ShouldBe(500);
        metrics["points_reversed_total"].ShouldBe(100);
        metrics["points_transactions_total{type=\"spent_exchange\"}"].ShouldBe(1);
        metrics["member_level_upgrade_total{from_level=\"bronze\",to_level=\"silver\"}"].ShouldBe(1);
        metrics["points_calculation_errors_total"].ShouldBe(0);
        metrics["member_commands_total{outcome=\"applied\"}"].ShouldBe(5);
        metrics["member_commands_total{outcome=\"duplicate\"}"].ShouldBe(2);
        metrics["member_commands_total{outcome=\"refused\"}"].ShouldBe(2);
        metrics["member_batch_commands_sum"].ShouldBe(9);
        metrics[Answers("POST", "/api/points/spend", "2xx")].ShouldBe(2);
        metrics[Answers("POST", "/api/points/spend", "4xx")].ShouldBe(1);
        metrics["member_db_connections"].ShouldBeGreaterThan(0);
        metrics["member_db_query_seconds_count{statement=\"lane.commit\"}"].ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task IsAcceptedByPromtool_When_EveryKindOfMetricHasValues()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await WorkAsync(server);

        var metrics = await ReadAsync(server);
        var outcome = await Promtool.CheckMetricsAsync(metrics.Text, Cancellation);

        metrics.Names.ShouldContain("dotnet_gc_collections_total");
        outcome.Errors.ShouldBeEmpty();
        outcome.Output.ShouldBeEmpty();
        outcome.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task IsRejectedByPromtool_When_ACounterIsNamedAsItMustNotBe()
    {
        const string Bad = "# HELP points_earned Points.\n# TYPE points_earned counter\npoints_earned 1\n";

        (await Promtool.CheckMetricsAsync(Bad, Cancellation)).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task NamesNobody_When_CallsNameMembersPhonesAndPathsThatDoNotExist()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var id = await WorkAsync(server);
        await server.GetAsync($"/api/members?phone={Phone}");
        await server.GetAsync($"/api/no-such-thing/{Phone}");
        using var oddMethod = new HttpRequestMessage(new HttpMethod("P" + Phone), "/api/members");
        await server.SendAsync(oddMethod);

        var metrics = await ReadAsync(server);

        metrics[Answers("GET", "/api/members/{id}", "2xx")].ShouldBe(1);
        metrics.Text.ShouldNotContain(Phone);
        metrics.Text.ShouldNotContain(id);
        metrics.Text.ShouldNotContain("m-private");
        metrics.Text.ShouldNotContain(LaurelSite.AdministratorKey);
    }

    [Fact]
    public async Task NeedsAKey_When_NothingIsSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await site.ServeAsync(Cancellation);

        (await StatusAsync(server, null)).ShouldBe(401);
    }

    [Fact]
    public async Task IsOpenToThisMachineAlone_When_SetToLoopback()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_METRICS_ACCESS"] = "loopback";
        await using var server = await site.ServeAsync(Cancellation);

        (await StatusAsync(server, null)).ShouldBe(200);
        (await StatusAsync(server, "X-Forwarded-For")).ShouldBe(403);
        (await StatusAsync(server, "Forwarded")).ShouldBe(403);
    }

    [Fact]
    public async Task HasEveryMetricOfTheAlertsTheDashboardAndThePage_When_ItIsRead()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        // A broker that is not there: what waits for it, and what comes from it, is told all the same.
        site.Environment["RABBITMQ_URL"] = "amqp://127.0.0.1:1/";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await WorkAsync(server);

        var exposed = (await ReadAsync(server)).Names;
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operate", "monitoring.md"));

        NamesIn(Alerts()).Except(exposed).ShouldBeEmpty();
        NamesIn(Dashboard()).Except(exposed).ShouldBeEmpty();
        NamesIn(Dashboard()).Count().ShouldBeGreaterThan(15);
        exposed.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
        NamesIn(["rate(member_no_such_thing_total[5m])"]).Except(exposed).ShouldNotBeEmpty();
    }

    private static string Answers(string method, string endpoint, string status) =>
        $"member_api_response_seconds_count{{method=\"{method}\",endpoint=\"{endpoint}\",status=\"{status}\"}}";

    private static async Task<string> WorkAsync(LaurelServer server)
    {
        var registered = await server.PostAsync("/api/members", new { externalId = "m-private", phone = Phone });
        var id = registered.Json.GetProperty("id").GetString()!;
        await server.CompleteOrderAsync(id, "o-1", 10_000);
        (await server.MemberAsync(id)).Status.ShouldBe(200);
        return id;
    }

    private static async Task<Exposition> ReadAsync(LaurelServer server)
    {
        var answer = await server.GetAsync("/metrics");
        answer.Status.ShouldBe(200);
        answer.MediaType.ShouldBe("text/plain");
        return new Exposition(answer.Text);
    }

    private static async Task<int> StatusAsync(LaurelProcess server, string? header)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (header is not null)
        {
            request.Headers.Add(header, "for=192.0.2.1");
        }

        using var answer = await client.SendAsync(request, Cancellation);
        return (int)answer.StatusCode;
    }

    private static IEnumerable<string> Alerts() =>
        File.ReadLines(Path.Combine(Repository.Root, "ops", "prometheus", "laurel-alerts.yml")).Where(line => line.Contains("expr:"));

    private static IEnumerable<string> Dashboard()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "ops", "grafana", "laurel.json")));
        return
        [
            .. from panel in json.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString(),
        ];
    }

    /// <summary>The metrics that expressions name, a histogram by its own name.</summary>
    private static IEnumerable<string> NamesIn(IEnumerable<string> expressions) => expressions
        .SelectMany(expression => NamePattern().Matches(expression))
        .Select(match => match.Value)
        .Select(name => name.EndsWith("_seconds_bucket") || name.EndsWith("_commands_bucket") ? name[..^"_bucket".Length] : name)
        .Select(name => name.EndsWith("_seconds_sum") || name.EndsWith("_commands_sum") ? name[..^"_sum".Length] : name)
        .Select(name => name.EndsWith("_seconds_count") || name.EndsWith("_commands_count") ? name[..^"_count".Length] : name)
        .Distinct();

    [GeneratedRegex("\\b(member|points|api|dotnet)_[a-z_]+", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NamePattern();
}
