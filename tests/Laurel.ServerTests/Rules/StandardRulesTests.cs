using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>The programme that nobody has changed pays for every source of points that the seeds name.</summary>
public sealed class StandardRulesTests(Servers servers) : IClassFixture<Servers>
{
    public static TheoryData<string, object, long> Sources => new()
    {
        { "member.profile_completed", new { }, 50 },
        { "product.reviewed", new { }, 10 },
        { "product.reviewed", new { photos = 3 }, 30 },
        { "product.reviewed", new { photos = 1, length = 50 }, 50 },
        { "product.reviewed", new { photos = 0, length = 49 }, 10 },
        { "product.shared", new { sku = "A-1" }, 5 },
        { "referral.completed", new { invitee = "somebody" }, 500 },
        { "referral.joined", new { inviter = "somebody" }, 100 },
        { "member.checked_in", new { streak = 1 }, 5 },
        { "member.checked_in", new { streak = 7 }, 25 },
        { "member.checked_in", new { streak = 15 }, 55 },
        { "member.checked_in", new { streak = 30 }, 155 },
        { "member.checked_in", new { streak = 210 }, 175 },
        { "member.checked_in", new { }, 5 },
        { "member.logged_in", new { }, 1 },
        { "member.birthday", new { }, 100 },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task PayAsTheSeedsSay_When_TheirEventComes(string type, object data, long points)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString();
        var member = await server.NewMemberAsync(name, 100);

        var answer = await server.SendAsync(Happened(type, name, member, data));

        answer.Statuses.ShouldBe(["applied"]);
        answer.Results[0].GetProperty("entries").EnumerateArray().Sum(e => e.GetProperty("amount").GetInt64()).ShouldBe(points);
        (await server.PointsAsync(member)).Available.ShouldBe(100 + points);
    }

    [Theory]
    [InlineData("member.profile_completed", 1)]
    [InlineData("member.checked_in", 1)]
    [InlineData("member.logged_in", 1)]
    [InlineData("product.shared", 3)]
    [InlineData("product.reviewed", 5)]
    [InlineData("member.birthday", 1)]
    public async Task PayNoMoreOften_When_TheirLimitIsReached(string type, int times)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString();
        var member = await server.NewMemberAsync(name, 100);

        var answer = await server.SendAsync([.. Enumerable.Range(0, times + 2).Select(i => Happened(type, $"{name}-{i}", member, new { }))]);

        answer.Statuses.ShouldAllBe(status => status == "applied");
        answer.Results.Select(r => r.GetProperty("entries").GetArrayLength()).ShouldBe([.. Enumerable.Repeat(1, times), 0, 0]);
        await servers.SiteOf(DatabaseUnderTest.Sqlite).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SayWhereEachPointComesFrom_When_RecordsAreRead()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString();
        var member = await server.NewMemberAsync(name, 100);
        string[] types = ["member.profile_completed", "product.reviewed", "referral.completed", "member.checked_in", "member.logged_in"];
        await server.SendAsync([.. types.Select((type, i) => Happened(type, $"{name}-{i}", member, new { }))]);

        var records = (await server.GetAsync($"/api/points/records?memberId={member}&unit=points")).Json.GetProperty("items").EnumerateArray();

        records.Reverse().Select(r => $"{r.GetProperty("type")} {r.GetProperty("explanation").GetProperty("rule")} {r.GetProperty("reason")}").ShouldBe(
        [
            "earned_registration registration Member registered",
            "earned_activity profile Profile completed",
            "earned_review review Product reviewed",
            "earned_referral referral Friend invited",
            "earned_activity check_in Checked in",
            "earned_login login Signed in",
        ]);
    }

    [Fact]
    public async Task IsADuplicateOrAConflict_When_AnEventComesAgain()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString();
        var member = await server.NewMemberAsync(name, 100);
        var first = await server.SendAsync(Happened("product.reviewed", name, member, new { photos = 1, tags = new[] { "a", "b" }, more = new { x = 1, y = 2 } }));

        var again = await server.SendAsync(Happened("product.reviewed", name, member, new { more = new { y = 2, x = 1 }, tags = new[] { "a", "b" }, photos = 1 }));
        var other = await server.SendAsync(Happened("product.reviewed", name, member, new { photos = 2, tags = new[] { "a", "b" } }));

        again.Statuses.ShouldBe(["duplicate"]);
        again.Paid().ShouldBe(first.Paid());
        other.Results[0].GetProperty("code").GetString().ShouldBe("CONFLICT");
        (await server.PointsAsync(member)).Available.ShouldBe(130);
    }

    [Fact]
    public async Task RefuseWhatIsNotTheirs_When_AnEventIsUnknownOrNamesNobody()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString();
        var member = await server.NewMemberAsync(name, 100);

        var answer = await server.SendAsync(
            Happened("shop.visited", $"{name}-1", member, new { }),
            Happened("member.registered", $"{name}-2", member, new { }),
            ShopEvents.Event("member.logged_in", $"{name}-3", new { }),
            Happened("member.logged_in", $"{name}-4", "1", new { }),
            Happened("product.reviewed", $"{name}-5", member, new { text = new string('x', 1_001) }));

        answer.Results.Select(r => r.GetProperty("code").GetString()).ShouldBe(
            ["EVENT_TYPE_UNKNOWN", "EVENT_TYPE_UNKNOWN", "VALIDATION_FAILED", "MEMBER_NOT_FOUND", "VALIDATION_FAILED"]);
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    private static object Happened(string type, string id, string member, object data)
    {
        var fields = data.GetType().GetProperties().ToDictionary(property => property.Name, property => property.GetValue(data));
        fields["memberId"] = member;
        return ShopEvents.Event(type, id, fields);
    }
}
