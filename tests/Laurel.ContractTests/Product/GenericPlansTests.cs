using System.Reflection;
using Dapper;
using Laurel.ContractTests.Partitions;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Laurel.Testing;
using Npgsql;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Product;

/// <summary>The generic plan of every statement of a lane finds its rows by an index, on a fresh database and on a full
/// one: a plan that scans costs two thirds of the throughput within a minute.</summary>
public sealed class GenericPlansTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string Settings =
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; SET jit = off";

    private const string Fill = """
        INSERT INTO members SELECT 1, g, 'M' || g, 'x' || g, NULL, 'active', 0, 'bronze', 0, g, 0, 0, 0, 0, 9223372036854775807, 0, 0, 0, 0, 0, 0, 0, 1 FROM generate_series(1, @Rows) g;
        INSERT INTO lots SELECT g, 1, g % 100000 + 1, 10, 10, 10, 0, 0, 0, g FROM generate_series(1, @Rows) g;
        INSERT INTO natural_keys SELECT decode(md5(g::text), 'hex'), decode(md5(g::text), 'hex'), g, g, g FROM generate_series(1, @Rows) g;
        INSERT INTO replies SELECT decode(md5(g::text), 'hex'), decode(md5(g::text), 'hex'), 1, g, '', g, 202601 + g % 12 FROM generate_series(1, @Rows) g;
        INSERT INTO limit_counters SELECT 1, g % 100000 + 1, 'withdrawal_count_day', g, 0 FROM generate_series(1, @Rows / 4) g;
        INSERT INTO cap_counters SELECT 1, g % 100000 + 1, g, 'order_points_day=1' FROM generate_series(1, @Rows / 4) g;
        INSERT INTO orders SELECT 1, g % 100000 + 1, g::text, 0, 0, 0, '', 0, 0, 0 FROM generate_series(1, @Rows / 4) g;
        INSERT INTO order_lines SELECT 1, g % 100000 + 1, g::text, 1, 'a', NULL, 1, 0, 0, 0 FROM generate_series(1, @Rows / 4) g;
        INSERT INTO pending_lots SELECT 1, g % 100000 + 1, g, g, g, NULL, NULL, NULL, 0, 0 FROM generate_series(1, @Rows / 4) g;
        INSERT INTO lot_changes SELECT 1, g % 100000 + 1, g, g, 'pend', 5, 0, g, g, g, g, g, '', NULL, '' FROM generate_series(1, @Rows / 4) g;
        INSERT INTO order_returns SELECT 1, g % 100000 + 1, g::text, 'a', 'requested', 5, 5, NULL, g, g FROM generate_series(1, @Rows / 4) g;
        INSERT INTO webhook_deliveries SELECT g % 100 + 1, g, 0, 1, 'points.earned', g % 3, 0, CASE WHEN g % 3 = 0 THEN g END FROM generate_series(1, @Rows / 4) g;
        INSERT INTO webhook_attempts SELECT g % 100 + 1, g, 1, g, 0, 1, g, 5, 1, 200, NULL, NULL FROM generate_series(1, @Rows / 4) g;
        ANALYZE;
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public async Task FindsRowsByIndex_When_TablesHoldRows(int rows)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var url = (await databases.FindAsync(DatabaseUnderTest.Postgres, $"plans_{rows}"))!;
        await using (var database = new PostgresDatabase(url, role: PostgresCluster.Role))
        {
            await new Migrator(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(cancellationToken);
        }

        await using var connection = await PostgresCluster.ConnectAsync(new Uri(url), cancellationToken);
        await ManyMonths.AddAsync(connection, DatabaseUnderTest.Postgres, cancellationToken);
        if (rows > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(Fill, new { Rows = rows }, commandTimeout: 300, cancellationToken: cancellationToken));
        }

        await connection.ExecuteAsync(Settings);
        await FindByIndexAsync(connection, cancellationToken);

        // What the wall between tenants adds to a statement keeps it from no index.
        await connection.ExecuteAsync($"SET ROLE {PostgresCluster.Role}; SET laurel.tenants = '1'");
        await FindByIndexAsync(connection, cancellationToken);
    }

    private static async Task FindByIndexAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var statements = AllStatements().Where(found => found.Statement.Postgres.Length > 0).ToList();
        statements.Count.ShouldBeGreaterThan(20);
        foreach (var (name, statement) in statements)
        {
            var sql = statement.Postgres;
            var plan = await PlanAsync(connection, sql, statement.PostgresTypes, cancellationToken);
            plan.ShouldNotContain("Seq Scan", customMessage: $"{name}\n{sql}\n{plan}");
            plan.ShouldNotContain("Hash Join", customMessage: $"{name}\n{sql}\n{plan}");
        }
    }

    [Fact]
    public async Task IsRejected_When_AStatementScans()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var url = (await databases.FindAsync(DatabaseUnderTest.Postgres, "plans_bad"))!;
        await using (var database = new PostgresDatabase(url, role: PostgresCluster.Role))
        {
            await new Migrator(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(cancellationToken);
        }

        await using var connection = await PostgresCluster.ConnectAsync(new Uri(url), cancellationToken);
        await connection.ExecuteAsync(Settings);
        var plan = await PlanAsync(connection, "SELECT id FROM members WHERE nickname = ANY($1)", ["text[]"], cancellationToken);
        plan.ShouldContain("Seq Scan");
    }

    /// <summary>Every set statement of the product, found by its field.</summary>
    internal static IEnumerable<(string Name, SetStatement Statement)> AllStatements() =>
        from assembly in new[] { typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly }
        from type in assembly.GetTypes()
        where !type.ContainsGenericParameters && type != typeof(MemberReader) && type.Name != "SqliteSession"
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.FieldType.IsAssignableTo(typeof(SetStatement))
        select ($"{type.Name}.{field.Name}", (SetStatement)field.GetValue(null)!);

    private static async Task<string> PlanAsync(NpgsqlConnection connection, string sql, IReadOnlyList<string> types, CancellationToken cancellationToken)
    {
        async Task ExecuteAsync(string text) => await connection.ExecuteAsync(new CommandDefinition(text, cancellationToken: cancellationToken));

        await ExecuteAsync($"PREPARE plan_of_a_statement ({string.Join(", ", types)}) AS {sql}");
        var explain = $"EXPLAIN EXECUTE plan_of_a_statement ({string.Join(", ", types.Select(_ => "NULL"))})";
        var lines = await connection.QueryAsync<string>(new CommandDefinition(explain, cancellationToken: cancellationToken));
        await ExecuteAsync("DEALLOCATE plan_of_a_statement");
        return string.Join('\n', lines);
    }
}
