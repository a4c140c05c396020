using System.Data.Common;
using Dapper;
using Laurel.Engine.Partitions;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Testing;

namespace Laurel.ContractTests.Partitions;

/// <summary>Two years of partitions, for what must not mind them.</summary>
internal static class ManyMonths
{
    private const int Count = 24;

    public static async Task AddAsync(DbConnection connection, DatabaseUnderTest kind, CancellationToken cancellationToken)
    {
        MonthlyTable[] tables = [MonthlyTable.Replies(TimeSpan.Zero), MonthlyTable.EventBatches(TimeSpan.Zero), .. MonthlyEntries.Tables];
        foreach (var table in tables)
        {
            var months = new List<Month> { Month.Of(Instant.Now(TimeProvider.System)).Next };
            while (months.Count < Count)
            {
                months.Add(months[^1].Next);
            }

            var sql = kind == DatabaseUnderTest.Postgres ? OnPostgres(table, months) : OnMySql(table, months);
            await connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 300, cancellationToken: cancellationToken));
        }
    }

    private static string OnPostgres(MonthlyTable table, IEnumerable<Month> months) => string.Join(";\n", months.Select(month =>
        $"CREATE TABLE {table.Name}_{month.Suffix} PARTITION OF {table.Name} FOR VALUES FROM ({table.FirstOf(month)}) TO ({table.FirstOf(month.Next)})"));

    private static string OnMySql(MonthlyTable table, IEnumerable<Month> months)
    {
        var added = months.Select(month => $"PARTITION p{month.Suffix} VALUES LESS THAN ({table.FirstOf(month.Next)})");
        return $"ALTER TABLE {table.Name} REORGANIZE PARTITION rest INTO ({string.Join(", ", added)}, PARTITION rest VALUES LESS THAN MAXVALUE)";
    }
}
