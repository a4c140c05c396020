using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Races;

/// <summary>Many callers, one member: as much succeeds as there is, and not a point more.</summary>
public sealed class RacesForOneMemberTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "8")]
    public async Task SucceedAsOftenAsThePointsAllow_When_ManySpendAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("spend-race", 1_050);

        var answers = await AtOnce.RunAsync(100, i => server.SpendAsync(member, 100, $"race-{i}"));

        answers.Count(a => a.Status == 200).ShouldBe(10);
        answers.Count(a => a.Outcome == "422 POINTS_INSUFFICIENT").ShouldBe(90);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(50, 0, 0));
    }

    /// <summary>B1: everything on one member.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CountsEveryPoint_When_EverybodyEarnsForOneMember(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("hot", 100);

        var answers = await AtOnce.RunAsync(64, async client =>
        {
            var own = new List<Answer>();
            for (var i = 0; i < 20; i++)
            {
                own.Add(await server.EarnAsync(member, 3, $"hot-{client}-{i}"));
            }

            return own;
        });

        answers.SelectMany(own => own).ShouldAllBe(a => a.Status == 200);
        (await server.PointsAsync(member)).Available.ShouldBe(100 + (64 * 20 * 3));
    }

    /// <summary>As B8, with holds for the job that expires: points are held or spent, never both.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsHeldOrSpentNeverBoth_When_HoldsAndSpendingsRace(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("hold-race", 2_000);

        var holds = Enumerable.Range(0, 40).Select(i => server.HoldAsync(member, 70, $"hold-race-{i}"));
        var spends = Enumerable.Range(0, 40).Select(i => server.SpendAsync(member, 50, $"hold-race-{i}"));
        var (held, spent) = (await Task.WhenAll(holds), await Task.WhenAll(spends));

        held.Concat(spent).ShouldAllBe(a => a.Status == 200 || a.Outcome == "422 POINTS_INSUFFICIENT");
        var (heldPoints, spentPoints) = (held.Count(a => a.Status == 200) * 70, spent.Count(a => a.Status == 200) * 50);
        var left = 2_000 - heldPoints - spentPoints;
        left.ShouldBeInRange(0, 49);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(left, heldPoints, 0));
    }

    /// <summary>B9: the hold ends once, by whoever is first.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EndsOnce_When_CapturesAndReleasesRace(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        for (var round = 0; round < 10; round++)
        {
            var member = await server.NewMemberAsync($"end-race-{round}", 1_000);
            var hold = (await server.HoldAsync(member, 400, $"end-race-{round}")).TextOf("holdId")!;

            var captures = Enumerable.Range(0, 8).Select(i => server.CaptureAsync(hold, null, $"c{i}"));
            var releases = Enumerable.Range(0, 8).Select(i => server.ReleaseAsync(hold, null, $"r{i}"));
            var answers = await Task.WhenAll(captures.Zip(releases, (c, r) => new[] { c, r }).SelectMany(pair => pair));

            var ended = answers.ShouldHaveSingleItemThat(a => a.Status == 200);
            answers.Count(a => a.Outcome == "409 HOLD_CLOSED").ShouldBe(15);
            var left = ended.TextOf("status") == "captured" ? 600 : 1_000;
            (await server.PointsAsync(member)).ShouldBe(new PointsStanding(left, 0, 0));
        }
    }

    /// <summary>B9: six times 1,000 on a hold of 5,000.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GivesNoMoreThanItHolds_When_ReleasesAskForMore(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("six-releases", 6_000);
        var hold = (await server.HoldAsync(member, 5_000, "six-releases")).TextOf("holdId")!;

        var tooMuch = await server.CaptureAsync(hold, 5_001, "too-much");
        var answers = await AtOnce.RunAsync(6, i => server.ReleaseAsync(hold, 1_000, $"part-{i}"));

        tooMuch.Outcome.ShouldBe("422 HOLD_EXCEEDED");
        answers.Count(a => a.Status == 200).ShouldBe(5);
        answers.Count(a => a.Outcome == "409 HOLD_CLOSED").ShouldBe(1);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(6_000, 0, 0));
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HoldsNoMoreThanThereIs_When_SixHoldsRace(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("six-holds", 5_000);

        var answers = await AtOnce.RunAsync(6, i => server.HoldAsync(member, 1_000, $"six-holds-{i}"));

        answers.Count(a => a.Status == 200).ShouldBe(5);
        answers.Count(a => a.Outcome == "422 POINTS_INSUFFICIENT").ShouldBe(1);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(0, 5_000, 0));
    }

    /// <summary>B10.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TakesBackOnce_When_AnOrderIsRefundedTwiceOrTooMuch(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("refunds", 100);
        await server.CompleteOrderAsync(member, "refunds", 50_000);
        var first = await server.RefundAsync("refunds", "part", 30_000);
        var book = await server.BookAsync(member);

        var again = await AtOnce.RunAsync(20, _ => server.RefundAsync("refunds", "part", 30_000));
        var tooMuch = await AtOnce.RunAsync(20, i => server.RefundAsync("refunds", $"more-{i}", 20_001));

        first.Statuses.ShouldBe(["applied"]);
        again.ShouldAllBe(a => a.Statuses[0] == "duplicate");
        tooMuch.ShouldAllBe(a => a.Results[0].GetProperty("code").GetString() == "REFUND_EXCEEDS_ORDER");
        (await server.BookAsync(member)).ShouldBe(book);

        // Of twenty who refund the rest, one does.
        var rest = await AtOnce.RunAsync(20, i => server.RefundAsync("refunds", $"rest-{i}", 20_000));
        rest.Count(a => a.Statuses[0] == "applied").ShouldBe(1);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(100, 0, 0));
    }

    /// <summary>B14, B15: the sum of two numbers that each fit may not.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsRefusedCleanly_When_TheBalanceWouldOverflow(DatabaseUnderTest database)
    {
        const long Most = 9_007_199_254_740_991;
        var server = await servers.OnAsync(database);
        var rich = await server.NewMemberAsync("rich", 100);
        var alsoRich = await server.NewMemberAsync("also-rich", 100);

        var (fits, member) = (0, 0);
        foreach (var id in new[] { rich, alsoRich })
        {
            // In waves that one member's share of the queue holds.
            var answers = new List<Answer>();
            for (var wave = 0; wave < 11; wave++)
            {
                answers.AddRange(await AtOnce.RunAsync(100, i => server.AdjustAsync(id, Most, $"rich-{member}-{wave}-{i}")));
            }

            answers.ShouldAllBe(a => a.Status == 200 || a.Outcome == "422 AMOUNT_OVERFLOW");
            (fits, member) = (answers.Count(a => a.Status == 200), member + 1);
            fits.ShouldBe(1_024);
            (await server.PointsAsync(id)).Available.ShouldBe(100 + (fits * Most));
        }

        var given = await server.TransferAsync(rich, alsoRich, Most, "overflow");
        given.Outcome.ShouldBe("422 AMOUNT_OVERFLOW");
        (await server.PointsAsync(rich)).Available.ShouldBe(100 + (fits * Most));
        (await server.PointsAsync(alsoRich)).Available.ShouldBe(100 + (fits * Most));

        // The sum over both members fits no 64-bit integer either.
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }
}
