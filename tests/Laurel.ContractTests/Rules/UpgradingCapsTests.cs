using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Sql;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Rules;

/// <summary>What caps counted in rows of their own is counted on, by the period.</summary>
public sealed class UpgradingCapsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepWhatWasUsed_When_TheirRowsBecomeOne(DatabaseUnderTest kind)
    {
        await using var older = await OlderDatabase.OpenAsync(databases, kind, "cap-counters", Cancellation);
        await older.ExecuteAsync("""
            INSERT INTO limit_counters (tenant_id, member_id, limit_code, period, used)
            VALUES (1, 7, 'order_points_day', 20260131, 120), (1, 7, 'check_in_uses_day', 20260131, 3), (1, 7, 'check_in_uses_total', 0, 41),
                   (1, 7, 'benefit:birthday_gift:total', 0, 2), (1, 7, 'withdrawal_amount_day', 20260131, 500), (1, 7, 'withdrawal_count_day', 20260131, 1),
                   (1, 8, 'order_points_day', 20260131, 9223372036854775807);
            """, Cancellation);

        await older.UpgradeAsync(Cancellation);

        await using var session = await older.Database.OpenOwnerAsync(Cancellation);
        var connection = session.Connection;
        var moved = await connection.QueryAsync<(long Member, int Period, string Used)>("SELECT member_id, period, used FROM cap_counters ORDER BY member_id, period");
        moved.Select(row => (row.Member, row.Period, string.Join(';', row.Used.Split(';').Order(StringComparer.Ordinal)))).ShouldBe(
        [
            (7, 0, "check_in_uses_total=41"),
            (7, 20260131, "check_in_uses_day=3;order_points_day=120"),
            (8, 20260131, "order_points_day=9223372036854775807"),
        ]);
        (await connection.QueryAsync<string>("SELECT limit_code FROM limit_counters ORDER BY limit_code")).ShouldBe(
            ["benefit:birthday_gift:total", "withdrawal_amount_day", "withdrawal_count_day"]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
