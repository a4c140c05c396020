using Dapper;
using Laurel.ContractTests.Partitions;
using Laurel.ContractTests.Product;
using Laurel.Engine.Sql;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Verification;

/// <summary>A database from before names said who showed them: what it has is told apart, and what nobody has goes.</summary>
public sealed class UpgradingSignInNamesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>, IDisposable
{
    private const string First = "shown-names";

    // 1 came by a mini program with a number, 2 by a code and bound the mini program later, 3 by a mini program and got a number later, 4 as 3, and the
    // host has verified it.
    private const string Before = """
        INSERT INTO users (tenant_id, id, is_member, username, role, status, signed_in_since, totp_step, created_at, last_login_at) VALUES
            (1, 1, 0, 'a', 'MEMBER', 'active', 10, 0, 10, 10), (1, 2, 0, 'b', 'MEMBER', 'active', 10, 0, 10, 70),
            (1, 3, 0, 'c', 'MEMBER', 'active', 50, 0, 10, 10), (1, 4, 0, 'd', 'MEMBER', 'active', 10, 0, 10, NULL);
        INSERT INTO sign_in_names (tenant_id, id, name_hash, kind, user_id, label, bound_at) VALUES
            (1, 10, HASH, 'username', 1, 'a', 10), (1, 11, HASH, 'wechat_mini', 1, 'w', 10), (1, 12, HASH, 'phone', 1, 'p', 10),
            (1, 20, HASH, 'username', 2, 'b', 10), (1, 21, HASH, 'wechat_mini', 2, 'w', 30), (1, 22, HASH, 'phone', 2, 'p', 10), (1, 23, HASH, 'email', 2, 'e', 40),
            (1, 30, HASH, 'username', 3, 'c', 10), (1, 31, HASH, 'wechat_mini', 3, 'w', 10), (1, 32, HASH, 'phone', 3, 'p', 60),
            (1, 40, HASH, 'username', 4, 'd', 10), (1, 41, HASH, 'wechat_mini', 4, 'w', 10), (1, 42, HASH, 'phone', 4, 'p', 60),
            (1, 90, HASH, 'phone', NULL, 'p', 10);
        INSERT INTO personal_data (tenant_id, member_id, wrapped_key, phone_verified_at) VALUES (1, 4, HASH, 5);
        INSERT INTO identity_card_uses (tenant_id, id, card_index, member_id) VALUES (1, 7, HASH, NULL);
        INSERT INTO sessions (tenant_id, id, user_id, secret, generation, created_at, used_at, expires_at) VALUES
            (1, 100, 3, HASH, 0, 49, 60, 900), (1, 101, 3, HASH, 0, 50, 80, 900), (1, 102, 2, HASH, 0, 60, 65, 900)
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-names-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsApartWhoShowedThem_When_NamesAreThere(DatabaseUnderTest kind)
    {
        await using var database = await OpenAsync(kind);
        var migrator = PartitionedDatabase.MigratorOf(database);
        await using (var session = await database.OpenOwnerAsync(Cancellation))
        {
            await session.Connection.ExecuteAsync(
                Of("CREATE TABLE schema_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"));
            foreach (var migration in migrator.All().TakeWhile(migration => migration.Name != First))
            {
                await session.Connection.ExecuteAsync(Of(migration.Sql));
                await session.Connection.ExecuteAsync(Of($"INSERT INTO schema_migrations (number, name, applied_at) VALUES ({migration.Number}, '{migration.Name}', 0)"));
            }

            var hash = kind == DatabaseUnderTest.Postgres ? "decode(md5('x'), 'hex')" : "x'00000000000000000000000000000001'";
            await session.Connection.ExecuteAsync(Of(Before.Replace("HASH", hash, StringComparison.Ordinal)));
        }

        await migrator.ApplyAsync(Cancellation);

        await using var reader = await database.OpenReaderAsync(Reach.Everything, Cancellation);
        (await ReadAsync<(long, string)>(reader, "SELECT id, shown_by FROM sign_in_names ORDER BY id")).ShouldBe([
            (10, "chosen"), (11, "provider"), (12, "provider"), (20, "chosen"), (21, "provider"), (22, "code"), (23, "code"),
            (30, "chosen"), (31, "provider"), (32, "provider"), (40, "chosen"), (41, "provider"), (42, "host")]);
        (await ReadAsync<(long, long, long, long?)>(reader, "SELECT id, epoch, names_bound, seen_at FROM users ORDER BY id"))
            .ShouldBe([(1, 0, 3, 10), (2, 0, 4, 70), (3, 0, 3, 80), (4, 0, 3, null)]);
        (await ReadAsync<(long, long, long?, string?)>(reader, "SELECT id, epoch, ended_at, ended_for FROM sessions ORDER BY id"))
            .ShouldBe([(100, 0, 50, "revoked"), (101, 0, null, null), (102, 0, null, null)]);
        (await ReadAsync<long>(reader, "SELECT id FROM identity_card_uses")).ShouldBeEmpty();
        var report = await new Verifier(database).RunAsync(null, Cancellation);
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I28).Offences.ShouldBeEmpty();
    }

    private async Task<Database> OpenAsync(DatabaseUnderTest kind) => kind switch
    {
        DatabaseUnderTest.Sqlite => new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false),
        DatabaseUnderTest.Postgres => new PostgresDatabase((await databases.FindAsync(kind, "shown_names"))!, role: PostgresCluster.Role),
        DatabaseUnderTest.MySql => new MySqlDatabase((await databases.FindAsync(kind, "shown_names"))!),
    };

    private static CommandDefinition Of(string sql) => new(sql, commandTimeout: 300, cancellationToken: Cancellation);

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(SqlSession reader, string sql) => [.. await reader.Connection.QueryAsync<T>(Of(sql))];
}
