using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Tenants;

/// <summary>Every operation of the API, called with the key of one tenant and the ids of another's things, in path, query and body: it is
/// refused or tells nothing, and changes nothing. Then their owner asks the same, and is answered: so it was asked well.</summary>
public sealed class TenantMatrixTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const string Mark = "bb";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "D1")]
    public async Task AreAllCalled_When_TheDocumentOfTheApiListsThem()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var operations = await OperationsAsync(server);

        operations.Count.ShouldBeGreaterThan(200);
        operations.Where(operation => !ApiCalls.All.Any(call => call.IsOf(operation.Method, operation.Path))).ShouldBeEmpty();
        ApiCalls.All.Where(call => !operations.Any(operation => call.IsOf(operation.Method, operation.Path))).Select(call => call.ToString()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D1")]
    public async Task MeetsNothingOfAnother_When_ATenantAsksForEverything(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var stranger = await server.NewTenantAsync("aa");
        await using var owner = await server.NewTenantAsync("bb");
        var theirs = await new TenantThings(owner, Mark).MakeAsync("bb");
        var asked = new Dictionary<string, string>(theirs)
        {
            ["mine"] = await stranger.NewMemberAsync("aa-mine", 500),
            ["programme"] = (await stranger.GetAsync("/api/programme")).Text,
        };
        var before = await RowsOfTenant.ReadQuietAsync(site, 3, Cancellation);

        var faults = new List<string>();
        foreach (var call in ApiCalls.All)
        {
            if (await FaultOfAsync(stranger, call, asked, theirs) is { } fault)
            {
                faults.Add(fault);
            }
        }

        faults.ShouldBeEmpty();
        var after = await RowsOfTenant.ReadQuietAsync(site, 3, Cancellation);
        after.Keys.ShouldBe(before.Keys);
        foreach (var (table, rows) in after)
        {
            rows.ShouldBe(before[table], table);
        }

        await AreAnsweredToTheirOwnerAsync(owner, theirs);
        await site.VerifyAsync(Cancellation);
    }

    private static async Task<string?> FaultOfAsync(
        LaurelServer stranger, ApiCall call, IReadOnlyDictionary<string, string> asked, IReadOnlyDictionary<string, string> theirs)
    {
        var (request, sent) = call.Fill(asked);
        var answer = await stranger.SendAsync(request);
        if (answer.Status >= 500 || (answer.Status < 400 && !call.MayBeAnswered))
        {
            return $"{call}: {answer.Outcome} {answer.Text}";
        }

        var told = theirs
            .Where(thing => thing.Key is not ("programme" or "tenant" or "kind" or "app") && !sent.Contains(thing.Value, StringComparison.Ordinal))
            .FirstOrDefault(thing => answer.Text.Contains(thing.Value, StringComparison.Ordinal));
        return told.Key is not null || (answer.Text.Contains($"{Mark} ", StringComparison.Ordinal) && !sent.Contains($"{Mark} ", StringComparison.Ordinal))
            ? $"{call} tells {told.Key}: {answer.Text}"
            : null;
    }

    private async Task AreAnsweredToTheirOwnerAsync(LaurelServer owner, IReadOnlyDictionary<string, string> theirs)
    {
        var faults = new List<string>();
        foreach (var call in ApiCalls.All.Where(call => !call.IsOpen))
        {
            var answer = await owner.SendAsync(call.Fill(theirs).Request);
            output.WriteLine($"{answer.Outcome} {call}");
            if (call.Owner is { } expected ? answer.Outcome != expected : answer.Status is not (< 300 or 409 or 422))
            {
                faults.Add($"{call}: {answer.Outcome} {answer.Text}");
            }
        }

        faults.ShouldBeEmpty();
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database)
    {
        var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney().AllowLoopback();
        site.Environment["LAUREL_DAPR_API_TOKEN"] = "sidecar-token-0123456789";
        return site;
    }

    private static async Task<IReadOnlyList<(string Method, string Path)>> OperationsAsync(LaurelServer server)
    {
        var document = (await server.GetAsync("/openapi/v1.json")).Json;
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               where operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("responses", out _)
               select (operation.Name.ToUpperInvariant(), path.Name),
        ];
    }
}
