using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Watch;

/// <summary>The worked examples of docs/operate/watch.md, decided in memory.</summary>
public sealed class StandardWatchTests
{
    private static readonly TenantId s_tenant = new(1);

    [Fact]
    public void FlagsFromTheTwentyFirstOn_When_OneEarnsOftenInADay()
    {
        var desk = new Desk("earn_burst");
        var results = Enumerable.Range(0, 22).Select(i => desk.Earn(1, 1)).ToList();

        results.ShouldAllBe(result => result == "done");
        var only = desk.Cases(1).ShouldHaveSingleItem();
        (only.Hits, only.Value, only.Status).ShouldBe((2, 22, WatchCaseStatus.Open));
        desk.Book(1).Points.Balance.ShouldBe(22);
    }

    [Fact]
    public void LetsOnlyWhatIsTooMuchWait_When_OneEarnsALotInADay()
    {
        var desk = new Desk("earn_sum");
        desk.Earn(1, 4_900).ShouldBe("done");
        desk.Earn(1, 200).ShouldBe("done");

        desk.Book(1).Points.Pending.Values.ShouldHaveSingleItem().Event.ShouldBe("watch:case");
        desk.Book(1).Lifetime.ShouldBe(4_900);
        desk.Book(1).Points.AvailableAt(desk.Now, 5_100).ShouldBe(4_900);
    }

    [Fact]
    public void ComparesWithTheMonthsBefore_When_OneEarnsMoreThanUsual()
    {
        var desk = new Desk("earn_ratio");
        for (var month = 0; month < 4; month++)
        {
            desk.Earn(1, 100);
            desk.Advance(31);
        }

        desk.Earn(1, 1_000);
        desk.Cases(1).ShouldBeEmpty("ten times is not more than ten times");
        desk.Earn(1, 1);
        desk.Cases(1).ShouldHaveSingleItem().Value.ShouldBe(100_100);
    }

    [Fact]
    public void StopsTheEleventh_When_OneSpendsOftenInAnHour()
    {
        var desk = new Desk("spend_burst");
        desk.Earn(1, 100);
        Enumerable.Range(0, 11).Select(i => desk.Spend(1, 1)).ShouldBe([.. Enumerable.Repeat("done", 10), "WATCH_HELD"]);
        desk.Book(1).Points.Balance.ShouldBe(90);
    }

    [Fact]
    public void FreezesTheReceiver_When_PointsComeFromManyHands()
    {
        var desk = new Desk("transfer_in_burst");
        for (var giver = 2; giver <= 12; giver++)
        {
            desk.Earn(giver, 10);
            desk.Book(1).Status.ShouldBe(MemberStatus.Active);
            desk.Give(giver, 1, 10).ShouldBe("done");
        }

        desk.Book(1).Status.ShouldBe(MemberStatus.Inactive);
        desk.Cases(1).ShouldHaveSingleItem().Froze.ShouldBeTrue();
        desk.Spend(1, 1).ShouldBe("MEMBER_INACTIVE");
    }

    [Fact]
    public void RefusesWhatIsTooMuch_When_ManyPointsAreGivenAway()
    {
        var desk = new Desk("transfer_out_sum");
        Enumerable.Range(0, 3).ToList().ForEach(_ => desk.Earn(1, 10_000));
        desk.Give(1, 2, 15_000).ShouldBe("done");
        desk.Give(1, 2, 6_000).ShouldBe("WATCH_REFUSED");
        desk.Give(1, 2, 5_000).ShouldBe("done");
        (desk.Book(1).Points.Balance, desk.Book(2).Points.Balance).ShouldBe((10_000, 20_000));
    }

    [Fact]
    public void CountsBothSigns_When_PointsAreCorrectedByHand()
    {
        var desk = new Desk("adjust_sum");
        desk.Correct(1, 6_000).ShouldBe("done");
        desk.Correct(1, -4_000).ShouldBe("done");
        desk.Cases(1).ShouldBeEmpty();
        desk.Correct(1, -1).ShouldBe("done");
        desk.Cases(1).ShouldHaveSingleItem().Value.ShouldBe(10_001);
    }

    /// <summary>Members that are in memory alone, under a programme with one standard rule switched on.</summary>
    private sealed class Desk
    {
        private readonly MemoryLane _lane;
        private readonly MemberBooks _books;
        private int _references;

        public Desk(string rule)
        {
            var programmes = new ProgrammeKind();
            var programme = new ActiveProgramme(new Programme { Watch = [StandardWatch.All.Single(one => one.Code == rule) with { Active = true }] });
            _books = new MemberBooks(programmes);
            _lane = new MemoryLane(new IdGenerator(TimeProvider.System, node: 0), _ => null);
            _lane.Load(programmes.RootOf(s_tenant), programme);
            for (var member = 1; member <= 12; member++)
            {
                _lane.Load(RootOf(member), NewBook(member));
            }
        }

        public Instant Now { get; private set; } = Instant.From(new DateTimeOffset(2026, 1, 5, 4, 0, 0, TimeSpan.Zero));

        public void Advance(int days) => Now = Now.Plus(TimeSpan.FromDays(days));

        public MemberBook Book(int member) => _lane.Find<MemberBook>(RootOf(member))!;

        public IReadOnlyList<WatchCase> Cases(int member) => [.. Book(member).Watch.Cases.Values];

        public string Earn(int member, long points) => Decide(new EarnPoints(s_tenant, MemberReference.ById(new MemberId(member)), Request(points), _books));

        public string Spend(int member, long points) => Decide(new SpendPoints(s_tenant, MemberReference.ById(new MemberId(member)), Request(points), _books));

        public string Correct(int member, long points) => Decide(new AdjustPoints(s_tenant, MemberReference.ById(new MemberId(member)), Request(points), _books));

        public string Give(int from, int to, long points) => Decide(new TransferPoints(
            s_tenant,
            MemberReference.ById(new MemberId(from)),
            MemberReference.ById(new MemberId(to)),
            new TransferRequest { Points = points, Reason = "r", Reference = Reference() },
            _books));

        private string Decide(Command command) => _lane.Decide(command, Now) switch
        {
            Decision.Apply { Answer.Code: var code } => code,
            Decision.Apply => "done",
            Decision.Refuse { Refusal.Code: var code } => code,
            var other => other.ToString(),
        };

        private RootRef RootOf(int member) => _books.Members.RootOf(s_tenant, new MemberId(member));

        private PointsRequest Request(long points) => new() { Points = points, Reason = "r", ReferenceType = "t", ReferenceId = Reference() };

        private string Reference() => (++_references).ToString(CultureInfo.InvariantCulture);

        private MemberBook NewBook(int member) => new()
        {
            Identity = new MemberIdentity { Tenant = s_tenant, Id = new MemberId(member), Code = $"M{member}", ExternalId = $"e{member}", Nickname = null, RegisteredAt = Now },
            Status = MemberStatus.Active,
            Points = PointsWallet.Empty(),
            Growth = 0,
            Balance = 0,
            Lifetime = 0,
            TotalOrders = 0,
            TotalAmount = 0,
            FirstOrderUsed = false,
            LevelCode = "bronze",
            LevelSince = Now,
            LastId = member,
            Version = 0,
        };
    }
}
