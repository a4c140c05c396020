using Laurel.Kernel;
using Laurel.Ledger;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Ledger;

/// <summary>A lot waits, lives longer, and comes back: one example of each edge.</summary>
public sealed class LotLifeTests
{
    [Fact]
    public void PointsAreInTheBalanceAndCannotBeSpent_When_TheyWait()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000));

        wallet.Balance.ShouldBe(10);
        wallet.AvailableAt(At(499), 1).ShouldBe(0);
        wallet.AvailableAt(At(500), 10).ShouldBe(10);
        wallet.NextChangeAt.ShouldBe(At(500));
    }

    [Fact]
    public void TheyCountOnce_When_TheirTimeHasCome()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000));

        wallet.Settle(At(499)).ShouldBeEmpty();
        var change = wallet.Settle(At(700)).ShouldHaveSingleItem();

        change.At.ShouldBe(At(500));
        change.Activated.ShouldNotBeNull().Lifetime.ShouldBe(10);
        wallet.Settle(At(700)).ShouldBeEmpty();
        wallet.NextChangeAt.ShouldBe(At(1_000));
        wallet.Settle(At(1_000)).ShouldHaveSingleItem().Lapsed.ShouldBe([new LotTake(1, 10)]);
    }

    [Fact]
    public void ActivationComesBeforeTheLapse_When_BothAreOverdue()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000));

        var changes = wallet.Settle(At(5_000));

        changes.Select(change => change.At).ShouldBe([At(500), At(1_000)]);
        changes[0].Activated.ShouldNotBeNull();
        changes[1].Lapsed.ShouldBe([new LotTake(1, 10)]);
    }

    [Fact]
    public void ValidityBeginsWithTheActivation_When_AnEventBringsIt()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, cancelsAt: At(900));
        wallet.Grant(new LotPosition(At(3_000), At(0), 2), 5, 0);

        var activation = wallet.Activate(1, At(400), At(2_000));

        activation.To.ShouldBe(new LotPosition(At(2_000), At(400), 1));
        wallet.Take(12, At(401)).ShouldBe([new LotTake(1, 10), new LotTake(2, 2)]);
        wallet.Settle(At(900)).ShouldBeEmpty();
        Should.Throw<InvariantBrokenException>(() => wallet.Activate(1, At(500), At(2_000)));
    }

    [Fact]
    public void TheyAreCancelledAndNeverLapse_When_TheEventDoesNotCome()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, cancelsAt: At(900));

        var change = wallet.Settle(At(900)).ShouldHaveSingleItem();

        change.Cancelled.ShouldNotBeNull().Points.ShouldBe(10);
        change.Lapsed.ShouldBeEmpty();
        wallet.Balance.ShouldBe(0);
        wallet.FindLot(1)!.Expired.ShouldBe(0);
        wallet.NextChangeAt.ShouldBe(Instant.Never);
    }

    [Fact]
    public void CancellationWaitsForTheHold_When_PointsArePinned()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, cancelsAt: At(900));
        wallet.OpenHoldOn([1], 7, 4, At(100), At(2_000));

        wallet.Settle(At(900)).ShouldBeEmpty();
        wallet.NextChangeAt.ShouldBe(At(2_000));
        var changes = wallet.Settle(At(2_000));

        changes.Select(change => change.At).ShouldBe([At(2_000), At(2_000)]);
        changes[0].EndedHold!.Status.ShouldBe(HoldStatus.Expired);
        changes[1].Cancelled.ShouldNotBeNull().Points.ShouldBe(10);
        (wallet.Balance, wallet.Held).ShouldBe((0, 0));
    }

    [Fact]
    public void DebtIsRepaidByTheActivation_When_TheyHadWaited()
    {
        var wallet = PointsWallet.Empty();
        wallet.TakeBack(6, [], 0, At(0), ShortfallPolicy.Negative);
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000));
        (wallet.Balance, wallet.Debt).ShouldBe((4, 6));

        wallet.Settle(At(500)).ShouldHaveSingleItem().Activated.ShouldNotBeNull().Repaid.ShouldBe(6);

        (wallet.Balance, wallet.Debt, wallet.FindLot(1)!.Remaining).ShouldBe((4, 0, 4));
    }

    [Fact]
    public void AShareRepaysTheReceivable_When_TheyHadWaited()
    {
        var wallet = PointsWallet.Empty();
        wallet.TakeBack(3, [], 0, At(0), ShortfallPolicy.Receivable);
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000), repaysPercent: 20);

        wallet.Settle(At(500)).ShouldHaveSingleItem().Activated.ShouldNotBeNull().Withheld.ShouldBe(2);

        (wallet.Receivable, wallet.Balance, wallet.FindLot(1)!.Opening).ShouldBe((1, 8, 8));
    }

    [Fact]
    public void PendingLotsOfTheOrderGoFirst_When_PointsAreTakenBack()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        Wait(wallet, 2, 10, cancelsAt: At(900));

        var taken = wallet.TakeBack(14, [1, 2], 0, At(1), ShortfallPolicy.Negative);

        taken.Takes.ShouldBe([new LotTake(2, 10), new LotTake(1, 4)]);
        taken.Pending.ShouldBe(10, "they never counted for the level");
        wallet.FindPending(2).ShouldBeNull();
        wallet.Settle(At(900)).ShouldBeEmpty();
    }

    [Fact]
    public void TheRestCounts_When_APartWasTakenBackBefore()
    {
        var wallet = PointsWallet.Empty();
        Wait(wallet, 1, 10, activatesAt: At(500), expiresAt: At(1_000));
        wallet.TakeBack(4, [1], 0, At(1), ShortfallPolicy.Negative).Pending.ShouldBe(4);

        wallet.Settle(At(500)).ShouldHaveSingleItem().Activated.ShouldNotBeNull().Lifetime.ShouldBe(6);
    }

    [Fact]
    public void TheLongerLifeWinsAndNoneShortens_When_ALotIsExtendedTwice()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        wallet.MarkReminded(1, 30);

        wallet.Extend(1, At(1), At(5_000)).ShouldNotBeNull().From.ExpiresAt.ShouldBe(At(1_000));
        wallet.Extend(1, At(1), At(3_000)).ShouldBeNull();

        wallet.FindLot(1)!.ExpiresAt.ShouldBe(At(5_000));
        wallet.FindLot(1)!.RemindedDays.ShouldBe(0, "the member is told of the new end again");
        wallet.Settle(At(4_999)).ShouldBeEmpty();
        wallet.Settle(At(5_000)).ShouldHaveSingleItem().Lapsed.ShouldBe([new LotTake(1, 10)]);
    }

    [Fact]
    public void AHoldFindsItsLot_When_TheLotHasMoved()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        wallet.OpenHold(7, 6, At(1), At(9_000));
        wallet.Extend(1, At(2), At(5_000));

        wallet.Release(7, 6, At(2_000)).Lapsed.ShouldBeEmpty();

        wallet.AvailableAt(At(2_000), 10).ShouldBe(10);
    }

    [Fact]
    public void ChangesAreOfTheStoredLot_When_ItMovedAfterItWasRead()
    {
        var wallet = PointsWallet.Stored(10, 0, 0, 0, At(1_000), At(0), InactivityClock.None);
        wallet.LoadLots([new Lot { Position = new(At(1_000), At(0), 1), Granted = 10, Opening = 10, Remaining = 10, Held = 0, Expired = 0 }], null);
        wallet.Extend(1, At(1), At(5_000));

        wallet.NewLots().ShouldBeEmpty();
        wallet.ChangedLots().ShouldHaveSingleItem().ExpiresAt.ShouldBe(At(5_000));

        // What is read again later, at its old place, does not come back.
        wallet.LoadNamedLots([new Lot { Position = new(At(1_000), At(0), 1), Granted = 10, Opening = 10, Remaining = 10, Held = 0, Expired = 0 }]);
        wallet.Lots.Count.ShouldBe(1);
    }

    [Fact]
    public void LapsedPointsComeBackOnce_When_TheyAreReinstated()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        wallet.Settle(At(1_000));

        wallet.MarkReinstated(1).ShouldBe(10);

        Should.Throw<InvariantBrokenException>(() => wallet.MarkReinstated(1));
    }

    [Fact]
    public void LapsedPointsStayAway_When_ARefundHasCountedThem()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        wallet.Settle(At(1_000));
        wallet.TakeBack(4, [1], 10, At(1_001), ShortfallPolicy.Negative).Lapsed.ShouldBe(4);

        Should.Throw<InvariantBrokenException>(() => wallet.MarkReinstated(1));
    }

    [Fact]
    public void OnlyNamedLotsArePinned_When_AHoldIsOnThem()
    {
        var wallet = PointsWallet.Empty();
        wallet.Grant(new LotPosition(At(1_000), At(0), 1), 10, 0);
        wallet.Grant(new LotPosition(At(2_000), At(0), 2), 10, 0);

        wallet.FreeOf([2], At(1)).ShouldBe(10);
        var hold = wallet.OpenHoldOn([2], 7, 10, At(1), At(500));

        hold.Pins.ShouldHaveSingleItem().Lot.Id.ShouldBe(2);
        wallet.AvailableAt(At(1), 20).ShouldBe(10);
        wallet.ExtendHold(7, At(400)).ExpiresAt.ShouldBe(At(500), "a hold never ends sooner");
        wallet.ExtendHold(7, At(900)).ExpiresAt.ShouldBe(At(900));
    }

    private static void Wait(
        PointsWallet wallet, long id, long points, Instant? activatesAt = null, Instant? expiresAt = null, Instant? cancelsAt = null, int repaysPercent = 0) =>
        wallet.GrantPending(new LotPosition(expiresAt ?? Instant.Never, activatesAt ?? Instant.Never, id), points, new PendingLot
        {
            LotId = id,
            ActivatesAt = activatesAt ?? Instant.Never,
            CancelsAt = cancelsAt ?? Instant.Never,
            Event = cancelsAt is null ? null : "shipped",
            Reference = cancelsAt is null ? null : "o-1",
            ValidityDays = null,
            Lifetime = points,
            RepaysPercent = repaysPercent,
        });

    private static Instant At(long microseconds) => new(1_800_000_000_000_000 + microseconds);
}
