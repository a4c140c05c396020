using Laurel.Kernel;
using Laurel.Ledger;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Ledger;

/// <summary>Lots without a date, and the clock that says when all of them lapse.</summary>
public sealed class InactivityClockTests
{
    [Fact]
    public void LapsesAllOfThemAndNoOther_When_ItRunsOut()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(500), At(1), 1), 10, 0);
        wallet.Grant(new LotPosition(Instant.WhenInactive, At(1), 2), 20, 0);
        wallet.Grant(new LotPosition(Instant.WhenInactive, At(2), 3), 30, 0);
        wallet.Grant(new LotPosition(Instant.Never, At(2), 4), 40, 0);
        wallet.StartClock(At(1), At(100));
        wallet.NextChangeAt.ShouldBe(At(100));

        wallet.Settle(At(99)).ShouldBeEmpty();
        var change = wallet.Settle(At(100)).ShouldHaveSingleItem();

        change.Lapsed.Select(take => take.Points).ShouldBe([20, 30]);
        change.Ended.Select(ended => ended.From.ExpiresAt).ShouldBe([Instant.WhenInactive, Instant.WhenInactive]);
        change.Ended.Select(ended => ended.Lot.ExpiresAt).ShouldBe([At(100), At(100)]);
        (wallet.Balance, wallet.NextChangeAt).ShouldBe((50, At(500)));
    }

    [Fact]
    public void IsSpentAfterDatesAndBeforeNever_When_LotsAreMixed()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(Instant.Never, At(1), 1), 10, 0);
        wallet.Grant(new LotPosition(Instant.WhenInactive, At(1), 2), 10, 0);
        wallet.Grant(new LotPosition(At(900_000), At(1), 3), 10, 0);
        wallet.StartClock(At(1), At(100));

        wallet.Take(25, At(50)).ShouldBe([new LotTake(3, 10), new LotTake(2, 10), new LotTake(1, 5)]);
    }

    [Fact]
    public void RunsOutLaterAndNeverSooner_When_SomethingIsDone()
    {
        var wallet = PointsWallet.Empty();
        wallet.TurnClock(At(50));
        wallet.Inactivity.ShouldBe(InactivityClock.None);

        wallet.StartClock(At(1), At(100));
        wallet.MarkClockReminded(7);
        wallet.TurnClock(At(90));
        wallet.StartClock(At(99), At(120));
        wallet.Inactivity.ShouldBe(new InactivityClock(At(100), 7), "it runs already");
        wallet.TurnClock(At(150));
        wallet.Inactivity.ShouldBe(new InactivityClock(At(150), 0));
        wallet.StartClock(At(150), At(200));
        wallet.Inactivity.RunsOutAt.ShouldBe(At(200), "it had run out");
    }

    [Fact]
    public void LapsesWhenFreed_When_AHoldHasPinnedItAtTheEnd()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(Instant.WhenInactive, At(1), 1), 50, 0);
        wallet.StartClock(At(1), At(100));
        wallet.OpenHold(9, 30, At(10), At(500));

        var end = wallet.Settle(At(100)).ShouldHaveSingleItem();
        (end.Lapsed.Single().Points, end.Ended.Single().Lot.Held, wallet.Balance).ShouldBe((20, 30, 30));
        wallet.TurnClock(At(900));
        wallet.Release(9, 30, At(200)).Lapsed.ShouldBe([new LotTake(1, 30)]);
        wallet.Balance.ShouldBe(0);
    }

    [Fact]
    public void AsksForAllLots_When_ItHasRunOutAndOnlySomeAreLoaded()
    {
        var wallet = PointsWallet.Stored(10, 0, 0, 0, At(100), At(0), new InactivityClock(At(100), 0));
        wallet.LoadLots([], new LotPosition(At(5_000), At(1), 1));
        wallet.LoadHolds([], all: true);
        wallet.LoadPending([], all: true);
        (wallet.MissesLots(At(99)), wallet.MissesLots(At(100)), wallet.CanSettle(At(100))).ShouldBe((false, true, false));

        wallet.LoadLots([], new LotPosition(Instant.Never, At(1), 2));
        wallet.CanSettle(At(100)).ShouldBeTrue();
    }

    private static Instant At(long time) => new(time);
}
