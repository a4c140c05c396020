using Laurel.ContractTests.Openings;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Finance;
using Laurel.Membership.Openings;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>Recorded days are closed once, in order, for ever, on each database.</summary>
public sealed class ClosingDaysTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<DatabaseUnderTest> Kinds => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    /// <summary>Worked by hand: 100 for enrolling, 600 and a bonus of 200 for an order of 600 yuan; 250 spent; a tenth of the order returned
    /// (60), and 40 of the first day told on the third.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task SaysWhatTheTableSays_When_AFewDaysAreClosed(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "golden");
        await WriteThreeDaysAsync(database);

        (await database.CloseAsync("2026-01-13")).ShouldBe(3);

        (await database.RecordedAsync("2026-01-01", "2026-01-31")).Items.Select(day => day.Line()).ShouldBe(
        [
            "2026-01-10 0 issued 900 redeemed 0 expired 0 clawed 0 adjusted 0 transferred 0 repaid 0 forward 0 other 0 = 900 late 0 committed 0",
            "2026-01-11 900 issued 0 redeemed -250 expired 0 clawed 0 adjusted 0 transferred 0 repaid 0 forward 0 other 0 = 650 late 0 committed 0",
            "2026-01-12 650 issued 40 redeemed 0 expired 0 clawed -60 adjusted 0 transferred 0 repaid 0 forward 0 other 0 = 630 late 40 committed 0",
        ]);
        (await database.BusinessAsync("2026-01-10", "2026-01-12")).Items.Select(day => (day.Issued, day.Closing, day.Late)).ShouldBe([(940, 940, 40), (0, 690, 0), (0, 630, 0)]);
        (await database.BusinessAsync("2026-01-10", "2026-01-11", "2026-01-11")).Items.Select(day => (day.Issued, day.Closing, day.Late)).ShouldBe([(900, 900, 0), (0, 650, 0)]);
        var liability = (await database.LiabilityAsync("2026-01-10", "2026-01-12")).Items;
        liability.Select(day => (day.Outstanding, day.Held, day.LiabilityMinorUnits)).ShouldBe([(900, 0, 900), (650, 0, 650), (630, 0, 630)]);

        // 600 yuan paid, points worth 8 yuan: 60,000 × 800 / 60,800 = 789.47. Of 940 less 60, 250 are redeemed: 789 × 250 / 880 = 224.1.
        (await database.DeferralsAsync()).Items.ShouldHaveSingleItem().ShouldBe(new DeferralMonth
        {
            Month = "2026-01",
            Sales = 60_000,
            Points = 800,
            PointsMinorUnits = 800,
            Deferred = 789,
            Goods = 59_211,
            Redeemed = 250,
            ExpectedRedeemed = 880,
            Released = 224,
            Remaining = 565,
        });
        var journal = (await database.JournalAsync("2026-01-10", "2026-01-12")).Items;
        journal.Select(line => $"{line.Day[8..]} {line.Account} {line.Debit} {line.Credit}").ShouldBe(
        [
            "10 6001.91 900 0", "10 2205.01 0 900",
            "11 2205.01 250 0", "11 6001.92 0 250",
            "12 6001.91 40 0", "12 2205.01 0 40", "12 2205.01 60 0", "12 6001.94 0 60",
        ]);

        // The lots end at the last midnight of the 365th day; the late one was given on the same day.
        (await database.ExpiringAsync("2026-01-13")).Items.Select(month => (month.Month, month.Points)).ShouldBe([("2027-01", 630)]);
        (await database.VerifyAsync()).ShouldBeSound();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ChangesNothing_When_RunAgainOrTooEarly(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "again");
        await WriteThreeDaysAsync(database);
        database.Clock.Set(new DateTimeOffset(2026, 1, 10, 16, 9, 59, TimeSpan.Zero));
        (await FinanceHistory.RunOf(database).RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBe(0, "midnight was less than ten minutes ago");
        database.Clock.Set(new DateTimeOffset(2026, 1, 10, 16, 10, 0, TimeSpan.Zero));
        (await FinanceHistory.RunOf(database).RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBe(1);
        var first = await database.RecordedAsync("2026-01-01", "2026-01-31");

        (await database.CloseAsync("2026-01-13")).ShouldBe(2);
        (await database.CloseAsync("2026-01-13")).ShouldBe(0);

        var all = await database.RecordedAsync("2026-01-01", "2026-01-31");
        all.Items[0].ShouldBe(first.Items.ShouldHaveSingleItem());
        all.Items.Count.ShouldBe(3);
        await CloseTwiceAtOnceAsync(database);
        (await database.VerifyAsync()).ShouldBeSound();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TheNextDayBooksIt_When_ItWasCommittedAfterItsDayWasClosed(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "straggler");
        var history = await WriteThreeDaysAsync(database);
        await database.CloseAsync("2026-01-13");
        var closed = await database.RecordedAsync("2026-01-12", "2026-01-12");

        // A node that stood still since the day before yesterday: its ids are of then.
        database.At("2026-01-12");
        database.Ids = new IdGenerator(database.Clock, 2);
        await history.AppliedAsync(history.Register("stood-still", "2026-01-12"));
        database.At("2026-01-13");
        database.Ids = new IdGenerator(database.Clock, 3);
        (await database.VerifyAsync()).Invariants.Where(invariant => invariant.Failed > 0).Select(invariant => invariant.Code.ToString()).ShouldBe(["I16"]);

        (await database.CloseAsync("2026-01-14")).ShouldBe(1);

        (await database.RecordedAsync("2026-01-12", "2026-01-12")).Items.ShouldBe(closed.Items);
        var next = (await database.RecordedAsync("2026-01-13", "2026-01-13")).Items.ShouldHaveSingleItem();
        (next.Opening, next.Issued, next.CommittedLate, next.Closing).ShouldBe((630, 100, 100, 730));
        (await database.VerifyAsync()).ShouldBeSound();
    }

    /// <summary>Lots that live longer are told by the months that they were moved between; the sum of the points stays.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ExtensionsAreListed_When_LotsWereGivenALongerLife(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "extended");
        await WriteThreeDaysAsync(database);
        database.At("2026-01-11");
        var id = IdGenerator.FirstOf(Instant.From(database.Clock.GetUtcNow()));
        await database.ExecuteAsync("""
            CREATE TABLE IF NOT EXISTS lot_changes (tenant_id INTEGER, member_id BIGINT, id BIGINT, lot_id BIGINT, kind VARCHAR(32), points BIGINT, active_before BIGINT,
                active_after BIGINT, expires_before BIGINT, expires_after BIGINT, occurred_at BIGINT, recorded_at BIGINT, reason VARCHAR(255), operator VARCHAR(255), reference VARCHAR(255))
            """);
        var (january, july, now) = (At("2026-02-01"), At("2026-08-01"), At("2026-01-11"));
        foreach (var (lot, points, change, after) in ((int, int, string, long)[])[(1, 30, "extend", july), (2, 12, "extend", july), (3, 5, "extend", long.MaxValue), (4, 99, "activate", july)])
        {
            (await database.ExecuteAsync($"""
                INSERT INTO lot_changes (tenant_id, member_id, id, lot_id, kind, points, active_before, active_after, expires_before, expires_after, occurred_at, recorded_at, reason, operator, reference)
                VALUES (1, 7, {id + lot}, {lot}, '{change}', {points}, 0, 0, {january}, {after}, {now}, {now}, 'goodwill', 'eva', 'x-{lot}')
                """)).ShouldBe(1);
        }

        (await database.CloseAsync("2026-01-13")).ShouldBe(3);

        (await database.ExtensionsAsync("2026-01-01", "2026-01-31")).Items.Select(row => (row.Day, row.From, row.To, row.Lots, row.Points)).ShouldBe(
        [
            ("2026-01-11", "2026-01", "2026-07", 2, 42), ("2026-01-11", "2026-01", "never", 1, 5),
        ]);
        var day = (await database.RecordedAsync("2026-01-11", "2026-01-11")).Items.ShouldHaveSingleItem();
        (day.Extended, day.Opening, day.Redeemed, day.Closing).ShouldBe((47, 900, -250, 650));
    }

    private static long At(string day) =>
        Instant.From(DateTimeOffset.Parse(day + "T00:00:00+08:00", System.Globalization.CultureInfo.InvariantCulture)).UnixMicroseconds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task NothingIsWritten_When_TheLeaseHasPassedOn(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "fenced");
        await WriteThreeDaysAsync(database);
        database.At("2026-01-13");
        await using var lease = (await database.Leases.TryTakeAsync("jobs", Cancellation)).ShouldNotBeNull();
        var stale = new FinanceClosingRun(database.Database, database.Lanes, database.Books.Programmes, database.Clock) { Fence = new LeaseFence(lease.Name, lease.Token - 1) };

        (await Should.ThrowAsync<IOException>(() => stale.RunAsync(LaurelNode.DefaultTenant, null, Cancellation))).Message.ShouldContain("LEASE_LOST");

        (await database.ScalarAsync("SELECT COUNT(*) FROM finance_movements")).ShouldBe(0);
        var fresh = new FinanceClosingRun(database.Database, database.Lanes, database.Books.Programmes, database.Clock) { Fence = new LeaseFence(lease) };
        (await fresh.RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBe(3);
    }

    /// <summary>Years of everything that members do, with and without months that opening balances stand for.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TheBooksGoOn_When_OpeningBalancesStandForYears(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "detached");
        await new LongHistory(database).WriteAsync();
        (await database.CloseAsync("2022-05-20")).ShouldBe(80);
        await RequireWholeAsync(database);

        // Nothing was closed between May 2022 and the cut, and its entries are gone.
        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.VerifyAsync()).ShouldBeSound();
        (await database.CloseAsync("2024-01-03")).ShouldBe(2);
        var forward = (await database.RecordedAsync("2024-01-01", "2024-01-01")).Items.ShouldHaveSingleItem();
        forward.BroughtForward.ShouldNotBe(0);
        forward.Opening.ShouldBe((await database.RecordedAsync("2022-05-19", "2022-05-19")).Items.Single().Closing);
        (await database.VerifyAsync()).ShouldBeSound();
        await database.CloseAsync("2025-03-10");
        await RequireWholeAsync(database);

        // The cut moves over days that are closed: they stay as they are.
        var before = await database.RecordedAsync("2024-01-01", "2024-12-31");
        (await database.DetachAsync("2025-01")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.RecordedAsync("2024-01-01", "2024-12-31")).Items.ShouldBe(before.Items);
        await RequireWholeAsync(database);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TheFirstDayBringsEverythingForward_When_NothingWasClosedBeforeTheCut(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "forward");
        await new LongHistory(database).WriteAsync();
        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();

        (await database.CloseAsync("2025-03-10")).ShouldBeGreaterThan(400);

        var first = (await database.RecordedAsync("2024-01-01", "2024-01-01")).Items.ShouldHaveSingleItem();
        first.BroughtForward.ShouldBe(first.Closing);
        await RequireWholeAsync(database);
    }

    /// <summary>What days say in all is what is stored: wallets, lots, holds, and the cohorts' points.</summary>
    private static async Task RequireWholeAsync(DetachableDatabase database)
    {
        (await database.VerifyAsync()).ShouldBeSound();
        var last = await database.ScalarAsync("SELECT MAX(end_id) FROM finance_days");
        var since = await database.ScalarAsync($"SELECT COALESCE(SUM(amount), 0) FROM entries WHERE unit = 'points' AND id >= {last}");
        var closing = await database.ScalarAsync("SELECT closing FROM finance_closings WHERE unit = 'points' ORDER BY day DESC LIMIT 1");
        (closing + since).ShouldBe(await database.ScalarAsync("SELECT SUM(points) FROM members"));
        var open = await database.ScalarAsync("SELECT SUM(granted) - SUM(taken) FROM finance_cohorts");
        var owed = await database.ScalarAsync("SELECT debt FROM finance_closings WHERE unit = 'points' ORDER BY day DESC LIMIT 1");
        open.ShouldBe(closing + owed);
        var days = (await database.RecordedAsync("2022-01-01", "2026-12-31")).Items;
        for (var i = 1; i < days.Count; i++)
        {
            days[i].Opening.ShouldBe(days[i - 1].Closing, days[i].Day);
        }

        days.ShouldAllBe(day => day.Opening + day.BroughtForward + day.Issued + day.Redeemed + day.Expired + day.ClawedBack + day.Adjusted + day.Reinstated + day.Cancelled
            + day.Transferred + day.Exchanged + day.Repaid + day.Other == day.Closing);
        var journal = (await database.JournalAsync("2022-01-01", "2026-12-31")).Items;
        journal.Sum(line => line.Debit).ShouldBe(journal.Sum(line => line.Credit));
        var liability = (await database.LiabilityAsync("2022-01-01", "2026-12-31")).Items[^1];
        journal.Where(line => line.Account == FinanceAccounts.Default.Liability.Code).Sum(line => line.Credit - line.Debit).ShouldBe(liability.LiabilityMinorUnits);
    }

    private static async Task CloseTwiceAtOnceAsync(DetachableDatabase database)
    {
        database.At("2026-02-01");
        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
            Task.Run(() => FinanceHistory.RunOf(database).RunAsync(LaurelNode.DefaultTenant, null, Cancellation), Cancellation)));
        runs.Sum().ShouldBe(19, "each day is closed by one of them, and one that lost a day leaves off");
        (await database.ScalarAsync("SELECT COUNT(*) FROM finance_days")).ShouldBe(22);
    }

    private static async Task<LongHistory> WriteThreeDaysAsync(DetachableDatabase database)
    {
        var history = new LongHistory(database);
        await history.NowAsync("2026-01-10", day => history.Register("anna", day));
        await history.NowAsync("2026-01-10", day => history.Order("anna", "A-1", 60_000, day));
        await history.NowAsync("2026-01-11", day => history.Spend("anna", 250, "s-1", day));
        await history.NowAsync("2026-01-12", day => history.Refund("A-1", "r-1", 6_000, day));
        await history.NowAsync("2026-01-12", _ => history.Earn("anna", 40, "e-1", "2026-01-10"));
        return history;
    }
}
