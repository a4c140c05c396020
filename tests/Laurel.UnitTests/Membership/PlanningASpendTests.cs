using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>A member with many lots must not have all of them read for a spend that the first few cover.</summary>
public sealed class PlanningASpendTests
{
    private static readonly TenantId s_tenant = new(1);
    private static readonly MemberId s_member = new(7);
    private static readonly Instant s_registered = Instant.From(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly Instant s_now = s_registered.Plus(TimeSpan.FromDays(100));

    [Theory]
    [InlineData(500, false)]
    [InlineData(5_000, true)]
    public void AsksForMoreLots_When_TheFirstDoNotCover(long points, bool asks)
    {
        var books = new MemberBooks(new ProgrammeKind());
        var set = new WorkingSet(new HandleResolution(() => 1, s_now), s_now);
        set.Load(books.Members.RootOf(s_tenant, s_member), BookWithAFirstPage());
        var request = new PointsRequest { Points = points, Reason = "r", ReferenceType = "t", ReferenceId = "i" };
        var plan = new LoadPlan();

        new SpendPoints(s_tenant, MemberReference.ById(s_member), request, books).Plan(set, plan);

        plan.IsEmpty.ShouldBe(!asks);
    }

    /// <summary>Sixty-four lots of ten points, all earned after the member registered, and more that are not read yet.</summary>
    private static MemberBook BookWithAFirstPage()
    {
        var lots = Enumerable.Range(1, 64).Select(i => new Lot
        {
            Position = new LotPosition(s_now.Plus(TimeSpan.FromDays(200)), s_registered.Plus(TimeSpan.FromDays(i)), i),
            Granted = 10,
            Opening = 10,
            Remaining = 10,
            Held = 0,
            Expired = 0,
        }).ToList();
        var wallet = PointsWallet.Stored(100_000, 0, 0, 0, s_now.Plus(TimeSpan.FromDays(200)), s_now, InactivityClock.None);
        wallet.LoadLots(lots, lots[^1].Position);
        return new MemberBook
        {
            Identity = new MemberIdentity { Tenant = s_tenant, Id = s_member, Code = "M1", ExternalId = "e", Nickname = null, RegisteredAt = s_registered },
            Status = MemberStatus.Active,
            Points = wallet,
            Growth = 0,
            Balance = 0,
            Lifetime = 100_000,
            TotalOrders = 0,
            TotalAmount = 0,
            FirstOrderUsed = true,
            LevelCode = "diamond",
            LevelSince = s_registered,
            LastId = 1_000,
            Version = 1,
        };
    }
}
