using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Refusals;

/// <summary>Two thousand spoilt requests to every door that writes: no fault of ours, no damage.</summary>
public sealed class SpoiltRequestsTests(Servers servers, ITestOutputHelper output) : IClassFixture<Servers>
{
    private const int RequestCount = 2_000;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E1")]
    public async Task IsNeverAFaultOfOurs_When_ARequestIsSpoilt(DatabaseUnderTest database)
    {
        var random = new Random(Seed.Draw(output));
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("victim", 1_000_000);
        var other = await server.NewMemberAsync("other", 1_000_000);
        var opened = await AtOnce.RunAsync(200, i => server.HoldAsync(member, 20, $"victim-{i}"));
        var holds = opened.Select(hold => hold.TextOf("holdId")!).ToArray();
        await server.CompleteOrderAsync(member, "victim", 1_000_000);
        var mutations = new BodyMutations(random);
        var faults = new List<string>();
        var outcomes = new Dictionary<string, int>();
        for (var i = 0; i < RequestCount; i++)
        {
            var (path, body) = Good(member, other, holds[random.Next(holds.Length)], random);
            var spoilt = mutations.Spoil(JsonSerializer.SerializeToNode(body)!);
            var answer = await server.SendAsync(HttpMethod.Post, path, spoilt, LaurelServer.Json);
            outcomes[answer.Outcome] = outcomes.GetValueOrDefault(answer.Outcome) + 1;
            if (IsFaultOfOurs(answer))
            {
                faults.Add($"{answer.Outcome} {path} {Encoding.UTF8.GetString(spoilt)}");
            }
        }

        var tally = outcomes.OrderByDescending(outcome => outcome.Value).Select(o => $"{o.Value,6} {o.Key}");
        output.WriteLine(string.Join('\n', tally));

        faults.ShouldBeEmpty();
        outcomes.Keys.ShouldContain("200");
        outcomes.Keys.ShouldContain("400 VALIDATION_FAILED");
        (await server.EarnAsync(member, 1, "still-alive")).Outcome.ShouldBe("200");
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    private static bool IsFaultOfOurs(Answer answer) =>
        answer.Status >= 500
        || (answer.Status >= 400 && answer.MediaType != "application/problem+json")
        || (answer.Json.TryGetProperty("results", out var results)
            && results.EnumerateArray().Any(r => r.GetProperty("status").GetString() == "failed"));

    private static (string Path, object Body) Good(string member, string other, string hold, Random random)
    {
        var reference = $"spoilt-{random.Next()}";
        var movement = LaurelServer.Movement(member, random.Next(1, 100), reference);
        var transfer = new
        {
            from = new { memberId = member },
            to = new { memberId = other },
            points = 5,
            reason = "r",
            reference,
        };
        var lines = new[]
        {
            new { lineId = "1", sku = "s", quantity = 1, amount = 60, eligible = 30 },
            new { lineId = "2", sku = "t", quantity = 2, amount = 40, eligible = 40 },
        };
        var order = new { orderId = reference, memberId = member, currency = "CNY", amount = 100, lines };
        var refund = new { orderId = "victim", refundId = reference, amount = 10 };
        var completed = ShopEvents.Event("order.completed", reference, order);
        var ending = random.Next(2) == 0 ? "capture" : "release";
        var person = new
        {
            externalId = reference,
            nickname = "n",
            phone = "13800138000",
            email = "a@b.cn",
            registeredAt = "2020-01-01T00:00:00Z",
        };
        return random.Next(9) switch
        {
            0 => ("/api/members", person),
            1 => ("/api/points/earn", movement),
            2 => ("/api/points/spend", movement),
            3 => ("/api/points/adjust", movement),
            4 => ("/api/points/hold", movement),
            5 => ($"/api/points/{ending}", new { holdId = hold, points = 5, reference }),
            6 => ("/api/points/transfer", transfer),
            7 => ("/api/events", new[] { completed, ShopEvents.Event("order.refunded", reference, refund) }),
            _ => ("/api/events", completed),
        };
    }
}
