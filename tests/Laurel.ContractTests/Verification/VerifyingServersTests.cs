using System.Data.Common;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>The same walk over the servers: a sound database passes, a change by hand is found.</summary>
public sealed class VerifyingServersTests(NamedDatabases databases) : IClassFixture<NamedDatabases>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-verify-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres, "sound", null, null)]
    [InlineData(DatabaseUnderTest.MySql, "sound", null, null)]
    [InlineData(DatabaseUnderTest.Postgres, "balance", "UPDATE members SET points = points + 5 WHERE external_id = 'anna'", "I1")]
    [InlineData(DatabaseUnderTest.MySql, "balance", "UPDATE members SET points = points + 5 WHERE external_id = 'anna'", "I1")]
    [InlineData(DatabaseUnderTest.Postgres, "take", "DELETE FROM lot_takes WHERE (member_id, entry_id) IN (SELECT member_id, id FROM entries WHERE rule = 'adjust')", "I2")]
    [InlineData(DatabaseUnderTest.MySql, "take", "DELETE FROM lot_takes WHERE (member_id, entry_id) IN (SELECT member_id, id FROM entries WHERE rule = 'adjust')", "I2")]
    [InlineData(DatabaseUnderTest.Postgres, "lot", "UPDATE lots SET remaining = remaining - 1 WHERE remaining > held", "I3")]
    [InlineData(DatabaseUnderTest.MySql, "lot", "UPDATE lots SET remaining = remaining - 1 WHERE remaining > held", "I3")]
    [InlineData(DatabaseUnderTest.Postgres, "key", "DELETE FROM natural_keys WHERE first_id = (SELECT MIN(posting_id) FROM entries WHERE rule = 'spend')", "I4")]
    [InlineData(DatabaseUnderTest.MySql, "key", "DELETE FROM natural_keys WHERE first_id = (SELECT MIN(posting_id) FROM entries WHERE rule = 'spend')", "I4")]
    [InlineData(DatabaseUnderTest.Postgres, "range", "UPDATE natural_keys SET last_id = last_id + 1 WHERE first_id > 0", "I4")]
    [InlineData(DatabaseUnderTest.MySql, "range", "UPDATE natural_keys SET last_id = last_id + 1 WHERE first_id > 0", "I4")]
    [InlineData(DatabaseUnderTest.Postgres, "reply", "UPDATE replies SET body = substring(body FROM 1 FOR 20) WHERE applied = 1", "I5")]
    [InlineData(DatabaseUnderTest.MySql, "reply", "UPDATE replies SET body = substring(body FROM 1 FOR 20) WHERE applied = 1", "I5")]
    [InlineData(DatabaseUnderTest.Postgres, "told", "DELETE FROM entries WHERE rule = 'capture'", "I5")]
    [InlineData(DatabaseUnderTest.MySql, "told", "DELETE FROM entries WHERE rule = 'capture'", "I5")]
    [InlineData(DatabaseUnderTest.Postgres, "expiry", "UPDATE entries SET occurred_at = occurred_at - 1 WHERE kind = 'expire'", "I8")]
    [InlineData(DatabaseUnderTest.MySql, "expiry", "UPDATE entries SET occurred_at = occurred_at - 1 WHERE kind = 'expire'", "I8")]
    [InlineData(DatabaseUnderTest.Postgres, "member", "DELETE FROM members WHERE external_id = 'bo'", "I9")]
    [InlineData(DatabaseUnderTest.MySql, "member", "DELETE FROM members WHERE external_id = 'bo'", "I9")]
    [InlineData(DatabaseUnderTest.Postgres, "tenant", "UPDATE orders SET tenant_id = 2", "I9")]
    [InlineData(DatabaseUnderTest.MySql, "tenant", "UPDATE orders SET tenant_id = 2", "I9")]
    [InlineData(DatabaseUnderTest.Postgres, "level", "UPDATE members SET level_code = 'bronze' WHERE external_id = 'cai'", "I10")]
    [InlineData(DatabaseUnderTest.MySql, "level", "UPDATE members SET level_code = 'bronze' WHERE external_id = 'cai'", "I10")]
    [InlineData(DatabaseUnderTest.Postgres, "pin", "UPDATE hold_pins SET points = points + 1 WHERE points > 0", "I11")]
    [InlineData(DatabaseUnderTest.MySql, "pin", "UPDATE hold_pins SET points = points + 1 WHERE points > 0", "I11")]
    public async Task IsJudgedRight_When_Verified(DatabaseUnderTest kind, string name, string? corruption, string? invariant)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var url = (await databases.FindAsync(kind, name))!;
        var settings = SettingsOf(kind, url);
        await using (var node = await LaurelNode.OpenAsync(settings, "test", TimeProvider.System, NullLoggerFactory.Instance, cancellationToken))
        {
            await SmallDatabase.WriteHistoryAsync(node);
        }

        if (corruption is not null)
        {
            await using DbConnection connection = kind == DatabaseUnderTest.Postgres
                ? await PostgresCluster.ConnectAsync(new Uri(url), cancellationToken)
                : MySqlServer.Connect(new Uri(url));
            (await connection.ExecuteAsync(new CommandDefinition(corruption, cancellationToken: cancellationToken))).ShouldBeGreaterThan(0);
        }

        await using var reader = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var report = await new Verifier(reader.Database).RunAsync(null, cancellationToken);

        report.Invariants.Where(finding => finding.Failed > 0).Select(finding => finding.Code.ToString())
            .Where(code => invariant is null || code == invariant)
            .ShouldBe(invariant is null ? [] : [invariant]);
    }

    private LaurelSettings SettingsOf(DatabaseUnderTest kind, string url) => new()
    {
        DataFolder = _folder.FullName,
        Urls = LaurelSettings.DefaultUrls,
        Database = kind == DatabaseUnderTest.Postgres ? DatabaseKind.Postgres : DatabaseKind.Mysql,
        DatabaseUrl = url,
        Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
        AdminKey = null,
        MasterKeys = null,
        Lanes = new LaneOptions(),
        Programme = stored => stored,
        SweepEvery = TimeSpan.FromHours(1),
    };
}
