using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Membership.Watch;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>A sound database with cases in every state passes; one thing changed by hand is found.</summary>
public sealed class VerifyingWatchTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "a counter more", "UPDATE limit_counters SET used = used + 1 WHERE limit_code = 'watch:watched:sum:day'", "I21", "limit_counters" },
        { "a counter of occasions", "UPDATE limit_counters SET used = used + 1 WHERE limit_code = 'watch:often:count:hour'", "I21", "limit_counters" },
        { "a counter gone", "DELETE FROM limit_counters WHERE limit_code = 'watch:often:count:hour'", "I21", "limit_counters" },
        { "a counter of nothing", "INSERT INTO limit_counters SELECT tenant_id, id, 'watch:watched:sum:day', 20200101, 1 FROM members LIMIT 1", "I21", "limit_counters" },
        { "hits", "UPDATE watch_cases SET hits = hits + 1 WHERE status = 'open'", "I21", "watch_cases" },
        { "a hit gone", "DELETE FROM watch_case_changes WHERE kind = 'hit'", "I21", "watch_cases" },
        { "a status of no change", "UPDATE watch_cases SET status = 'assigned', assigned_to = 'x' WHERE status = 'open'", "I21", "watch_cases" },
        { "a decision undone", "UPDATE watch_cases SET status = 'open', decided_at = NULL, decided_by = NULL WHERE status = 'released'", "I21", "watch_cases" },
        { "nobody who decided", "UPDATE watch_cases SET decided_by = NULL WHERE status = 'confirmed'", "I21", "watch_cases" },
        { "a case of nobody", "UPDATE watch_cases SET member_id = 1 WHERE status = 'confirmed'", "I21", "watch_cases" },
        { "a case gone", "DELETE FROM watch_cases WHERE status = 'confirmed'", "I21", "watch_case_changes" },
        { "lots of no case", "UPDATE pending_lots SET reference = '7' WHERE event = 'watch:case'", "I21", "pending_lots" },
        { "lots of a decided case", "UPDATE watch_cases SET status = 'confirmed', decided_at = 1, decided_by = 'x' WHERE status = 'open'", "I21", "pending_lots" },
        { "a key gone", "DELETE FROM natural_keys WHERE first_id = 0 AND root_id IN (SELECT member_id FROM watch_cases WHERE status = 'open')", "I4", "watch_cases" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        await using var desk = await WriteAsync(DatabaseUnderTest.Sqlite, what);
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Offences.ShouldContain(offence => offence.Table == table, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task Holds_When_NothingIsChanged(DatabaseUnderTest kind)
    {
        await using var desk = await WriteAsync(kind, "sound");

        await desk.VerifyWatchAsync();
    }

    /// <summary>A case that is open with points that wait, one that was released and one that was confirmed.</summary>
    private async Task<MoneyDatabase> WriteAsync(DatabaseUnderTest kind, string what)
    {
        var sum = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Sum, 500, WatchAction.Hold);
        var often = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Count, 100, WatchAction.Flag, WatchUnit.Hour, 3) with { Code = "often" };
        var desk = await WatchDesk.OpenAsync(kind, databases, "verify " + what, sum, often);
        var member = await desk.NewMemberAsync("v" + what, 0);
        foreach (var to in (WatchCaseStatus[])[WatchCaseStatus.Released, WatchCaseStatus.Confirmed, WatchCaseStatus.Open])
        {
            desk.Advance(TimeSpan.FromDays(1));
            await desk.AppliedAsync(desk.Earn(member, 400, to + "1"));
            await desk.AppliedAsync(desk.Earn(member, 400, to + "2"));
            if (to != WatchCaseStatus.Open)
            {
                await desk.AppliedAsync(desk.Decide((await desk.CasesAsync())[^1].Id, to));
            }
        }

        return desk;
    }
}
