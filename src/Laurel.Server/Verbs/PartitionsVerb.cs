using System.CommandLine;
using System.Globalization;
using Laurel.Engine.Partitions;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>partitions</c>: looks after the months that are kept, once, and lists them. The server does the same by itself.</summary>
internal static class PartitionsVerb
{
    public static Command Create()
    {
        var command = new Command("partitions", "Makes the partitions of the months to come, drops those past their age, and lists all.");
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenAsync(settings, "partitions", TimeProvider.System, new LoggerFactory(), cancellationToken);
            if (settings.Database == DatabaseKind.Sqlite)
            {
                var deleted = await new ReplyPruning(node.Database, node.Lanes, settings.RepliesKept, TimeProvider.System).RunAsync(cancellationToken);
                Console.WriteLine($"SQLite has no partitions. {deleted} replies past their age were deleted.");
                return 0;
            }

            var kept = await node.Partitions.RunAsync(cancellationToken);
            Show(await node.Partitions.ListAsync(cancellationToken));
            foreach (var table in kept.Where(table => table.StrayRows > 0))
            {
                Console.WriteLine($"{table.StrayRows} rows of {table.Table} are in no month's partition: they are of a time that had none when they were written.");
            }

            return 0;
        }));
        return command;
    }

    private static void Show(IReadOnlyList<(MonthlyTable Table, IReadOnlyList<Partition> Partitions)> listed)
    {
        var table = new Table().AddColumns("table", "month", "partition", "rows, about", "MiB");
        table.Columns[3].RightAligned();
        table.Columns[4].RightAligned();
        foreach (var (name, partition) in listed.SelectMany(one => one.Partitions.Select(partition => (one.Table.Name, partition))))
        {
            table.AddRow(
                name,
                partition.Month?.ToString() ?? "the rest",
                partition.Name,
                partition.Rows.ToString("N0", CultureInfo.InvariantCulture),
                (partition.Bytes / 1_048_576.0).ToString("N1", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
    }
}
