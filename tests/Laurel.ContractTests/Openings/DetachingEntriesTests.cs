using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>Opening balances stand for years of entries, on each database: everything that is told stays as it was, and goes on.</summary>
public sealed class DetachingEntriesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string Cut = "2024-01";

    private static readonly string[] s_days = ["2024-01-05", "2024-02-05", "2024-06-01", "2025-02-02", "2026-11-20"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<DatabaseUnderTest> Kinds => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TellsTheSameAndGoesOn_When_OpeningBalancesStandForYears(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "years");
        var history = new LongHistory(database);
        await history.WriteAsync();
        (await database.VerifyAsync()).ShouldBeSound();
        var (facts, rows) = (await FactsAsync(database), await RowsAsync(database));

        var detached = (await database.DetachAsync(Cut)).ShouldBeOfType<DetachOutcome.Detached>();

        detached.IsNew.ShouldBeTrue();
        detached.Cut.Month.ShouldBe(new Month(202401));
        detached.Cut.Members.ShouldBe(4);
        detached.Months.ShouldAllBe(month => month.StoredAs != null && month.Month < detached.Cut.Month);
        detached.Months.Sum(month => month.RowCount).ShouldBeGreaterThan(20);
        (detached.Months.Sum(month => month.RowCount) + await RowsAsync(database)).ShouldBe(rows);
        (await database.ScalarAsync($"SELECT COUNT(*) FROM entries WHERE id < {detached.Cut.Id}")).ShouldBe(0);
        (await database.ScalarAsync($"SELECT COUNT(*) FROM lot_takes WHERE entry_id < {detached.Cut.Id}")).ShouldBe(0);
        await RequireKeptAsync(database, detached.Months);
        var report = await database.VerifyAsync();
        report.ShouldBeSound();
        report.Since.ShouldBe(detached.Cut.Month);
        (await FactsAsync(database)).ShouldBe(facts);
        await RequireJournalAsync(database);

        await GoesOnAsync(history);
        (await database.VerifyAsync()).ShouldBeSound();
        await RepeatsAreAnsweredAsync(database, history);
        await TooEarlyIsRefusedAsync(database);
        await RequireJournalAsync(database);

        // A later cut takes the place of the first.
        facts = await FactsAsync(database);
        (await database.DetachAsync("2025-02")).ShouldBeOfType<DetachOutcome.Detached>().Cut.Members.ShouldBe(4);
        (await database.VerifyAsync()).ShouldBeSound();
        (await FactsAsync(database, "2025-02-02")).ShouldBe(facts.Where(fact => string.CompareOrdinal(fact.Day, "2025-02-02") >= 0));
        (await database.ScalarAsync("SELECT COUNT(*) FROM opening_cuts")).ShouldBe(1);
        (await database.ScalarAsync("SELECT COUNT(DISTINCT cut_id) FROM opening_members")).ShouldBe(1);
        (await database.DetachAsync(Cut)).ShouldBeOfType<DetachOutcome.Detached>().IsNew.ShouldBeFalse();
        await history.NowAsync("2026-11-20", day => history.Spend("anna", 20, "a-last", day));
        (await database.VerifyAsync()).ShouldBeSound();
        await RequireJournalAsync(database);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task RefusesAndChangesNothing_When_ItCannot(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "refused");
        var history = new LongHistory(database);
        await history.WriteAsync();

        (await RefusalAsync(database, "2026-11")).ShouldBe(DetachRefusal.TooRecent);
        (await RefusalAsync(database, "2021-06")).ShouldBe(kind == DatabaseUnderTest.Sqlite ? DetachRefusal.NothingBelow : DetachRefusal.NoBoundary);
        await database.ExecuteAsync("UPDATE members SET points = points + 1 WHERE external_id = 'anna'");
        (await RefusalAsync(database, Cut)).ShouldBe(DetachRefusal.NotSound);
        await database.ExecuteAsync("UPDATE members SET points = points - 1 WHERE external_id = 'anna'");

        foreach (var table in (string[])["opening_cuts", "opening_members", "opening_balances", "opening_lots", "opening_orders", "detached_months"])
        {
            (await database.ScalarAsync($"SELECT COUNT(*) FROM {table}")).ShouldBe(0, table);
        }

        (await database.VerifyAsync()).ShouldBeSound();
        (await database.DetachAsync(Cut)).ShouldBeOfType<DetachOutcome.Detached>();
    }

    /// <summary>The cut is in force before any row moves. So a move that is held up, or cut off, changes nothing that is told.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task GoesOnWhereItStopped_When_RowsCouldNotBeMoved(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "held_up");
        var history = new LongHistory(database);
        await history.WriteAsync();
        var (facts, rows) = (await FactsAsync(database), await RowsAsync(database));
        await HoldUpAsync(database);
        await Should.ThrowAsync<Exception>(() => database.DetachAsync(Cut));
        await LetGoAsync(database);

        (await database.ScalarAsync("SELECT COUNT(*) FROM detached_months WHERE stored_as IS NULL")).ShouldBeGreaterThan(0);
        (await RowsAsync(database)).ShouldBe(rows);
        (await database.VerifyAsync()).ShouldBeSound();
        (await FactsAsync(database)).ShouldBe(facts);
        await RequireJournalAsync(database);

        // A row that nobody had counted: nothing is moved with it unseen.
        await database.ExecuteAsync(LateEntry);
        (await Should.ThrowAsync<IOException>(() => database.DetachAsync(Cut))).Message.ShouldContain("opening balances were taken of");
        (await RowsAsync(database)).ShouldBeGreaterThan(rows / 2);
        await database.ExecuteAsync("DELETE FROM entries WHERE id = 5");

        var detached = (await database.DetachAsync(Cut)).ShouldBeOfType<DetachOutcome.Detached>();
        detached.IsNew.ShouldBeFalse();
        detached.Months.ShouldAllBe(month => month.StoredAs != null);
        (detached.Months.Sum(month => month.RowCount) + await RowsAsync(database)).ShouldBe(rows);
        await RequireKeptAsync(database, detached.Months);
        (await database.VerifyAsync()).ShouldBeSound();
        (await FactsAsync(database)).ShouldBe(facts);
    }

    internal const string LateEntry = """
        INSERT INTO entries (id, tenant_id, member_id, posting_id, unit, kind, account, amount, balance_after, debt_delta, lifetime_delta, occurred_at,
            recorded_at, expires_at, rule, rule_version, reason, reference_type, reference_id)
        SELECT 5, tenant_id, id, 5, 'growth', 'earn', 'issuance', 0, 0, 0, 0, 0, 0, NULL, 'order', 1, 'late', 'test', 'late' FROM members WHERE external_id = 'anna'
        """;

    private sealed record Fact(string Member, string Day, BalanceAsOf Balance);

    /// <summary>What everybody is told of every member as of some days.</summary>
    private static async Task<IReadOnlyList<Fact>> FactsAsync(DetachableDatabase database, string from = "2024-01-01")
    {
        var balances = new BalancesAsOf(database.Database, database.Books.Programmes);
        var facts = new List<Fact>();
        foreach (var day in s_days.Where(day => string.CompareOrdinal(day, from) >= 0))
        {
            await foreach (var balance in balances.ReadAllAsync(LaurelNode.DefaultTenant, DetachableDatabase.NoonOf(day), Cancellation))
            {
                var one = await balances.ReadAsync(database.Database, LaurelNode.DefaultTenant, new MemberId(balance.MemberId), DetachableDatabase.NoonOf(day), Cancellation);
                one.ShouldBe(balance);
                facts.Add(new Fact(balance.ExternalId, day, balance with { EarliestAt = null }));
            }
        }

        facts.Count.ShouldBeGreaterThan(8);
        return facts;
    }

    private static async Task<long> RowsAsync(DetachableDatabase database) =>
        await database.ScalarAsync("SELECT COUNT(*) FROM entries") + await database.ScalarAsync("SELECT COUNT(*) FROM lot_takes");

    /// <summary>What was moved is where it is said to be, whole.</summary>
    private static async Task RequireKeptAsync(DetachableDatabase database, IReadOnlyList<DetachedMonth> months)
    {
        foreach (var place in months.GroupBy(month => (month.TableName, month.StoredAs)))
        {
            var found = database.Kind == DatabaseUnderTest.Sqlite
                ? await DetachedFile.CountAsync(place.Key.StoredAs!, MonthlyEntries.Tables.Single(table => table.Name == place.Key.TableName), Cancellation)
                : await database.ScalarAsync($"SELECT COUNT(*) FROM {place.Key.StoredAs}");
            found.ShouldBe(place.Sum(month => month.RowCount), place.Key.StoredAs);
        }
    }

    /// <summary>Refunds of old orders, spends of old lots, the end of an old hold.</summary>
    private static async Task GoesOnAsync(LongHistory history)
    {
        // At its own time a lot of 2023 was still alive.
        await history.NowAsync("2026-11-01", _ => history.Spend("cai", 10, "c-new", "2024-02-20"));
        await history.NowAsync("2026-11-01", day => history.Refund("A-3", "late-1", 50_000, day));
        await history.NowAsync("2026-11-02", day => history.Refund("A-1", "late-2", 52_223, day));
        await history.NowAsync("2026-11-03", day => history.Refund("B-2", "late-3", 60_000, day));
        var captured = await history.NowAsync("2026-11-04", day => history.Capture(history.OpenHold, 100, "now", day));
        ((HoldReply)captured).Entries.ShouldNotBeEmpty();
        await history.NowAsync("2026-11-05", day => history.Order("anna", "A-9", 200_000, day));
        await history.NowAsync("2026-11-06", day => history.Transfer("anna", "bo", 50, "gift-9", day));
    }

    private static async Task RepeatsAreAnsweredAsync(DetachableDatabase database, LongHistory history)
    {
        var queries = new PointsQueries(database.Database, database.Clock);
        var tenant = LaurelNode.DefaultTenant;

        var spend = await EarlierAsync(history, history.Spend("anna", 200, "a-spend", "2023-11-12"));
        var spent = await queries.ReadPostingAsync(tenant, spend, Cancellation);
        spent.Entries.ShouldBeEmpty();
        spent.MemberId.ShouldBe(new MemberId(spend.RootId).ToString());
        spent.Detached.ShouldNotBeNull().FirstId.ShouldBe($"{spend.FirstId}");

        var order = await EarlierAsync(history, history.Order("anna", "A-3", 150_000, "2023-06-01"));
        (await queries.ReadPostingAsync(tenant, order, Cancellation)).Detached.ShouldNotBeNull();

        var gift = await EarlierAsync(history, history.Transfer("cai", "anna", 1_500, "gift", "2023-09-01"));
        var given = await queries.ReadTransferAsync(tenant, gift, LongHistory.Ref("anna"), 1_500, Cancellation);
        given.Entries.ShouldBeEmpty();
        (given.From, given.Points).ShouldBe((new MemberId(gift.RootId).ToString(), 1_500));
        given.To.ShouldBe($"{await database.ScalarAsync("SELECT id FROM members WHERE external_id = 'anna'")}");
        given.Detached.ShouldNotBeNull();

        var capture = await EarlierAsync(history, history.Capture(history.CapturedHold, 450, "ship", "2023-07-03"));
        var captured = await queries.ReadHoldEndAsync(tenant, capture, history.CapturedHold, Cancellation);
        (captured.Status, captured.Captured, captured.Entries.Count).ShouldBe(("captured", 450, 0));
        captured.Detached.ShouldNotBeNull();

        // What came after the cut is told as ever.
        var later = await EarlierAsync(history, history.Spend("anna", 300, "a-later", "2024-02-01"));
        var told = await queries.ReadPostingAsync(tenant, later, Cancellation);
        told.Detached.ShouldBeNull();
        told.Entries.Single().Amount.ShouldBe(-300);

        // Another content under an old reference is refused, as ever.
        (await history.SubmitAsync(history.Spend("anna", 201, "a-spend", "2023-11-12"))).ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("CONFLICT");
    }

    private static async Task<NaturalKey> EarlierAsync(LongHistory history, Command command) =>
        (await history.SubmitAsync(command)).ShouldBeOfType<Outcome.Duplicate>().Earlier;

    private static async Task TooEarlyIsRefusedAsync(DetachableDatabase database)
    {
        var balances = new BalancesAsOf(database.Database, database.Books.Programmes);
        var anna = new MemberId(await database.ScalarAsync("SELECT id FROM members WHERE external_id = 'anna'"));
        var balance = await balances.ReadAsync(database.Database, LaurelNode.DefaultTenant, anna, DetachableDatabase.NoonOf("2023-11-01"), Cancellation);
        balance.EarliestAt.ShouldBe(DetachableDatabase.NoonOf("2023-11-12").UnixMicroseconds);
        var refusal = await Should.ThrowAsync<AsOfTooEarlyException>(async () =>
        {
            await foreach (var _ in balances.ReadAllAsync(LaurelNode.DefaultTenant, DetachableDatabase.NoonOf("2023-12-01"), Cancellation))
            {
                // Nothing comes.
            }
        });
        refusal.Earliest.ShouldBe(DetachableDatabase.NoonOf("2023-12-28"));
    }

    private static async Task RequireJournalAsync(DetachableDatabase database)
    {
        if (!Hledger.IsHere)
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("laurel-journal-");
        var file = Path.Combine(folder.FullName, "ledger.journal");
        try
        {
            await using (var writer = new StreamWriter(file))
            {
                await new Journal(database.Database, database.Books.Programmes).WriteAsync(LaurelNode.DefaultTenant, writer, null, Cancellation);
            }

            (await Hledger.RunAsync("-f", file, "check", "--strict")).ShouldBeEmpty();
            var balances = await Hledger.RunAsync("-f", file, "bal", "members", "--flat", "-E", "-O", "csv");
            await using var session = await database.Database.OpenReaderAsync(Reach.Everything, Cancellation);
            foreach (var (code, points) in await session.Connection.QueryAsync<(string, long)>("SELECT member_code, points FROM members WHERE points <> 0"))
            {
                balances.ShouldContain($"\"members:{code}:points\",\"{points} points\"", customMessage: balances);
            }

            (await Hledger.RunAsync("-f", file, "bal", "-O", "csv")).Split('\n').ShouldContain(line => line.StartsWith("\"total\",\"0", StringComparison.Ordinal));
            (await Hledger.RunAsync("-f", file, "bal", "transfer", "--flat", "-E", "-O", "csv")).ShouldContain("\"transfer\",\"0\"");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<DetachRefusal> RefusalAsync(DetachableDatabase database, string month) =>
        (await database.DetachAsync(month)).ShouldBeOfType<DetachOutcome.Refused>().Code;

    /// <summary>Whoever reads a table keeps its months from being moved; on SQLite a file stands where the folder should.</summary>
    private static async Task HoldUpAsync(DetachableDatabase database)
    {
        if (database.Kind == DatabaseUnderTest.Sqlite)
        {
            await File.WriteAllTextAsync(database.DetachedFolder, "in the way", Cancellation);
            return;
        }

        await database.ExecuteAsync("START TRANSACTION");
        await database.ExecuteAsync("SELECT id FROM entries LIMIT 1");
    }

    private static async Task LetGoAsync(DetachableDatabase database)
    {
        if (database.Kind == DatabaseUnderTest.Sqlite)
        {
            File.Delete(database.DetachedFolder);
            return;
        }

        await database.ExecuteAsync("ROLLBACK");
    }
}

internal static class Sound
{
    /// <summary>No invariant is broken.</summary>
    public static void ShouldBeSound(this VerificationReport report)
    {
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Holds.ShouldBeTrue();
    }
}
