using Laurel.ContractTests.Openings;
using Laurel.ContractTests.Product;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>One figure of a closed day changed by hand is found, on each database.</summary>
public sealed class VerifyingClosedDaysTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly (string What, string Spoil, string Mend)[] s_corruptions =
    [
        Both("an amount", "finance_movements", "amount", "unit = 'points' AND kind = 'earn'"),
        Both("a number of entries", "finance_movements", "entries", "unit = 'growth'"),
        Both("a debt of a day", "finance_movements", "debt", "unit = 'points' AND kind = 'reverse'"),
        Both("what was held", "finance_movements", "amount", "unit = 'held' AND kind = 'capture'"),
        Both("a closing", "finance_closings", "closing", "unit = 'points'"),
        Both("an opening", "finance_closings", "opening", "unit = 'held'"),
        Both("a debt", "finance_closings", "debt", "unit = 'points' AND day = 20220503"),
        Both("a receivable", "finance_closings", "receivable", "unit = 'points' AND day = 20220503"),
        Both("a cohort's issue", "finance_cohorts", "granted", "kind = 'earn'"),
        Both("a cohort's use", "finance_cohorts", "taken", "kind = 'spend'"),
        Both("a range", "finance_days", "begin_id", "day = 20220505"),
        Both("an end", "finance_days", "end_id", "day = 20220505"),
        ("entries", "UPDATE entries SET amount = amount + 1 WHERE kind = 'spend'", "UPDATE entries SET amount = amount - 1 WHERE kind = 'spend'"),
        ("a movement gone", "DELETE FROM finance_movements WHERE kind = 'transfer'", "INSERT INTO finance_movements SELECT * FROM kept_movements WHERE kind = 'transfer'"),
        ("cohorts gone", "DELETE FROM finance_cohorts WHERE kind = 'expire'", "INSERT INTO finance_cohorts SELECT * FROM kept_cohorts WHERE kind = 'expire'"),
    ];

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task FindsEachChange_When_DaysAreClosed(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "spoilt_days");
        await new LongHistory(database).WriteAsync();
        await database.CloseAsync("2023-12-30");
        (await database.VerifyAsync()).ShouldBeSound();
        await database.ExecuteAsync("CREATE TABLE kept_movements AS SELECT * FROM finance_movements");
        await database.ExecuteAsync("CREATE TABLE kept_cohorts AS SELECT * FROM finance_cohorts");

        foreach (var (what, spoil, mend) in s_corruptions)
        {
            (await database.ExecuteAsync(spoil)).ShouldBeGreaterThan(0, what);
            var report = await database.VerifyAsync();
            (await database.ExecuteAsync(mend)).ShouldBeGreaterThan(0, what);

            report.Invariants.Single(invariant => invariant.Code.ToString() == "I16").Failed.ShouldBeGreaterThan(0, what);
        }

        (await database.VerifyAsync()).ShouldBeSound();
    }

    private static (string What, string Spoil, string Mend) Both(string what, string table, string column, string where) =>
        (what, $"UPDATE {table} SET {column} = {column} + 1 WHERE {where}", $"UPDATE {table} SET {column} = {column} - 1 WHERE {where}");
}
