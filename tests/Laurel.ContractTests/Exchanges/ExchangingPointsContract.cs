using Laurel.ContractTests.Adjustments;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Exports;
using Laurel.ContractTests.Finance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Finance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Exchanges;

/// <summary>Points for stored money and back, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class ExchangingPointsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Programme s_terms = new()
    {
        PointsToBalance = new ExchangeTerms { Points = 1_000, MinorUnits = 990, PointsMin = 1_000, PointsStep = 100 },
        PointsFromBalance = new ExchangeTerms { Points = 100, MinorUnits = 101, PointsStep = 100 },
    };

    [Fact]
    public async Task MovesBothUnitsInOnePosting_When_PointsAreGivenForMoney()
    {
        await using var desk = await OpenAsync("to", s_terms);
        var member = await desk.NewMemberAsync("to", 0);
        await desk.AppliedAsync(desk.Correct(member, 4_900, "given"));

        foreach (var points in (long[])[999, 900, 1_050])
        {
            (await desk.RefusedAsync(ToBalance(desk, member, points, "step"))).ShouldBe("EXCHANGE_STEP");
        }

        (await desk.RefusedAsync(ToBalance(desk, member, 5_100, "much"))).ShouldBe("POINTS_INSUFFICIENT");
        var posting = (PostingReply)await desk.AppliedAsync(ToBalance(desk, member, 1_100, "x-1"));
        (await desk.SubmitAsync(ToBalance(desk, member, 1_100, "x-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await desk.RefusedAsync(ToBalance(desk, member, 1_200, "x-1"))).ShouldBe("CONFLICT");

        posting.Entries.Select(entry => (entry.Unit, entry.Amount, entry.BalanceAfter, entry.Kind)).ShouldBe(
            [("points", -1_100, 3_900, "exchange"), ("balance", 1_089, 1_089, "exchange")]);
        (await desk.StandingAsync(member)).ShouldBe(new Standing(1_089, 0));
        (await desk.PointsAsync(member)).ShouldBe(3_900);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task TakesOnlyWhatIsFree_When_MoneyIsGivenForPoints()
    {
        await using var desk = await OpenAsync("from", s_terms);
        var member = await desk.NewMemberAsync("from", 2_020);
        await desk.AppliedAsync(desk.Apply(member, 1_000, "held"));

        (await desk.RefusedAsync(FromBalance(desk, member, 1_100, "held"))).ShouldBe("BALANCE_INSUFFICIENT");
        (await desk.RefusedAsync(FromBalance(desk, member, 150, "half"))).ShouldBe("EXCHANGE_STEP");
        var posting = (PostingReply)await desk.AppliedAsync(FromBalance(desk, member, 1_000, "x-2"));
        await desk.AppliedAsync(new SpendPoints(MoneyDesk.Tenant, MemberReference.ById(member), Request(1_100, "all"), desk.Books));

        posting.Entries.Select(entry => (entry.Unit, entry.Amount, entry.BalanceAfter)).ShouldBe([("balance", -1_010, 1_010), ("points", 1_000, 1_100)]);
        posting.Entries[1].ExpiresAt.ShouldNotBeNull();
        (await desk.StandingAsync(member)).ShouldBe(new Standing(1_010, 1_000));
        (await desk.PointsAsync(member)).ShouldBe(0);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task GoesNeitherWay_When_TheProgrammeDoesNotSay()
    {
        await using var desk = await OpenAsync("off", new Programme());
        var member = await desk.NewMemberAsync("off", 1_000);

        (await desk.RefusedAsync(ToBalance(desk, member, 100, "o-1"))).ShouldBe("EXCHANGE_OFF");
        (await desk.RefusedAsync(FromBalance(desk, member, 100, "o-2"))).ShouldBe("EXCHANGE_OFF");
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task GivesNoPointTwice_When_ExchangesAndSpendsRace()
    {
        await using var desk = await OpenAsync("race", s_terms);
        var member = await desk.NewMemberAsync("race", 0);
        await desk.AppliedAsync(desk.Correct(member, 4_900, "given"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => desk.SubmitAsync(i % 2 == 0
            ? ToBalance(desk, member, 1_000, $"e-{i}")
            : new SpendPoints(MoneyDesk.Tenant, MemberReference.ById(member), Request(1_000, $"s-{i}"), desk.Books))));

        outcomes.OfType<Outcome.Applied>().Count().ShouldBe(5);
        outcomes.OfType<Outcome.Refused>().ShouldAllBe(refused => refused.Refusal.Code == "POINTS_INSUFFICIENT");
        var exchanged = outcomes.Where((outcome, i) => i % 2 == 0 && outcome is Outcome.Applied).Count();
        (await desk.StandingAsync(member)).Balance.ShouldBe(exchanged * 990);
        (await desk.PointsAsync(member)).ShouldBe(0);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task AgreesWithTheBooks_When_TheDayIsClosedAndTheJournalIsRead()
    {
        await using var desk = await OpenAsync("books", s_terms);
        var member = await desk.NewMemberAsync("books", 5_000);
        await desk.AppliedAsync(desk.Correct(member, 2_900, "given"));
        await desk.AppliedAsync(ToBalance(desk, member, 2_000, "b-1"));
        await desk.AppliedAsync(FromBalance(desk, member, 300, "b-2"));
        desk.Advance(TimeSpan.FromDays(2));
        var run = new FinanceClosingRun(desk.Database, desk.Node.Lanes, desk.Books.Programmes, desk.Clock);
        (await run.RunAsync(MoneyDesk.Tenant, null, Cancellation)).ShouldBeGreaterThan(0);

        var day = FinanceHistory.Day("2026-03-01");
        var points = (await RollForward.ByRecordedDayAsync(desk.Database, MoneyDesk.Tenant, "points", day, day, Cancellation)).Items.ShouldHaveSingleItem();
        var money = (await RollForward.ByRecordedDayAsync(desk.Database, MoneyDesk.Tenant, "balance", day, day, Cancellation)).Items.ShouldHaveSingleItem();
        (points.Issued, points.Adjusted, points.Exchanged, points.Other, points.Closing).ShouldBe((100, 2_900, -1_700, 0, 1_300));
        (money.Adjusted, money.Exchanged, money.Other, money.Closing).ShouldBe((5_000, 1_677, 0, 6_677));
        await desk.VerifyAsync();

        ExportingTests.RequireHledger();
        var file = Path.Combine(desk.Settings.DataFolder, "exchange.journal");
        await using (var writer = new StreamWriter(file))
        {
            await new Journal(desk.Database, desk.Node.Programmes).WriteAsync(MoneyDesk.Tenant, writer, null, Cancellation);
        }

        (await ExportingTests.HledgerAsync("-f", file, "check", "--strict")).ShouldBeEmpty();
        (await ExportingTests.HledgerAsync("-f", file, "bal", "exchange", "--flat", "-O", "csv")).ShouldContain("\"exchange\",\"-1677 balance, 1700 points\"");
    }

    private Task<MoneyDatabase> OpenAsync(string name, Programme programme) =>
        MoneyDatabase.OpenAsync(kind, databases, "exchange_" + name, programme: programme);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static ExchangePoints ToBalance(MoneyDatabase desk, MemberId member, long points, string reference) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), ExchangeDirection.ToBalance, desk.Books);

    private static ExchangePoints FromBalance(MoneyDatabase desk, MemberId member, long points, string reference) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), ExchangeDirection.FromBalance, desk.Books);

    private static PointsRequest Request(long points, string reference) =>
        new() { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = reference };
}

public sealed class ExchangingPointsOnSqliteTests(NamedDatabases databases) : ExchangingPointsContract(DatabaseUnderTest.Sqlite, databases)
{
    private readonly NamedDatabases _databases = databases;

    /// <summary>One half of an exchange changed by hand is found.</summary>
    [Theory]
    [InlineData("the money gone", "UPDATE entries SET kind = 'adjust', account = 'adjustment' WHERE kind = 'exchange' AND unit = 'balance'", "I14")]
    [InlineData("another account", "UPDATE entries SET account = 'adjustment' WHERE kind = 'exchange' AND unit = 'points'", "I1")]
    [InlineData("another amount", "UPDATE entries SET amount = amount + 1 WHERE kind = 'exchange' AND unit = 'balance'", "I1")]
    [InlineData("the key gone", "DELETE FROM natural_keys WHERE first_id = (SELECT MIN(id) FROM entries WHERE kind = 'exchange')", "I4")]
    public async Task IsFound_When_HalfOfItIsChanged(string what, string sql, string invariant)
    {
        var programme = new Programme { PointsToBalance = new ExchangeTerms { Points = 1, MinorUnits = 1 } };
        await using var desk = await MoneyDatabase.OpenAsync(DatabaseUnderTest.Sqlite, _databases, "spoilt", programme: programme);
        var member = await desk.NewMemberAsync("spoilt", 0);
        await desk.AppliedAsync(ToBalance(desk, member, 60, "x"));
        await desk.VerifyAsync();

        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);
        var report = await new Verifier(desk.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(candidate => candidate.Code.ToString() == invariant).Failed.ShouldBeGreaterThan(0, what);
    }
}

public sealed class ExchangingPointsOnPostgresTests(NamedDatabases databases) : ExchangingPointsContract(DatabaseUnderTest.Postgres, databases);

public sealed class ExchangingPointsOnMySqlTests(NamedDatabases databases) : ExchangingPointsContract(DatabaseUnderTest.MySql, databases);
