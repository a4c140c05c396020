using System.Text.RegularExpressions;
using Dapper;
using Laurel.ContractTests.Partitions;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Laurel.Testing;
using MySql.Data.MySqlClient;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Product;

/// <summary>On MySQL too, every statement of a lane finds its rows by an index, row by row of what it is given.</summary>
public sealed partial class MySqlPlansTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string Digits = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";

    private const string Fill = $"""
        CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY);
        INSERT INTO numbers SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d FROM {Digits} a, {Digits} b, {Digits} c, {Digits} e, {Digits} f;
        INSERT INTO members SELECT 1, n, CONCAT('M', n), CONCAT('x', n), NULL, 'active', 0, 'bronze', 0, n, 0, 0, 0, 0, 9223372036854775807, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL FROM numbers;
        INSERT INTO personal_data SELECT 1, n, 'k', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL FROM numbers;
        INSERT INTO file_removals SELECT 1, n, n FROM numbers;
        INSERT INTO profile_completions SELECT 1, n FROM numbers;
        INSERT INTO pass_scans SELECT 1, n, n, n FROM numbers;
        INSERT INTO member_addresses SELECT 1, n % 10000 + 1, n, 's', 0, n, n FROM numbers;
        INSERT INTO member_consents SELECT 1, n % 10000 + 1, n, 'a', '1', 1, '', NULL, n FROM numbers;
        INSERT INTO member_status_changes SELECT 1, n % 10000 + 1, n, 'status', 'active', 'frozen', '', '', NULL, n, NULL FROM numbers;
        INSERT INTO lots (id, tenant_id, member_id, granted, opening, remaining, held, expired, active_at, expires_at) SELECT n, 1, n % 10000 + 1, 10, 10, 10, 0, 0, 0, n FROM numbers;
        INSERT INTO natural_keys SELECT UNHEX(LEFT(SHA2(n, 256), 32)), UNHEX(LEFT(SHA2(n, 256), 32)), n, n, n FROM numbers;
        INSERT INTO replies SELECT UNHEX(LEFT(SHA2(n, 256), 32)), UNHEX(LEFT(SHA2(n, 256), 32)), 1, n, '', n, 202601 FROM numbers;
        INSERT INTO entries SELECT n, 1, n % 10000 + 1, n, 'points', 'earn', 'issuance', 10, 10, 0, 10, n, n, NULL, 'earn', 1, NULL, NULL, NULL, '', '', '', NULL, NULL, NULL FROM numbers;
        INSERT INTO holds SELECT n, 1, n % 10000 + 1, 5, 0, 0, 'open', 0, n, '', '', '' FROM numbers;
        INSERT INTO hold_pins SELECT 1, n % 10000 + 1, n, n, 5 FROM numbers;
        INSERT INTO hold_changes SELECT n, 1, n % 10000 + 1, n, n, 'hold', 5, n, n, '' FROM numbers;
        INSERT INTO lot_takes SELECT 1, n % 10000 + 1, n, n, 5, n FROM numbers;
        INSERT INTO limit_counters SELECT 1, n % 10000 + 1, 'withdrawal_count_day', n, 0 FROM numbers;
        INSERT INTO cap_counters SELECT 1, n % 10000 + 1, n, 'order_points_day=1' FROM numbers;
        INSERT INTO orders SELECT 1, n % 10000 + 1, n, 0, 0, 0, '', 0, 0, 0 FROM numbers;
        INSERT INTO order_lines SELECT 1, n % 10000 + 1, n, 1, 'a', NULL, 1, 0, 0, 0 FROM numbers;
        INSERT INTO pending_lots SELECT 1, n % 10000 + 1, n, n, n, NULL, NULL, NULL, 0, 0 FROM numbers;
        INSERT INTO lot_changes SELECT 1, n % 10000 + 1, n, n, 'pend', 5, 0, n, n, n, n, n, '', NULL, '' FROM numbers;
        INSERT INTO order_returns SELECT 1, n % 10000 + 1, n, 'a', 'requested', 5, 5, NULL, n, n FROM numbers;
        INSERT INTO balance_recharges SELECT 1, n % 10000 + 1, n, n, 5, 'paid', 0, n, n, n, NULL, n, NULL FROM numbers;
        INSERT INTO balance_withdrawals SELECT 1, n % 10000 + 1, n, n, 5, 'paid', '', n, '', '', NULL, NULL, NULL, NULL, n, NULL, 0, NULL, NULL, NULL, n FROM numbers;
        INSERT INTO balance_spends SELECT 1, n % 10000 + 1, n, 'order', n, 5, 0 FROM numbers;
        INSERT INTO adjustment_requests SELECT 1, n % 10000 + 1, n, 5, '', 'ticket', n, 'pending', n, '', '', NULL, NULL, NULL, NULL, 0 FROM numbers;
        INSERT INTO watch_cases SELECT 1, n % 10000 + 1, n, 'a', 1, 'flag', 'open', 1, n, n, 1, 0, 0, NULL, NULL, NULL FROM numbers;
        INSERT INTO watch_case_changes SELECT 1, n % 10000 + 1, n, n, 'hit', 'flag', n, n, NULL, NULL, NULL, '' FROM numbers;
        INSERT INTO watch_marks SELECT 1, n, '' FROM numbers;
        INSERT INTO member_benefits SELECT 1, n % 10000 + 1, n, n, 'a', 'hand', 0, n, '', '', n, NULL FROM numbers;
        INSERT INTO benefit_uses SELECT 1, n % 10000 + 1, n, n, 'a', 1, 'level', 20260101, n, 0, 0, NULL, NULL, NULL, NULL, NULL FROM numbers;
        INSERT INTO member_units SELECT 1, n % 10000 + 1, n, 0 FROM numbers;
        INSERT INTO memberships SELECT 1, n % 10000 + 1, n, 1, 0, n, 1, 0, 0, NULL, NULL, NULL FROM numbers;
        INSERT INTO membership_purchases SELECT 1, n % 10000 + 1, n, n, 'a', 1, 1, 1, 0, 0, NULL, n, n, n, 1, NULL, NULL, NULL, 0, NULL FROM numbers;
        INSERT INTO coupons SELECT n, 1, n % 10000 + 1, n % 100, '', 0, 'claimed', 'claim', n, n, n, NULL, NULL, NULL, NULL, n, n FROM numbers;
        INSERT INTO coupon_changes SELECT n, 1, n % 10000 + 1, n, 'claim', NULL, NULL, n, NULL, n, n FROM numbers;
        INSERT INTO coupon_shares SELECT 1, n % 10000 + 1, n, n, n, n, 0, NULL FROM numbers;
        INSERT INTO coupon_stocks SELECT 1, n, 1 FROM numbers;
        INSERT INTO coupon_batches SELECT 1, n, n % 100, 'made', 1, 1, NULL, n, '' FROM numbers;
        INSERT INTO coupon_codes SELECT 1, n, n, n, n % 100, '', NULL, NULL FROM numbers;
        INSERT INTO checkouts SELECT 1, n % 10000 + 1, n, n, 'reserved', '', 0, 0, NULL, NULL, '', '', 0, 0, n, n, NULL FROM numbers;
        INSERT INTO checkout_refunds SELECT 1, n % 10000 + 1, n, n, 0, 0, n, n FROM numbers;
        INSERT INTO member_merges SELECT 1, n % 10000 + 1, n, n, n, '', '', n, 'bronze', 'bronze', 'bronze', NULL, NULL, NULL, NULL FROM numbers;
        INSERT INTO member_merge_moves SELECT 1, n % 10000 + 1, n, n, 'lot', n, n, n, n, 1, '', 0 FROM numbers;
        INSERT INTO opening_lots SELECT 1, n % 10000 + 1, 1, n, 10, 10, 10, 0, 0, 0, n, NULL FROM numbers;
        INSERT INTO commits SELECT n, n, 0 FROM numbers;
        INSERT INTO webhook_deliveries SELECT n % 100 + 1, n, 0, 1, 'points.earned', n % 3, 0, IF(n % 3 = 0, n, NULL) FROM numbers;
        INSERT INTO webhook_attempts SELECT n % 100 + 1, n, 1, n, 0, 1, n, 5, 1, 200, NULL, NULL FROM numbers;
        INSERT INTO api_keys SELECT UNHEX(SHA2(n, 256)), 1, 'a', '', 0, NULL, n, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL FROM numbers;
        INSERT INTO api_key_secrets SELECT UNHEX(SHA2(n, 256)), 1, n, 1, 0 FROM numbers;
        INSERT INTO api_key_uses SELECT UNHEX(LEFT(SHA2(n, 256), 32)), n, 1 FROM numbers;
        INSERT INTO access_changes SELECT n, 1, 1, n FROM numbers;
        INSERT INTO signature_nonces SELECT n, 1, n FROM numbers;
        INSERT INTO vault_passes SELECT CONCAT('c', n), 'k', 1, n, 0, 0, 0, NULL FROM numbers;
        INSERT INTO users SELECT 1, n, 0, 'x', 'MEMBER', 'active', NULL, NULL, n, NULL, 0, n, NULL, 0, 1, NULL, NULL, NULL FROM numbers;
        INSERT INTO sign_in_names SELECT 1, n, UNHEX(LEFT(SHA2(n, 256), 32)), 'username', n, 'x', n, 'chosen' FROM numbers;
        INSERT INTO sessions SELECT 1, n, n, x'00', 0, NULL, n, n, n, NULL, NULL, 0, NULL FROM numbers;
        INSERT INTO sign_in_failures SELECT 1, n, 1, n FROM numbers;
        INSERT INTO sign_in_codes SELECT 1, n, NULL, n, n, 5 FROM numbers;
        INSERT INTO sign_in_budgets SELECT 1, n, 0, 0, 0, 0, n FROM numbers;
        INSERT INTO sign_in_apps SELECT 1, n, 'qq', '', NULL, NULL, n FROM numbers;
        INSERT INTO data_key_renewals SELECT n, 1, n, 0, 0, NULL FROM numbers;
        INSERT INTO roles SELECT 1, n, 'X', 'x', '', 0, n FROM numbers;
        INSERT INTO audit_batches SELECT n, n, 1, 0, n, 'b', 'h', 'h' FROM numbers;
        INSERT INTO audit_chains SELECT n, 1, n, 'h', 's' FROM numbers;
        INSERT INTO audit_acts SELECT 1, n, 0, n % 10000 + 1, CONCAT('user:', n % 100), 'SetStatus', '~0', n FROM numbers;
        INSERT INTO member_terms SELECT 1, n % 100, n FROM numbers;
        INSERT INTO member_figures SELECT 1, n, n, n, n FROM numbers;
        INSERT INTO search_fills SELECT n, 'names', n, 0, NULL FROM numbers;
        INSERT INTO tags SELECT 1, n, 'x', 'tag', 'x', 'x', NULL, NULL, 0, 0, n FROM numbers;
        INSERT INTO member_notes SELECT 1, n % 10000 + 1, n, 's', 'x', n FROM numbers;
        INSERT INTO saved_filters SELECT 1, n, 'x', 'x', 0, '', 0, n FROM numbers;
        INSERT INTO real_names SELECT 1, n, 'refused', NULL, NULL, NULL, NULL, n, 1, 1, 'staff', n FROM numbers;
        INSERT INTO identity_card_uses SELECT 1, n, UNHEX(LEFT(SHA2(n, 256), 32)), n FROM numbers;
        ANALYZE TABLE real_names, identity_card_uses, vault_passes, member_terms, member_figures, search_fills, tags, member_notes, saved_filters, audit_batches, audit_chains, audit_acts, members, lots, natural_keys, replies, entries, holds, hold_pins, hold_changes, lot_takes, limit_counters, cap_counters, orders, order_lines, pending_lots, lot_changes, order_returns, balance_recharges, balance_withdrawals, balance_spends, adjustment_requests, member_benefits, benefit_uses, coupons, coupon_changes, coupon_stocks, coupon_batches, coupon_codes, checkouts, checkout_refunds, commits, webhook_deliveries, webhook_attempts, memberships, membership_purchases, coupon_shares, member_merges, member_merge_moves, opening_lots, watch_cases, watch_case_changes, watch_marks, member_units, users, sign_in_names, sessions, sign_in_failures, sign_in_codes, sign_in_budgets, roles, personal_data, member_addresses, member_consents, member_status_changes, api_keys, api_key_secrets, api_key_uses, access_changes, signature_nonces, file_removals, pass_scans, profile_completions, sign_in_apps, data_key_renewals;
        """;

    // Small whatever happens: one row a tenant, a day or a node.
    private static readonly HashSet<string> s_smallTables = ["tenants", "t", "programmes", "member_code_counters", "c", "leases", "webhook_endpoints", "e", "opening_cuts", "token_keys"];

    [Fact]
    [Trait("Pain", "16")]
    public async Task FindsRowsByIndex_When_TablesHoldRows()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var url = (await databases.FindAsync(DatabaseUnderTest.MySql, "plans"))!;
        await using (var database = new MySqlDatabase(url))
        {
            await new Migrator(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(cancellationToken);
        }

        await using var connection = MySqlServer.Connect(new Uri(url));
        await ManyMonths.AddAsync(connection, DatabaseUnderTest.MySql, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(Fill, commandTimeout: 300, cancellationToken: cancellationToken));
        // Verifying reads whole tables and stays out of it.
        var statements = GenericPlansTests.AllStatements()
            .Where(found => found.Statement.MySql.Length > 0 && !found.Name.StartsWith("ReplyChecks.", StringComparison.Ordinal))
            .ToList();
        statements.Count.ShouldBeGreaterThan(20);
        var scans =
            (from found in statements
             from text in TextOf(found.Statement).Split(";\n")
             from scan in Scans(connection, found.Name, text.Replace("INTO @locked", "", StringComparison.Ordinal))
             select scan).ToList();
        scans.ShouldBeEmpty();
        Scans(connection, "a bad one", "SELECT id FROM members WHERE nickname = 'x'").ShouldNotBeEmpty();
    }

    private static string TextOf(SetStatement statement)
    {
        var fields = statement.PostgresTypes.Count;
        var row = "[" + string.Join(", ", Enumerable.Repeat("1", fields)) + "]";
        var rows = $"JSON_TABLE('[{row}, {row}]', '$[*]' COLUMNS ({statement.MySqlFields}))";
        return Parameter().Replace(Limit().Replace(statement.MySql, "LIMIT 1"), "'1'").Replace(SetStatement.Rows, rows, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Scans(MySqlConnection connection, string name, string sql)
    {
        foreach (var step in connection.Query("EXPLAIN FORMAT=TRADITIONAL " + sql).Cast<IDictionary<string, object?>>().ToList())
        {
            // A lease has the letter of a lot.
            var table = step["table"] is "l" && sql.Contains("leases l", StringComparison.Ordinal) ? "leases" : step["table"] as string;
            var type = step["type"] as string;
            // MySQL lists what a row is inserted into as well.
            if (step["select_type"] is not "INSERT" && type is "ALL" or "index" && table is not (null or "k") && !table.StartsWith('<') && !s_smallTables.Contains(table))
            {
                yield return $"{name}: {type} over {table} in {sql}";
            }
        }
    }

    [GeneratedRegex(@"\$\d+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    // A number of rows is the one place where no text may stand.
    [GeneratedRegex(@"LIMIT \$\d+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Limit();
}
