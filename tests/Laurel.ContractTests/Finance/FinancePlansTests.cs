using System.Reflection;
using Dapper;
using Laurel.ContractTests.Openings;
using Laurel.ContractTests.Product;
using Laurel.Membership.Finance;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>What closes a day reads the rows of its ids and what they lead to; what tells of expiry reads open lots. Neither reads a whole table.</summary>
public sealed class FinancePlansTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private const string Expiring = "Expiring";

    private static readonly string[] s_statements = ["Entries", "Takes", "Holds", "Sales", Expiring];

    public static TheoryData<DatabaseUnderTest, string> Statements
    {
        get
        {
            var data = new TheoryData<DatabaseUnderTest, string>();
            foreach (var kind in (DatabaseUnderTest[])[DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql])
            {
                foreach (var name in s_statements)
                {
                    data.Add(kind, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task FindsRowsByIndex_When_ItIsExplained(DatabaseUnderTest kind, string name)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, $"plans_{name.ToLowerInvariant()}");
        await new LongHistory(database).WriteAsync();
        var (sqlite, postgres, mySql) = TextsOf(name);
        var sql = database.Database.Choose(sqlite, postgres, mySql);

        var steps = await ExplainAsync(database, sql);

        steps.ShouldNotBeEmpty();
        steps.Where(step => IsScan(kind, step)).ShouldBeEmpty(string.Join('\n', steps));
        if (name == Expiring)
        {
            steps.ShouldContain(step => step.Contains("lots_open", StringComparison.Ordinal), string.Join('\n', steps));
        }
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsRejected_When_AStatementScans(DatabaseUnderTest kind)
    {
        await using var database = await DetachableDatabase.OpenAsync(kind, databases, "plans_scan");

        var steps = await ExplainAsync(database, "SELECT COUNT(*) FROM lots l WHERE l.granted = @Tenant");

        steps.ShouldContain(step => IsScan(kind, step), string.Join('\n', steps));
    }

    /// <summary>The product's own texts: constants that nobody else needs to see.</summary>
    private static (string Sqlite, string Postgres, string MySql) TextsOf(string name)
    {
        string TextOf(Type type, string field) =>
            (string)type.GetField(field, BindingFlags.Static | BindingFlags.NonPublic).ShouldNotBeNull($"{type.Name}.{field}").GetRawConstantValue()!;
        if (name == Expiring)
        {
            return (TextOf(typeof(ExpiringPoints), "Sqlite"), TextOf(typeof(ExpiringPoints), "Postgres"), TextOf(typeof(ExpiringPoints), "MySql"));
        }

        var text = TextOf(typeof(DayReading), name);
        return (text, text, text);
    }

    private static async Task<IReadOnlyList<string>> ExplainAsync(DetachableDatabase database, string sql)
    {
        // One day of the middle of the history.
        var begin = await database.ScalarAsync("SELECT MIN(id) FROM entries WHERE kind = 'spend'");
        var arguments = new { Tenant = LaurelNode.DefaultTenant.Value, Begin = begin, End = begin + (86_400_000L << 22), HoldsBegin = begin, Cut = 0L, Now = 0L };
        await using var reading = await DayReading.OpenAsync(database.Database, LaurelNode.DefaultTenant, Cancellation);
        var explain = database.Database.Choose("EXPLAIN QUERY PLAN ", "EXPLAIN ", "EXPLAIN ");
        var rows = (await reading.Connection.QueryAsync(new CommandDefinition(explain + sql, arguments, cancellationToken: Cancellation))).Cast<IDictionary<string, object?>>();
        return [.. rows.Select(row => string.Join(' ', row.Select(pair => $"{pair.Key}={pair.Value}")))];
    }

    private static bool IsScan(DatabaseUnderTest kind, string step) => kind switch
    {
        // Of part of a table, by its own index, is what is meant to be read; so is a result of the statement itself.
        DatabaseUnderTest.Sqlite => step.Contains("SCAN", StringComparison.Ordinal)
            && !step.Contains("USING INDEX lots_open", StringComparison.Ordinal) && !step.EndsWith(" x", StringComparison.Ordinal),
        DatabaseUnderTest.Postgres => step.Contains("Seq Scan", StringComparison.Ordinal) || step.Contains("Hash Join", StringComparison.Ordinal),
        DatabaseUnderTest.MySql => step.Contains("type=ALL", StringComparison.Ordinal) && !step.Contains("table=<derived", StringComparison.Ordinal),
    };
}
