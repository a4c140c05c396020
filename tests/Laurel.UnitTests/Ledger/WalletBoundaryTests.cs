using Laurel.Kernel;
using Laurel.Ledger;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Ledger;

/// <summary>The edges of a lot's life and of the spending order, one example each.</summary>
public sealed class WalletBoundaryTests
{
    private static readonly Instant s_active = At(0);
    private static readonly Instant s_expiry = At(1_000);

    [Fact]
    public void PointsAreThereUntilTheLastMicrosecond_When_TheirExpiryIsExclusive()
    {
        var wallet = With((1, s_expiry, s_active, 10));

        wallet.AvailableAt(At(-1), 1).ShouldBe(0);
        wallet.AvailableAt(At(0), 10).ShouldBe(10);
        wallet.AvailableAt(At(999), 10).ShouldBe(10);
        wallet.AvailableAt(At(1_000), 1).ShouldBe(0);
    }

    [Fact]
    public void NothingLapses_When_TheExpiryIsAMicrosecondAway()
    {
        var wallet = With((1, s_expiry, s_active, 10));

        wallet.Settle(At(999)).ShouldBeEmpty();
        var change = wallet.Settle(At(1_000)).ShouldHaveSingleItem();

        change.At.ShouldBe(s_expiry);
        change.Lapsed.ShouldBe([new LotTake(1, 10)]);
        change.BalanceAfter.ShouldBe(0);
        wallet.NextChangeAt.ShouldBe(Instant.Never);
        wallet.Settle(At(1_000)).ShouldBeEmpty();
    }

    [Fact]
    public void TheLotWithoutExpiryIsSpentLast_When_OthersExpire()
    {
        var wallet = With((1, Instant.Never, s_active, 5), (2, At(2_000), s_active, 5), (3, s_expiry, s_active, 5));

        wallet.Take(12, At(1)).ShouldBe([new LotTake(3, 5), new LotTake(2, 5), new LotTake(1, 2)]);
        wallet.NextChangeAt.ShouldBe(s_expiry);
    }

    [Fact]
    public void TheEarlierActivationThenTheLowerIdGoesFirst_When_ExpiriesAreEqual()
    {
        var wallet = With((1, s_expiry, At(5), 5), (3, s_expiry, s_active, 5), (2, s_expiry, s_active, 5));

        wallet.Take(11, At(10)).ShouldBe([new LotTake(2, 5), new LotTake(3, 5), new LotTake(1, 1)]);
    }

    [Fact]
    public void PendingPointsAreNotSpent_When_OnlyLaterOnesAreActive()
    {
        var wallet = With((1, s_expiry, At(500), 5), (2, At(2_000), s_active, 5));

        wallet.AvailableAt(At(499), 6).ShouldBe(5);
        wallet.Take(5, At(499)).ShouldBe([new LotTake(2, 5)]);
        wallet.AvailableAt(At(500), 5).ShouldBe(5);
    }

    [Fact]
    public void HeldPointsOutliveTheirLot_When_TheHoldEndsLater()
    {
        var wallet = With((1, s_expiry, s_active, 10));
        wallet.OpenHold(7, 4, At(1), At(5_000));

        wallet.Settle(At(1_000)).ShouldHaveSingleItem().Lapsed.ShouldBe([new LotTake(1, 6)]);
        wallet.Balance.ShouldBe(4);
        var end = wallet.Settle(At(5_000)).ShouldHaveSingleItem();

        end.EndedHold!.Status.ShouldBe(HoldStatus.Expired);
        end.Lapsed.ShouldBe([new LotTake(1, 4)]);
        wallet.Balance.ShouldBe(0);
        wallet.Held.ShouldBe(0);
    }

    [Fact]
    public void TheHoldEndsBeforeTheLotLapses_When_BothFallOnOneInstant()
    {
        var wallet = With((1, s_expiry, s_active, 10));
        wallet.OpenHold(7, 4, At(1), s_expiry);

        var changes = wallet.Settle(s_expiry);

        changes.Count.ShouldBe(2);
        changes[0].EndedHold!.Id.ShouldBe(7);
        changes[0].Lapsed.ShouldBe([new LotTake(1, 4)]);
        changes[1].Lapsed.ShouldBe([new LotTake(1, 6)]);
    }

    [Fact]
    public void TheLotOpensEmpty_When_AllOfItRepaysDebt()
    {
        var wallet = With((1, s_expiry, s_active, 10));
        wallet.Take(10, At(1));
        var taken = wallet.TakeBack(8, [1], 0, At(2), ShortfallPolicy.Negative);
        (taken.Shortfall, taken.Amount, wallet.Debt, wallet.Balance).ShouldBe((8, 8, 8, -8));

        wallet.Grant(new LotPosition(At(9_000), At(3), 2), 8, 0).ShouldBe(8);

        wallet.Balance.ShouldBe(0);
        wallet.Debt.ShouldBe(0);
        wallet.FindLot(2)!.Opening.ShouldBe(0);
        wallet.NextChangeAt.ShouldBeLessThanOrEqualTo(At(9_000));
    }

    private static PointsWallet With(params (long Id, Instant ExpiresAt, Instant ActiveAt, long Points)[] lots)
    {
        var wallet = PointsWallet.Empty();
        foreach (var (id, expiresAt, activeAt, points) in lots)
        {
            wallet.Grant(new LotPosition(expiresAt, activeAt, id), points, 0);
        }

        return wallet;
    }

    private static Instant At(long microseconds) => new(1_800_000_000_000_000 + microseconds);
}
