using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

public sealed class TenantHistoryDatabase : SpoilableDatabase
{
    // A new installation has its own tenant; the others are written beside it.
    protected override Task WriteAsync(LaurelNode node) => Task.CompletedTask;
}

/// <summary>I26: a sound register of tenants passes; one thing changed by hand is found.</summary>
public sealed class VerifyingTenantsTests(TenantHistoryDatabase database) : IClassFixture<TenantHistoryDatabase>
{
    private const string Sound = """
        INSERT INTO tenants (id, code, name, created_at, hosts, suspended_at, suspended_for) VALUES
            (2, 'red', 'Red', 0, 'red.example www.red.example', NULL, NULL), (3, 'blue', 'Blue', 0, 'blue.example', 5, 'unpaid');
        INSERT INTO programmes (tenant_id, version, document, created_at) SELECT t.id, p.version, p.document, 0 FROM programmes p JOIN tenants t ON t.id > 1;
        INSERT INTO api_keys (key_hash, tenant_id, name, permissions, created_at) VALUES (x'01', 2, 'administrator', '*', 0);

        """;

    public static TheoryData<string, string> Corruptions => new()
    {
        { "UPDATE tenants SET hosts = 'www.red.example' WHERE id = 3", "tenants" },
        { "UPDATE tenants SET hosts = 'red.example red.example' WHERE id = 2", "tenants" },
        { "UPDATE tenants SET hosts = 'Red.example' WHERE id = 2", "tenants" },
        { "UPDATE tenants SET suspended_for = NULL WHERE id = 3", "tenants" },
        { "UPDATE tenants SET suspended_at = NULL WHERE id = 3", "tenants" },
        { "UPDATE tenants SET suspended_at = 5, suspended_for = 'x' WHERE id = 1", "tenants" },
        { "DELETE FROM programmes WHERE tenant_id = 3", "programmes" },
        { "UPDATE programmes SET tenant_id = 4 WHERE tenant_id = 3", "programmes" },
        { "UPDATE api_keys SET tenant_id = 4 WHERE tenant_id = 2", "api_keys" },
        { "DELETE FROM tenants WHERE id = 2", "api_keys" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string sql, string table)
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound + sql)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I26).Offences.ShouldContain(offence => offence.Table == table);
    }

    [Fact]
    public async Task Holds_When_TenantsAreSound()
    {
        var copy = database.Copy();
        (await SmallDatabase.SpoilAsync(copy, Sound)).ShouldBeGreaterThan(0);

        var report = await SmallDatabase.VerifyAsync(copy);

        report.Holds.ShouldBeTrue(string.Join("; ", report.Invariants.SelectMany(invariant => invariant.Offences)));
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I26).Checked.ShouldBe(3);
    }
}
