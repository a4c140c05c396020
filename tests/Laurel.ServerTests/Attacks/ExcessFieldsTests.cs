using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Tenants;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Every body of the API with the names of everything that is stored or told beside what it asks for: points that a caller would like to have, a
/// role, another tenant. Each is refused by name, and nothing changes (D3).</summary>
public sealed class ExcessFieldsTests(DatabaseServers cluster, ITestOutputHelper output)
{
    /// <summary>One object is read to its 64th property.</summary>
    private const int NamesAtOnce = 35;

    private const int RoundsMax = 3;

    /// <summary>What other systems call what we do not have.</summary>
    private static readonly string[] s_foreign =
        ["isAdmin", "is_admin", "admin", "tier", "tenantId", "tenant_id", "role", "roles", "permissions", "password_hash", "passwordHash", "verified", "__proto__", "constructor", "$type"];

    /// <summary>CloudEvents 1.0 has attributes of the sender's own, and the data of a type that no rule knows is the shop's; the others are refused for want of
    /// a signature before they are read.</summary>
    private static readonly string[] s_free = ["/api/events", "/dapr/events", "/api/balance/recharges/{id}/paid", "/api/balance/withdrawals/{id}/result"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "D3")]
    public async Task AreRefusedByName_When_ABodyHasFieldsOfEverythingStored()
    {
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).WithMoney().AllowLoopback();
        (site.Environment["LAUREL_DAPR_API_TOKEN"], site.Environment["Limits"]) = ("sidecar-token-0123456789", "off");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var owner = await server.NewTenantAsync("bb");
        var things = await new TenantThings(owner, "bb").MakeAsync("bb");
        var names = await NamesAsync(site, server);
        output.WriteLine($"{names.Count} names");
        names.ShouldContain("available");
        names.ShouldContain("tenantId");
        var person = await owner.SignUpInAsync("bb", "greedy");
        var before = await RowsOfTenant.ReadQuietAsync(site, 2, Cancellation);

        var reading = await ReadingOperationsAsync(server);
        var faults = new List<string>();
        var asked = 0;
        var calls = ApiCalls.All.Where(call => call is { Body: not null, IsJson: true });
        foreach (var call in calls.Where(call => reading.Any(operation => call.IsOf(operation.Method, operation.Path))))
        {
            foreach (var excess in names.Chunk(NamesAtOnce))
            {
                asked++;
                if (await FaultOfAsync(call.Owner == "403 PLATFORM_ONLY" ? server : owner, person.Token, call, things, excess) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        output.WriteLine($"{asked} calls");
        faults.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(2_000);
        var after = await RowsOfTenant.ReadQuietAsync(site, 2, Cancellation);
        foreach (var (table, rows) in after)
        {
            rows.ShouldBe(before[table], table);
        }
    }

    /// <summary>Each name must be refused: those that the body does not ask for as unknown, the others for what they hold.</summary>
    private static async Task<string?> FaultOfAsync(LaurelServer caller, string person, ApiCall call, IReadOnlyDictionary<string, string> things, string[] excess)
    {
        var (request, _) = call.Fill(things);
        var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(Cancellation));
        if ((body as JsonArray)?[0] as JsonObject is not { } fields && (fields = body as JsonObject) is null)
        {
            return $"{call} has no object";
        }

        var added = excess.Where(name => !fields.ContainsKey(name)).ToList();
        added.ForEach(name => fields[name] = new JsonObject { [" "] = true });

        // Whole documents of a programme are refused for the first fault alone, so the next is seen once that has gone.
        for (var round = 0; round < RoundsMax && added.Count > 0; round++)
        {
            var spoilt = LaurelServer.Request(
                request.Method, request.RequestUri!.ToString(), Encoding.UTF8.GetBytes(body!.ToJsonString()), request.Content.Headers.ContentType!.ToString());
            spoilt.Headers.Authorization = call.Owner == "403 SIGN_IN_REQUIRED" ? new AuthenticationHeaderValue("Bearer", person) : null;
            var answer = await caller.SendAsync(spoilt);
            var refusal = answer.Json.TryGetProperty("results", out var results) ? results[0] : answer.Json;
            if (!refusal.TryGetProperty("code", out var code) || code.GetString() != "VALIDATION_FAILED")
            {
                return $"{call}: {answer.Outcome} {answer.Text}";
            }

            var refused = refusal.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()! + "/").ToList();
            var gone = added.RemoveAll(name => refused.Any(pointer => pointer.Contains($"/{name}/", StringComparison.Ordinal)) && fields.Remove(name));
            if (gone == 0)
            {
                return $"{call} takes {string.Join(", ", added)}";
            }
        }

        return null;
    }

    /// <summary>The operations that read a body.</summary>
    private static async Task<IReadOnlyList<(string Method, string Path)>> ReadingOperationsAsync(LaurelServer server) =>
    [
        .. from path in (await server.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject()
           where !s_free.Contains(path.Name)
           from operation in path.Value.EnumerateObject()
           where operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("requestBody", out _)
           select (operation.Name.ToUpperInvariant(), path.Name),
    ];

    /// <summary>The names of all properties that the document of the API knows, and of all columns as JSON would write them.</summary>
    private static async Task<IReadOnlyList<string>> NamesAsync(LaurelSite site, LaurelServer server)
    {
        var names = new SortedSet<string>(s_foreign, StringComparer.Ordinal);
        var document = (await server.GetAsync("/openapi/v1.json")).Json;
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            if (schema.Value.TryGetProperty("properties", out var properties))
            {
                names.UnionWith(properties.EnumerateObject().Select(property => property.Name));
            }
        }

        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            var column = reader.GetString(0);
            names.Add(column);
            names.Add(JsonNamingPolicy.CamelCase.ConvertName(string.Concat(column.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))));
        }

        return [.. names];
    }
}
