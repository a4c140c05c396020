using Laurel.ContractTests.Product;
using Laurel.Membership.Openings;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>Where opening balances stand for entries, one thing changed by hand is found, in them and in what they stand for.</summary>
public sealed class VerifyingOpeningsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    // The second of the member's lots: the first is of its registration. MySQL takes no subquery on the table it updates.
    private const string LotOfB1 = """
        (SELECT x.id FROM (SELECT MIN(l.id) AS id FROM lots l JOIN orders o ON o.order_id = 'B-1' AND o.member_id = l.member_id
         WHERE l.id > (SELECT MIN(f.id) FROM lots f WHERE f.member_id = o.member_id)) x)
        """;

    private const string Anna = "(SELECT id FROM members WHERE external_id = 'anna')";
    private const string Bo = "(SELECT id FROM members WHERE external_id = 'bo')";
    private const string Cai = "(SELECT id FROM members WHERE external_id = 'cai')";

    private static readonly Corruption[] s_corruptions =
    [
        Of("a balance", $"UPDATE opening_balances SET issuance = issuance + 1 WHERE unit = 'points' AND member_id = {Anna}", $"UPDATE opening_balances SET issuance = issuance - 1 WHERE unit = 'points' AND member_id = {Anna}", "I13", "I1"),
        Of("two balances, against each other", $"UPDATE opening_balances SET issuance = issuance + 1, expiry = expiry - 1 WHERE unit = 'points' AND member_id = {Anna}", $"UPDATE opening_balances SET issuance = issuance - 1, expiry = expiry + 1 WHERE unit = 'points' AND member_id = {Anna}", "I13"),
        Of("a debt", $"UPDATE opening_members SET debt = debt + 1 WHERE member_id = {Bo}", $"UPDATE opening_members SET debt = debt - 1 WHERE member_id = {Bo}", "I13", "I2"),
        Of("a lifetime sum", $"UPDATE opening_members SET lifetime = lifetime + 1 WHERE member_id = {Bo}", $"UPDATE opening_members SET lifetime = lifetime - 1 WHERE member_id = {Bo}", "I13", "I10"),
        Of("what was earned", $"UPDATE opening_members SET earned = earned + 1 WHERE member_id = {Cai}", $"UPDATE opening_members SET earned = earned - 1 WHERE member_id = {Cai}", "I13"),
        Of("the earliest instant", $"UPDATE opening_members SET latest_at = latest_at - 1 WHERE member_id = {Cai}", $"UPDATE opening_members SET latest_at = latest_at + 1 WHERE member_id = {Cai}", "I13"),
        Of("a lot's rest", "UPDATE opening_lots SET remaining = remaining - 1", "UPDATE opening_lots SET remaining = remaining + 1", "I13", "I3"),
        Of("a lot's hold", $"UPDATE opening_lots SET held = held + 1 WHERE member_id = {Anna}", $"UPDATE opening_lots SET held = held - 1 WHERE member_id = {Anna}", "I13", "I3"),
        Of("a lot's order", "UPDATE opening_lots SET order_id = 'A-2' WHERE order_id = 'A-3'", "UPDATE opening_lots SET order_id = 'A-3' WHERE order_id = 'A-2'", "I13"),
        Of("what was taken back", "UPDATE opening_orders SET points_taken = points_taken + 1 WHERE order_id = 'B-2'", "UPDATE opening_orders SET points_taken = points_taken - 1 WHERE order_id = 'B-2'", "I13", "I10"),
        Of("lots gone", "DELETE FROM opening_lots WHERE lot_id > 0", "INSERT INTO opening_lots SELECT * FROM kept_lots", "I13", "I3"),
        Of("members gone", "DELETE FROM opening_members WHERE member_id > 0", "INSERT INTO opening_members SELECT * FROM kept_members", "I13", "I1"),
        Of("a number of members", "UPDATE opening_cuts SET members = members + 1", "UPDATE opening_cuts SET members = members - 1", "I13"),
        Of("a lot that was empty", $"UPDATE lots SET remaining = remaining + 1 WHERE id = {LotOfB1}", $"UPDATE lots SET remaining = remaining - 1 WHERE id = {LotOfB1}", "I3"),
        Of("what an old order earned", "UPDATE orders SET earnings = replace(earnings, 'order|points', 'order|growth') WHERE order_id = 'A-2'", "UPDATE orders SET earnings = replace(earnings, 'order|growth', 'order|points') WHERE order_id = 'A-2'", "I10"),
        Of("an old order gone", "DELETE FROM orders WHERE order_id = 'A-2'", "INSERT INTO orders SELECT * FROM kept_orders WHERE order_id = 'A-2'", "I10"),
        Of("an entry from below", DetachingEntriesTests.LateEntry, "DELETE FROM entries WHERE id = 5", "I13"),
        Of("a later entry", $"UPDATE entries SET amount = amount - 1 WHERE rule = 'spend' AND member_id = {Anna}", $"UPDATE entries SET amount = amount + 1 WHERE rule = 'spend' AND member_id = {Anna}", "I1"),
    ];

    private sealed record Corruption(string What, string Spoil, string Mend, string[] Invariants);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task FindsEachChange_When_OpeningBalancesStandForEntries(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "spoilt");
        await new LongHistory(database).WriteAsync();
        (await database.DetachAsync("2024-01")).ShouldBeOfType<DetachOutcome.Detached>();
        (await database.VerifyAsync()).ShouldBeSound();
        await database.ExecuteAsync("CREATE TABLE kept_lots AS SELECT * FROM opening_lots");
        await database.ExecuteAsync("CREATE TABLE kept_members AS SELECT * FROM opening_members");
        await database.ExecuteAsync("CREATE TABLE kept_orders AS SELECT * FROM orders");

        foreach (var corruption in s_corruptions)
        {
            (await database.ExecuteAsync(corruption.Spoil)).ShouldBeGreaterThan(0, corruption.What);
            var report = await database.VerifyAsync();
            (await database.ExecuteAsync(corruption.Mend)).ShouldBeGreaterThan(0, corruption.What);

            var broken = report.Invariants.Where(invariant => invariant.Failed > 0).Select(invariant => invariant.Code.ToString()).ToList();
            foreach (var invariant in corruption.Invariants)
            {
                broken.ShouldContain(invariant, $"{corruption.What}: {string.Join(", ", broken)}");
            }
        }

        (await database.VerifyAsync()).ShouldBeSound();
    }

    private static Corruption Of(string what, string spoil, string mend, params string[] invariants) => new(what, spoil, mend, invariants);
}
