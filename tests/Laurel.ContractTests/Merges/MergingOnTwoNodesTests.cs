using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>Two nodes on one database: one merges, the other has never met a merged member.</summary>
public sealed class MergingOnTwoNodesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LosesNothing_When_OneMergesWhileTheOtherSpends(DatabaseUnderTest kind)
    {
        await using var here = await MergeDesk.OpenAsync(kind, databases, "nodes");
        await using var there = await MergeDesk.OpenAsync(kind, databases, "nodes");
        var (a, b) = (await here.NewMemberAsync("a", 1_000), await here.NewMemberAsync("b", 1_000));
        await here.OrderAsync(a, "o-1", 60_000);

        for (var round = 0; round < 4; round++)
        {
            var undo = round;
            var merging = here.MergedAsync(a, b);
            var spending = Task.WhenAll(Enumerable.Range(0, 20).Select(i => there.SubmitAsync(there.Spend(i % 2 == 0 ? a : b, 5, $"n-{undo}-{i}"))));
            var merge = await merging;
            var outcomes = await spending;
            outcomes.ShouldAllBe(outcome => outcome is Outcome.Applied);
            (await here.OfAsync(a)).Balance.ShouldBe(0);
            await there.AppliedAsync(there.RefundOf("o-1", 5_000, $"r-{round}"));
            var undone = await Task.WhenAll(here.SubmitAsync(here.Undo(merge)), there.SubmitAsync(there.Undo(merge)));
            undone.OfType<Outcome.Applied>().Count().ShouldBe(1);
            (await here.OfAsync(a)).Plus(await here.OfAsync(b)).Balance.ShouldBe(2_000 - (100 * (round + 1)));
        }

        await here.AppliedAsync(here.Spend(MemberReference.ById(a), 10, "own again"));
        await here.SoundAsync();
    }
}
