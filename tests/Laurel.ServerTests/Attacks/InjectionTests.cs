using System.Text;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.Tenants;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Every operation of the API with pieces of SQL in place of each name in its path and query and of each text in its body (E4): never a fault of ours,
/// never more told than without, and nothing changed that a refused call should not change.</summary>
public sealed class InjectionTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private static readonly string[] s_payloads =
        ["' OR '1'='1", "1 OR 1=1", "\"; DROP TABLE members; --", "') UNION SELECT * FROM members --", "$1 @p0 :tenant_id % _"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E4")]
    public async Task MeansNothing_When_SqlStandsWhereANameBelongs(DatabaseUnderTest database)
    {
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney().AllowLoopback();
        (site.Environment["LAUREL_DAPR_API_TOKEN"], site.Environment["Limits"]) = ("sidecar-token-0123456789", "off");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var owner = await server.NewTenantAsync("bb");
        var things = await new TenantThings(owner, "bb").MakeAsync("bb");
        await server.NewMemberAsync("canary-of-another", 500);
        var others = await RowsOfTenant.ReadQuietAsync(site, 1, Cancellation);

        var faults = new List<string>();
        var asked = 0;
        foreach (var call in ApiCalls.All.Where(call => call.Method != "DELETE" && call.Path != "/api/cache/clear"))
        {
            foreach (var payload in s_payloads)
            {
                foreach (var request in Spoilt(call, things, payload))
                {
                    asked++;
                    request.Headers.Add("Laurel-Tenant", "bb");
                    var target = $"{request.Method} {request.RequestUri}";
                    var answer = await owner.SendAsync(request);
                    if (answer.Status >= 500 || answer.Text.Contains("canary-of-another", StringComparison.Ordinal))
                    {
                        faults.Add($"{target} with {payload}: {answer.Outcome} {answer.Text}");
                    }
                }
            }
        }

        output.WriteLine($"{asked} calls");
        faults.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(3_000);
        var after = await RowsOfTenant.ReadQuietAsync(site, 1, Cancellation);
        foreach (var (table, rows) in after)
        {
            rows.ShouldBe(others[table], table);
        }

        await site.VerifyAsync(Cancellation);
    }

    /// <summary>The call with the payload in place of its names and queries, and with it in place of all texts of its body.</summary>
    private static IEnumerable<HttpRequestMessage> Spoilt(ApiCall call, IReadOnlyDictionary<string, string> things, string payload)
    {
        if (call.Path.Contains('<'))
        {
            var spoilt = things.ToDictionary(thing => thing.Key, _ => payload);
            yield return (call with { Body = null }).Fill(spoilt).Request is var bare && call.Body is null
                ? bare
                : LaurelServer.Request(bare.Method, bare.RequestUri!.ToString(), "{}"u8.ToArray(), call.MediaType);
        }
        else if (call.Method == "GET")
        {
            foreach (var name in new[] { "cursor", "limit", "from", "to", "sort", "status", "memberId", "q" })
            {
                yield return new HttpRequestMessage(HttpMethod.Get, $"{call.Path}{(call.Path.Contains('?') ? "&" : "?")}{name}={Uri.EscapeDataString(payload)}");
            }
        }

        if (call is { Body: not null, IsJson: false })
        {
            var path = call.Fill(things).Request.RequestUri!.ToString();
            yield return LaurelServer.Request(new HttpMethod(call.Method), path, Encoding.UTF8.GetBytes(payload), call.MediaType);
        }
        else if (call.Body is not null)
        {
            var (request, _) = call.Fill(things);
            using var reader = new StreamReader(request.Content!.ReadAsStream(Cancellation));
            var body = JsonNode.Parse(reader.ReadToEnd())!;
            Replace(body, payload);
            yield return LaurelServer.Request(request.Method, request.RequestUri!.ToString(), Encoding.UTF8.GetBytes(body.ToJsonString()), call.MediaType);
        }
    }

    private static void Replace(JsonNode node, string payload)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (value is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String)
                    {
                        fields[name] = payload;
                    }
                    else if (value is not null)
                    {
                        Replace(value, payload);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items.OfType<JsonNode>())
                {
                    Replace(item, payload);
                }

                break;
            case JsonValue:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }
}
