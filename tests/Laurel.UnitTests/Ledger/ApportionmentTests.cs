using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Laurel.Ledger;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Ledger;

/// <summary>Sharing whole points: exact, without residue, the same whichever way one gets there.</summary>
public sealed class ApportionmentTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(1_000);

    [Fact]
    public void SharesSumAndStayWithinOne_When_WeightsAreAnything()
    {
        var cases = from total in Large(1L << 62) from weights in Large(1L << 55).ArrayOf() where weights.Length <= 100 select (total, weights);

        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var (total, weights) = given;
            var shares = Apportionment.LargestRemainder(total, weights);
            var sum = weights.Aggregate(BigInteger.Zero, (all, weight) => all + weight);

            shares.Length.ShouldBe(weights.Length);
            shares.Aggregate(BigInteger.Zero, (all, share) => all + share).ShouldBe(sum.IsZero ? 0 : total);
            for (var i = 0; i < weights.Length && !sum.IsZero; i++)
            {
                // |share − total·weight/sum| < 1, without a division.
                BigInteger.Abs((shares[i] * sum) - ((BigInteger)total * weights[i])).ShouldBeLessThan(sum);
            }
        }));
    }

    [Fact]
    public void TheLargestRemaindersWinAndTiesGoToTheEarlier_When_SomeIsLeftOver()
    {
        var cases = from total in Gen.Choose(0, 60) from weights in Gen.Choose(0, 12).ArrayOf() select (total, weights);

        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var weights = given.weights.Select(weight => (long)weight).ToArray();
            var sum = weights.Sum();
            var shares = Apportionment.LargestRemainder(given.total, weights);
            if (sum == 0)
            {
                shares.ShouldAllBe(share => share == 0);
                return;
            }

            var left = given.total - weights.Sum(weight => given.total * weight / sum);
            var winners = Enumerable.Range(0, weights.Length)
                .OrderByDescending(i => given.total * weights[i] % sum)
                .ThenBy(i => i)
                .Take((int)left)
                .ToHashSet();
            shares.ShouldBe(weights.Select((weight, i) => (given.total * weight / sum) + (winners.Contains(i) ? 1 : 0)));
        }));
    }

    [Theory]
    [InlineData(10, new long[] { 1, 1, 1 }, new long[] { 4, 3, 3 })]
    [InlineData(11, new long[] { 1, 1, 1 }, new long[] { 4, 4, 3 })]
    [InlineData(7, new long[] { 0, 5, 0 }, new long[] { 0, 7, 0 })]
    [InlineData(100, new long[] { 333, 333, 334 }, new long[] { 33, 33, 34 })]
    [InlineData(5, new long[] { 0, 0 }, new long[] { 0, 0 })]
    [InlineData(0, new long[] { 3, 4 }, new long[] { 0, 0 })]
    [InlineData(1, new long[] { 1, 2, 2 }, new long[] { 0, 1, 0 })]
    [InlineData(long.MaxValue, new long[] { 1, 1 }, new long[] { 4611686018427387904, 4611686018427387903 })]
    public void SharesAre_When_Split(long total, long[] weights, long[] shares) =>
        Apportionment.LargestRemainder(total, weights).ShouldBe(shares);

    [Fact]
    public void ManyPartialRefundsEndWhereOneDoes_When_TheyAddUpToTheSame()
    {
        var cases = from points in Large(1L << 40) from parts in Gen.Choose(1, 1_000_000).NonEmptyListOf() from rest in Gen.Choose(0, 1_000_000) select (points, parts, rest);

        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var amount = given.parts.Sum(part => (long)part) + given.rest;
            long refunded = 0, taken = 0;
            foreach (var part in given.parts)
            {
                refunded += part;
                var target = Apportionment.TakenBackTarget(given.points, refunded, amount);
                target.ShouldBeGreaterThanOrEqualTo(taken);
                taken += target - taken;
            }

            taken.ShouldBe(Apportionment.TakenBackTarget(given.points, refunded, amount));
            if (given.rest == 0)
            {
                taken.ShouldBe(given.points);
            }
        }));
    }

    [Fact]
    public void TheTargetIsTheExactShareRoundedHalfUp_When_APartIsRefunded()
    {
        var cases = from points in Large(1L << 62) from amount in Large(1L << 62) from percent in Gen.Choose(0, 100) select (points, amount, percent);

        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var refunded = (long)((Int128)given.amount * given.percent / 100);
            var target = Apportionment.TakenBackTarget(given.points, refunded, given.amount);
            var exact = given.amount == 0
                ? 0
                : ((2 * (BigInteger)given.points * refunded) + given.amount) / (2 * (BigInteger)given.amount);
            ((BigInteger)target).ShouldBe(exact);
        }));
    }

    [Theory]
    [InlineData(3, 1, 2, 2)]
    [InlineData(1, 1, 2, 1)]
    [InlineData(1, 1, 3, 0)]
    [InlineData(1, 2, 3, 1)]
    [InlineData(5, 0, 7, 0)]
    [InlineData(5, 7, 7, 5)]
    [InlineData(5, 0, 0, 0)]
    public void TheTargetIs_When_SomeOfAnAmountIsRefunded(long points, long refunded, long amount, long target) =>
        Apportionment.TakenBackTarget(points, refunded, amount).ShouldBe(target);

    [Fact]
    public void TheProductIsExact_When_ItIsMultiplied()
    {
        var cases = from points in Large(1L << 62) from multiplier in Gen.Choose(0, 1_000_000) select (points, multiplier);

        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var exact = (BigInteger)given.points * given.multiplier / 10_000;
            if (exact > long.MaxValue)
            {
                Should.Throw<OverflowException>(() => Apportionment.Multiply(given.points, given.multiplier));
            }
            else
            {
                ((BigInteger)Apportionment.Multiply(given.points, given.multiplier)).ShouldBe(exact);
            }
        }));
    }

    /// <summary>Numbers of every magnitude up to a limit, small ones as likely as large ones.</summary>
    private static Gen<long> Large(long limit)
    {
        var bits = BitOperations.Log2((ulong)limit);
        return from width in Gen.Choose(0, bits)
               from high in Gen.Choose(0, int.MaxValue)
               from low in Gen.Choose(0, int.MaxValue)
               select (((long)high << 31) | (uint)low) & ((1L << width) - 1);
    }
}
