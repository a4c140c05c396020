using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Where the programme asks for two persons, nobody makes a member leave alone, over HTTP.</summary>
public sealed class LeavingByTwoTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LeavesWhenTwoSaySo_When_StaffAsksAndNotTheMember(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Jobs__cancellations"] = "1";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await AskForTwoAsync(server);
        var other = server.As((await server.MakeKeyAsync("*")).Key);
        var owner = server.As(await KeyCalls.NewHandAsync(site, Cancellation));
        var (alone, both, first, second) = (
            await server.SignUpAsync("alone"), await server.NewMemberAsync("both", 0), await server.NewMemberAsync("first", 0), await server.NewMemberAsync("second", 0));

        (await LeaveAsync(server, both)).Json.GetProperty("cancelUnconfirmed").GetBoolean().ShouldBeTrue();
        (await ConfirmAsync(server, both)).Outcome.ShouldBe("403 CONFIRMER_NOT_ANOTHER");
        (await ConfirmAsync(other, both)).Outcome.ShouldBe("403 CONFIRMER_NOT_ANOTHER");
        var ids = new { memberIds = new[] { first, second }, reason = "duplicates" };
        Done(await server.PostAsync("/api/members/bulk/delete", ids)).ShouldBe([true, true]);
        Done(await other.PostAsync("/api/members/bulk/delete/confirm", ids)).ShouldBe([false, false]);

        (await ListAsync(server, "unconfirmed=true")).ShouldBe([both, first, second], ignoreOrder: true);
        var whole = await server.GetAsync("/api/members/cancellations?limit=2");
        (await ListAsync(server, "limit=2&cursor=" + whole.TextOf("nextCursor"))).Length.ShouldBe(1);
        (await server.GetAsync("/api/members/cancellations?unconfirmed=perhaps")).Status.ShouldBe(400);

        // The job has had time for whoever waits for nobody.
        (await server.AsAsync(alone.Token, HttpMethod.Delete, "/api/members/me")).Json.GetProperty("cancelUnconfirmed").GetBoolean().ShouldBeFalse();
        await HasLeftAsync(server, alone.Id);
        (await server.MemberAsync(both)).TextOf("status").ShouldBe("active");
        (await server.GetAsync($"/api/members/{both}/status")).Json.GetProperty("cancelUnconfirmed").GetBoolean().ShouldBeTrue();

        (await ConfirmAsync(owner, both)).Json.GetProperty("cancelUnconfirmed").GetBoolean().ShouldBeFalse();
        Done(await owner.PostAsync("/api/members/bulk/delete/confirm", ids)).ShouldBe([true, true]);
        foreach (var id in (string[])[both, first, second])
        {
            await HasLeftAsync(server, id);
        }

        (await server.GetAsync($"/api/members/{both}/status")).Json.GetProperty("items").EnumerateArray().Select(step => step.GetProperty("kind").GetString())
            .ShouldBe(["status", "cancellation_confirmed", "cancellation_requested"]);
        (await ConfirmAsync(owner, "1")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        await site.VerifyAsync(Cancellation);
    }

    private static bool[] Done(Answer answer) => [.. answer.Json.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("done").GetBoolean())];

    private static async Task<string?[]> ListAsync(LaurelServer server, string query) =>
    [
        .. (await server.GetAsync("/api/members/cancellations?" + query)).Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("memberId").GetString()),
    ];

    private static Task<Answer> LeaveAsync(LaurelServer server, string id) => server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/api/members/{id}"));

    private static Task<Answer> ConfirmAsync(LaurelServer server, string id) =>
        server.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/api/members/{id}/cancellation/confirm"));

    private static Task HasLeftAsync(LaurelServer server, string id) =>
        Eventually.HoldsAsync(async () => (await server.MemberAsync(id)).TextOf("status") == "cancelled", "The member is still there.");

    private static async Task AskForTwoAsync(LaurelServer server)
    {
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["cancellation"] = JsonDocument.Parse("""{"coolingOffDays":0,"twoPersons":true}""").RootElement;
        var body = JsonSerializer.SerializeToUtf8Bytes(programme);
        (await server.SendAsync(LaurelServer.Request(HttpMethod.Put, "/api/programme", body, LaurelServer.Json))).Status.ShouldBe(200);
    }
}
