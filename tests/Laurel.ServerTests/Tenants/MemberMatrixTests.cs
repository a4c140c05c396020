using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Tenants;

/// <summary>Every operation of the API, called with the access token of a member and the ids of what is another member's, or the merchant's own: it is
/// refused and changes nothing (D2). What is told to every member of the merchant is named here.</summary>
public sealed class MemberMatrixTests(DatabaseServers cluster)
{
    private const string Mark = "bb";

    /// <summary>What the merchant tells all of its members, and the server everybody.</summary>
    private static readonly string[] s_told =
    [
        "GET /api/levels", "GET /api/tracks", "GET /api/cards", "GET /api/points/records", "GET /health", "GET /ready", "GET /.well-known/jwks.json", "GET /schemas/events",
    ];

    /// <summary>What asks for a secret of somebody else's than its callers.</summary>
    private static readonly string[] s_signed =
        ["POST /dapr/events", "POST /api/balance/recharges/<recharge>/paid", "POST /api/balance/withdrawals/<withdrawal>/result"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D2")]
    public async Task MeetsNothingOfAnother_When_AMemberAsksForEverything(DatabaseUnderTest database)
    {
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).WithMoney().AllowLoopback();
        (site.Environment["LAUREL_DAPR_API_TOKEN"], site.Environment["Limits"]) = ("sidecar-token-0123456789", "off");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var owner = await server.NewTenantAsync("bb");
        var theirs = await new TenantThings(owner, Mark).MakeAsync("bb");
        var stranger = await owner.SignUpInAsync("bb", "stranger");
        var before = await RowsOfTenant.ReadQuietAsync(site, 2, Cancellation);

        var faults = new List<string>();
        foreach (var call in ApiCalls.All.Where(call => !call.IsOpen && !call.Path.StartsWith("/api/auth/", StringComparison.Ordinal)))
        {
            var (request, _) = call.Fill(theirs);
            request.Headers.Authorization = new("Bearer", stranger.Token);
            var answer = await owner.SendAsync(request);
            var isTold = s_told.Contains(call.ToString());
            var isRefused = s_signed.Contains(call.ToString()) ? answer.Status == 401 : answer.Status is 403 or 404;
            if (isTold ? answer.Status != 200 : !isRefused)
            {
                faults.Add($"{call}: {answer.Outcome} {answer.Text}");
            }
            else if (answer.Text.Contains(theirs["member"], StringComparison.Ordinal) && answer.Status == 200)
            {
                faults.Add($"{call} tells of another member: {answer.Text}");
            }
        }

        faults.ShouldBeEmpty();
        (await owner.StandingAsync(stranger.Token)).ShouldBe("200");
        var after = await RowsOfTenant.ReadQuietAsync(site, 2, Cancellation);
        foreach (var (table, rows) in after)
        {
            rows.ShouldBe(before[table], table);
        }
    }
}
