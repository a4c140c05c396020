using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.MerchantUnits;

public sealed class UnitHistoryDatabase : SpoilableDatabase
{
    protected override Task WriteAsync(LaurelNode node)
    {
        var clock = new SettableClock();
        clock.Set(TimeProvider.System.GetUtcNow());
        return UnitDesk.WriteHistoryAsync(new MoneyDesk(node.Lanes, node.Database, node.Books, node.Vault, clock));
    }
}

/// <summary>A sound database with units of a programme passes; one thing changed by hand is found.</summary>
public sealed class VerifyingUnitsTests(UnitHistoryDatabase database) : IClassFixture<UnitHistoryDatabase>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "one more", "UPDATE member_units SET amount = amount + 1 WHERE unit = 'green_energy'", "I1", "member_units" },
        { "a wallet gone", "DELETE FROM member_units WHERE unit = 'green_energy'", "I1", "member_units" },
        { "another's name", "UPDATE member_units SET unit = 'stars2' WHERE unit = 'green_energy'", "I1", "member_units" },
        { "an entry of more", "UPDATE entries SET amount = amount + 1 WHERE unit = 'stars' AND kind = 'earn'", "I1", "entries" },
        { "an entry gone", "DELETE FROM entries WHERE unit = 'green_energy' AND kind = 'adjust'", "I1", "member_units" },
        { "another account", "UPDATE entries SET account = 'cash' WHERE unit = 'stars' AND kind = 'spend'", "I1", "entries" },
        { "below zero", "UPDATE member_units SET amount = -1 WHERE unit = 'stars'", "I25", "member_units" },
        { "below zero once", "UPDATE entries SET balance_after = -1 WHERE unit = 'stars' AND kind = 'spend'", "I25", "entries" },
        { "a movement of points", "UPDATE entries SET kind = 'expire', account = 'expiry' WHERE unit = 'stars' AND kind = 'spend'", "I25", "entries" },
        { "a debt of a unit", "UPDATE entries SET debt_delta = 1 WHERE unit = 'stars' AND kind = 'spend'", "I25", "entries" },
        { "a unit that counts for the level", "UPDATE entries SET lifetime_delta = 1 WHERE unit = 'stars' AND kind = 'earn'", "I25", "entries" },
        { "a unit that lapses", "UPDATE entries SET expires_at = 9000000000000000 WHERE unit = 'stars' AND kind = 'earn'", "I25", "entries" },
        {
            "a unit that nobody defined",
            "UPDATE entries SET unit = 'moons' WHERE unit = 'green_energy'; UPDATE member_units SET unit = 'moons' WHERE unit = 'green_energy'",
            "I25",
            "member_units"
        },
        {
            "an empty wallet of such a unit",
            "INSERT INTO member_units (tenant_id, member_id, unit, amount) SELECT tenant_id, member_id, 'moons', 0 FROM member_units WHERE unit = 'stars'",
            "I25",
            "member_units"
        },
        { "a wallet of nobody", "UPDATE member_units SET member_id = 1 WHERE unit = 'stars'", "I9", "member_units" },
        { "a wallet of another tenant", "UPDATE member_units SET tenant_id = 2 WHERE unit = 'stars'", "I9", "member_units" },
        { "an order that earned more", "UPDATE orders SET earnings = REPLACE(earnings, '|200|', '|201|') WHERE order_id = 'starred-order'", "I10", "orders" },
        { "an order that gave back less", "UPDATE orders SET earnings = REPLACE(earnings, '|200|100|', '|200|99|') WHERE order_id = 'starred-order'", "I10", "orders" },
        { "a key of a movement", "DELETE FROM natural_keys WHERE first_id = (SELECT id FROM entries WHERE rule = 'unit_spend')", "I4", "entries" },
        { "another reference", "UPDATE entries SET reference_id = 'x' WHERE rule = 'unit_earn'", "I4", "entries" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, sql)).ShouldBeGreaterThan(0, what);

        var report = await SmallDatabase.VerifyAsync(copy);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Failed.ShouldBeGreaterThan(0, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
        finding.Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_NothingIsChanged()
    {
        var report = await SmallDatabase.VerifyAsync(database.Copy());

        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.TrialBalance.Where(total => total.Unit == "green_energy").Sum(total => (long)total.Amount).ShouldBe(0);
        report.TrialBalance.Single(total => total is { Unit: "green_energy", Account: "members" }).Amount.ShouldBe((Int128)5);
    }
}
