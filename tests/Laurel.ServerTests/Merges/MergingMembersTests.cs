using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Merges;

/// <summary>Members that are one person, over HTTP.</summary>
public sealed class MergingMembersTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ArePreviewedMergedFoundAndUndone_When_Asked(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (from, into) = (await server.NewMemberAsync("old", 500), await server.NewMemberAsync("new", 20));
        var body = new { into = new { externalId = "new" }, reason = "The same person", reference = "ticket-1" };

        var preview = await server.PostAsync($"/api/members/{from}/merge/preview", new { into = new { memberId = into } });
        (preview.Status, preview.Json.GetProperty("status").GetString()).ShouldBe((200, "preview"), preview.Text);
        (await server.PointsAsync(into)).Available.ShouldBe(20);
        var merged = await server.PostAsync($"/api/members/{from}/merge", body);
        var again = await server.PostAsync($"/api/members/{from}/merge", body);
        var merge = merged.Json.GetProperty("mergeId").GetString();

        merged.Status.ShouldBe(200, merged.Text);
        merged.Json.GetProperty("moved").GetRawText().ShouldBe(preview.Json.GetProperty("moved").GetRawText());
        (again.Status, again.Replayed, again.Json.GetProperty("mergeId").GetString()).ShouldBe((200, true, merge));
        (await server.PointsAsync(into)).Available.ShouldBe(520);
        var gone = (await server.GetAsync($"/api/members/{from}")).Json;
        (gone.GetProperty("status").GetString(), gone.GetProperty("mergedInto").GetString()).ShouldBe(("merged", into));
        (await server.GetAsync("/api/members?externalId=old")).Text.ShouldContain($"\"mergedInto\":\"{into}\"");
        (await server.GetAsync($"/api/members/{into}")).Text.ShouldNotContain("mergedInto");

        // A node that has not met the merge yet is asked by the name of the one that went.
        await using (var other = await StartAnotherAsync(database, site))
        {
            var quote = await (other ?? server).PostAsync("/api/quote", new { memberId = from, lines = new[] { new { lineId = "1", amount = 1_000 } } });
            (quote.Status, quote.Json.GetProperty("memberId").GetString()).ShouldBe((200, into), quote.Text);
        }

        var spent = await server.PostAsync("/api/points/spend", new { externalId = "old", points = 10, reason = "goods", referenceType = "test", referenceId = "s-1" });
        (spent.Status, spent.Json.GetProperty("memberId").GetString()).ShouldBe((200, into), spent.Text);
        var list = (await server.GetAsync($"/api/members/merges?memberId={into}")).Json.GetProperty("items");
        list.GetArrayLength().ShouldBe(1);
        var told = (await server.GetAsync($"/api/members/merges/{merge}")).Json;
        told.GetProperty("operator").GetString().ShouldBe("administrator");
        told.GetProperty("lineage").EnumerateArray().Select(move => move.GetProperty("kind").GetString()).ShouldContain("lot");

        var would = await server.GetAsync($"/api/members/merges/{merge}/undo/preview");
        var undone = await server.PostAsync($"/api/members/merges/{merge}/undo", new { reason = "Two persons" });
        undone.Status.ShouldBe(200, undone.Text);
        undone.Json.GetProperty("moved").GetRawText().ShouldBe(would.Json.GetProperty("moved").GetRawText());
        (await server.PointsAsync(from)).Available.ShouldBe(500);
        (await server.GetAsync($"/api/members/merges/{merge}")).Json.GetProperty("status").GetString().ShouldBe("undone");
        await site.VerifyAsync(Cancellation);
    }

    // Of SQLite there is one node.
    private static async Task<LaurelServer?> StartAnotherAsync(DatabaseUnderTest database, LaurelSite site) =>
        database == DatabaseUnderTest.Sqlite ? null : await LaurelServer.StartAsync(site, Cancellation);

    [Fact]
    public async Task IsRefusedWithAPointer_When_ItCannotBe()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (a, b) = (await server.NewMemberAsync("a", 5), await server.NewMemberAsync("b", 5));
        object Into(string member, string reference) => new { into = new { memberId = member }, reason = "r", reference };

        (await server.PostAsync($"/api/members/{a}/merge", Into(a, "1"))).Outcome.ShouldBe("422 MERGE_WITH_SELF");
        (await server.PostAsync($"/api/members/{a}/merge", Into("7", "2"))).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.PostAsync("/api/members/x/merge", Into(b, "3"))).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.PostAsync($"/api/members/{a}/merge", new { reason = "r", reference = "4" })).Status.ShouldBe(400);
        (await server.PostAsync("/api/members/merges/7/undo", new { reason = "r" })).Outcome.ShouldBe("404 MERGE_NOT_FOUND");
        (await server.GetAsync("/api/members/merges/7")).Outcome.ShouldBe("404 MERGE_NOT_FOUND");
        (await server.PostAsync($"/api/members/{a}/merge", Into(b, "5"))).Status.ShouldBe(200);
        var again = await server.PostAsync($"/api/members/{a}/merge", Into(b, "6"));
        (again.Outcome, again.Faults[0]).ShouldBe(("409 MEMBER_MERGED", "MEMBER_MERGED /from"));
        (await server.PostAsync($"/api/members/{b}/merge", Into(a, "7"))).Faults[0].ShouldBe("MEMBER_MERGED /into");
        (await server.TransferAsync(b, a, 1, "t")).Outcome.ShouldBe("409 MEMBER_MERGED");
        await site.VerifyAsync(Cancellation);
    }
}
