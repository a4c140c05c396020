using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Sql;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Rules;

/// <summary>Orders from before there were rules keep what they earned and what was taken back of it.</summary>
public sealed class UpgradingOrdersTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string FirstWithRules = "order-earnings";

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepWhatTheyEarned_When_TheirTableIsRewritten(DatabaseUnderTest kind)
    {
        await using var older = await OlderDatabase.OpenAsync(databases, kind, FirstWithRules, Cancellation);
        await older.ExecuteAsync("""
            INSERT INTO orders (tenant_id, member_id, order_id, amount, refunded, has_lines, points, growth, bonus, points_taken, growth_taken, bonus_taken, lapsed_counted, points_entry_id, bonus_entry_id, occurred_at, recorded_at)
            VALUES (1, 7, 'first', 30000, 0, 1, 330, 300, 200, 0, 0, 0, 0, 100, 101, 5, 6),
                   (1, 7, 'refunded', 10000, 10000, 0, 110, 100, 50, 110, 100, 1, 3, 200, 201, 5, 6),
                   (1, 7, 'small', 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6),
                   (1, 7, 'later', 1000, 400, 0, 10, 10, 0, 4, 4, 0, 0, 300, 0, 5, 6),
                   (1, 7, 'bonus', 90, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 400, 5, 6);
            INSERT INTO order_lines (tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, points, growth, refunded)
            VALUES (1, 7, 'first', 2, 'b', NULL, 1, 10000, 10000, 110, 100, 0), (1, 7, 'first', 1, 'a', 'tea', 2, 20000, 20000, 220, 200, 0),
                   (1, 7, 'first', 10, 'j', NULL, 1, 0, 0, 0, 0, 0);
            """, Cancellation);

        await older.UpgradeAsync(Cancellation);

        await using var session = await older.Database.OpenOwnerAsync(Cancellation);
        var connection = session.Connection;
        (await connection.QueryAsync<(string, string)>("SELECT order_id, earnings FROM orders ORDER BY order_id")).ShouldBe(
        [
            ("bonus", "first_order|points|w|1|400|200|0|"),
            ("first", "order|points|p|1|100|330|0|220,110,0;first_order|points|w|1|101|200|0|;order_growth|growth|p|1|0|300|0|200,100,0"),
            ("later", "order|points|p|1|300|10|4|;order_growth|growth|p|1|0|10|4|"),
            ("refunded", "order|points|p|1|200|110|110|;first_order|points|w|1|201|50|50|;order_growth|growth|p|1|0|100|100|"),
            ("small", ""),
        ]);
        (await connection.QueryAsync<(string, long)>("SELECT line_id, amount FROM order_lines ORDER BY line_no")).ShouldBe([("a", 20_000), ("b", 10_000), ("j", 0)]);
        (await connection.ExecuteScalarAsync<long>("SELECT SUM(lapsed_counted) FROM orders")).ShouldBe(3);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
