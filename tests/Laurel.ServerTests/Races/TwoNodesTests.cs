using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Races;

/// <summary>Two servers on one PostgreSQL: neither knows of the other, the database alone keeps them right.</summary>
public sealed class TwoNodesTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int MemberCount = 20;
    private const int Opening = 1_000;
    private static readonly TimeSpan s_storm = TimeSpan.FromSeconds(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>B2: transfers there and back between few members, on both nodes at once.</summary>
    [Fact]
    [Trait("Pain", "8")]
    public async Task ConservePoints_When_TransfersCrossBetweenTheNodes()
    {
        var seed = Seed.Draw(output);
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(MemberCount, i => first.NewMemberAsync($"m{i}", Opening));
        var startedAt = Stopwatch.GetTimestamp();

        var answers = await AtOnce.RunAsync(32, async client =>
        {
            var random = new Random(seed + client);
            var server = client % 2 == 0 ? first : second;
            var own = new List<Answer>();
            while (Stopwatch.GetElapsedTime(startedAt) < s_storm)
            {
                var (from, to) = (random.Next(MemberCount), random.Next(MemberCount - 1));
                to = to >= from ? to + 1 : to;
                var (points, reference) = (random.Next(1, 200), $"{client}-{own.Count}");
                own.Add(await server.TransferAsync(members[from], members[to], points, reference));
            }

            return own;
        });

        var outcomes = answers.SelectMany(own => own).CountBy(a => a.Outcome).ToDictionary();
        output.WriteLine(string.Join(", ", outcomes));
        outcomes.Keys.ShouldBeSubsetOf(["200", "422 POINTS_INSUFFICIENT"]);
        outcomes["200"].ShouldBeGreaterThan(100);
        var standings = await Task.WhenAll(members.Select(second.PointsAsync));
        standings.Sum(s => s.Available).ShouldBe(MemberCount * Opening);
        standings.ShouldAllBe(s => s.Available >= 0);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>B3 and B4 on two nodes.</summary>
    [Fact]
    public async Task CarryOutOnce_When_TheSameRequestComesToBoth()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        var member = await first.NewMemberAsync("both", 100);
        for (var round = 0; round < 10; round++)
        {
            var body = LaurelServer.Movement(member, 10, $"both-{round}");
            var other = LaurelServer.Movement(member, 11, $"other-{round}");

            var same = await AtOnce.RunAsync(50, i =>
                (i % 2 == 0 ? first : second).PostUnderAsync($"both-{round}", "/api/points/earn", body));
            var raced = await AtOnce.RunAsync(20, i => i % 2 == 0
                ? first.PostUnderAsync($"race-{round}", "/api/points/adjust", body)
                : second.PostUnderAsync($"race-{round}", "/api/points/adjust", other));

            same.ShouldAllBe(a => a.Status == 200);
            same.Count(a => !a.Replayed).ShouldBe(1);
            same.Select(a => a.Text).Distinct().Count().ShouldBe(1);
            raced.Count(a => a is { Status: 200, Replayed: false }).ShouldBe(1);
            raced.Count(a => a is { Status: 200, Replayed: true }).ShouldBe(9);
            raced.Count(a => a.Outcome == "422 IDEMPOTENCY_KEY_REUSED").ShouldBe(10);
        }

        (await second.PointsAsync(member)).Available.ShouldBeInRange(100 + (10 * 20), 100 + (10 * 21));
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Both nodes enrol the same people at the same time.</summary>
    [Fact]
    [Trait("Pain", "23")]
    public async Task EnrolOnce_When_BothNodesEnrolTheSameMember()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);

        var answers = await AtOnce.RunAsync(200, i =>
            (i % 2 == 0 ? first : second).RegisterAsync($"person-{i / 4}"));

        answers.Count(a => a.Status == 201).ShouldBe(50);
        answers.Count(a => a.Outcome == "409 MEMBER_EXISTS").ShouldBe(150);
        var codes = answers.Where(a => a.Status == 201).Select(a => a.TextOf("memberCode")).ToHashSet();
        codes.Count.ShouldBe(50);
        await site.VerifyAsync(Cancellation);
    }
}
