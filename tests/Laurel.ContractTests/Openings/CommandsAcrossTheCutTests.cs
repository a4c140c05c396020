using System.Globalization;
using Laurel.ContractTests.Model;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Partitions;
using Laurel.Kernel;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>The cut is an id, and a command draws several: its entries may lie on both sides.</summary>
public sealed class CommandsAcrossTheCutTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly DateTimeOffset s_edge = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="before">How many of the ids that a command draws lie below the cut.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task AreProvedAsEver_When_TheirIdsLieOnBothSides(int before)
    {
        await using var database = await DetachableDatabase.OpenAsync(DatabaseUnderTest.Sqlite, databases, "edge");
        var history = new LongHistory(database);
        database.At("2023-10-01");
        string[] members = ["order", "refund", "spend", "capture", "hold", "gift", "debtor"];
        foreach (var member in members)
        {
            await history.AppliedAsync(history.Register(member, "2023-10-01"));
            await history.AppliedAsync(history.Order(member, $"{member}-1", 50_000, "2023-10-01"));
            await history.NowAsync("2023-10-02", day => history.Order(member, $"{member}-2", 70_000, day));
        }

        var held = long.Parse(
            ((HoldReply)await history.NowAsync("2023-10-03", day => history.Hold("capture", 1_500, "h", day, "2049-01-01"))).HoldId, CultureInfo.InvariantCulture);
        await history.AppliedAsync(history.Spend("debtor", 1_500, "d", "2023-10-03"));
        database.At("2024-01-01");
        var node = 2;
        var opened = 0L;
        foreach (var command in (Func<Command>[])
        [
            () => history.Order("order", "order-3", 90_000, "2023-12-31"),
            () => history.Refund("refund-1", "whole", 50_000, "2023-12-31"),
            () => history.Spend("spend", 1_000, "s", "2023-12-31"),
            () => history.Capture(held, 1_100, "ship", "2023-12-31"),
            () => history.Hold("hold", 1_500, "e", "2023-12-31", "2049-01-01"),
            () => history.Transfer("gift", "order", 900, "g", "2023-12-31"),
            () => history.Refund("debtor-1", "whole", 50_000, "2023-12-31"),
        ])
        {
            // The id of the batch comes first. Each has a node of its own, since the clock goes back for each.
            database.Ids = new IdGenerator(new TickingClock(s_edge.AddMilliseconds(-before - 1)), node++);
            if (await history.AppliedAsync(command()) is HoldReply { Status: "open" } hold)
            {
                opened = long.Parse(hold.HoldId, CultureInfo.InvariantCulture);
            }
        }

        (await database.VerifyAsync()).ShouldBeSound();
        var (facts, cut) = (await BalancesAsync(database), IdGenerator.FirstOf(Instant.From(s_edge)));
        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>().Cut.Members.ShouldBe(members.Length);

        (await database.ScalarAsync($"SELECT COUNT(*) FROM entries WHERE id >= {cut}")).ShouldBeGreaterThan(before < 3 ? 0 : -1);
        (await database.VerifyAsync()).ShouldBeSound();
        (await BalancesAsync(database)).ShouldBe(facts);
        database.Ids = new IdGenerator(database.Clock, 1);
        await history.NowAsync("2024-01-02", day => history.Capture(opened, 1_000, "sent", day));
        await history.NowAsync("2024-01-03", day => history.Refund("order-3", "whole", 90_000, day));
        await history.NowAsync("2024-01-04", day => history.Spend("order", 100, "o", day));
        await history.NowAsync("2024-01-05", day => history.Earn("debtor", 100, "r", day));
        (await database.VerifyAsync()).ShouldBeSound();
    }

    /// <summary>Whatever a random history had open at a cut goes on after it as the model says, cut after cut.</summary>
    [Theory]
    [InlineData(31, 4_000, false)]
    [InlineData(32, 4_000, false)]
    [InlineData(33, 4_000, true)]
    [InlineData(34, 4_000, true, 9)]
    public async Task AgreeWithTheModel_When_MonthAfterMonthIsCutOff(int seed, int count, bool movesLives, int? inactiveDays = null)
    {
        var inactivity = inactiveDays is { } days ? new NaiveInactivity(days, AllPoints: true) : null;
        await using var database = await DetachableDatabase.OpenAsync(DatabaseUnderTest.Sqlite, databases, "random", ProgrammeWith(inactivity));
        var script = movesLives ? await EventScript.GenerateLivesAsync(seed, count, Cancellation) : await EventScript.GenerateAsync(seed, count, Cancellation);
        var oracle = new NaiveLoyalty(ShortfallPolicy.Negative, inactivity: inactivity);
        await using var product = new ProductLoyalty(database.Lanes, database.Database, database.Books, database.Vault, database.Clock);
        var cuts = 0;
        var next = Month.Of(Instant.From(EventScript.Start)).Next;
        for (var index = 0; index < script.Operations.Count; index++)
        {
            var operation = script.Operations[index];
            var right = await operation.ApplyToAsync(oracle, Cancellation);
            (await operation.ApplyToAsync(product, Cancellation)).Summary.ShouldBe(right.Summary, $"{script}, operation {index}: {operation}");
            if (next.Start.Plus(EntryDetachment.AgeMin) <= Instant.From(operation.Clock))
            {
                database.Clock.Set(operation.Clock);
                (await database.Detachment.RunAsync(next, null, Cancellation)).ShouldBeOfType<DetachOutcome.Detached>().IsNew.ShouldBeTrue();
                (await database.VerifyAsync()).ShouldBeSound();
                (cuts, next) = (cuts + 1, next.Next);
            }
        }

        cuts.ShouldBeGreaterThan(1);
        (await database.VerifyAsync()).ShouldBeSound();
        var earliest = (await OpeningCut.FindAsync(database.Database, Cancellation))!.LatestAt!.Value;
        var end = Instant.From(script.End).UnixMicroseconds;
        foreach (var member in script.Members)
        {
            for (var part = 0; part <= 3; part++)
            {
                var instant = new Instant(earliest + ((end - earliest) / 3 * part)).ToDateTimeOffset();
                var right = await oracle.StateAsOfAsync(member, instant, Cancellation);
                (await product.StateAsOfAsync(member, instant, Cancellation)).ShouldBe(right, $"{script}, {member} as of {instant:O}");
            }
        }
    }

    private static Programme? ProgrammeWith(NaiveInactivity? inactivity) => inactivity is null
        ? null
        : new Programme { Inactivity = new InactivityRules { AllPoints = inactivity.AllPoints, Days = inactivity.Days } };

    private static async Task<IReadOnlyList<BalanceAsOf>> BalancesAsync(DetachableDatabase database)
    {
        var balances = new List<BalanceAsOf>();
        var at = DetachableDatabase.NoonOf("2024-01-01");
        await foreach (var balance in new BalancesAsOf(database.Database, database.Books.Programmes).ReadAllAsync(LaurelNode.DefaultTenant, at, Cancellation))
        {
            balances.Add(balance with { EarliestAt = null });
        }

        return balances;
    }

    /// <summary>Goes on by a millisecond whenever it is asked, so that every id is of another.</summary>
    private sealed class TickingClock(DateTimeOffset start) : TimeProvider
    {
        private DateTimeOffset _now = start;

        public override DateTimeOffset GetUtcNow()
        {
            var now = _now;
            _now += TimeSpan.FromMilliseconds(1);
            return now;
        }
    }
}
