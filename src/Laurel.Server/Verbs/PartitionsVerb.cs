using System.CommandLine;
using System.Globalization;
using Laurel.Engine.Partitions;
using Laurel.Membership.Openings;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>partitions</c>: looks after the months that are kept, once, and lists them. The server does the same by itself. With
/// <c>--detach-before</c> it lets opening balances stand for old entries first.</summary>
internal static class PartitionsVerb
{
    private static readonly Option<Month?> s_detachBefore = new("--detach-before")
    {
        Description = "Let opening balances stand for the entries before this month, such as 2024-01, and move those out of the tables.",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (Month.Parse(text) is { } month)
            {
                return month;
            }

            result.AddError($"--detach-before is a month such as 2024-01, not '{text}'.");
            return null;
        },
    };

    public static Command Create()
    {
        var command = new Command("partitions", "Makes the partitions of the months to come, drops those past their age, and lists all.") { s_detachBefore };
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenAsync(settings, "partitions", TimeProvider.System, new LoggerFactory(), cancellationToken);
            if (parsed.GetValue(s_detachBefore) is { } month && !await DetachAsync(node, settings, month, cancellationToken))
            {
                return 2;
            }

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

    private static async Task<bool> DetachAsync(LaurelNode node, LaurelSettings settings, Month month, CancellationToken cancellationToken)
    {
        var outcome = await VerifyVerb.WithBarAsync(progress => node.Detachment(settings).RunAsync(month, progress, cancellationToken));
        switch (outcome)
        {
            case DetachOutcome.Detached { Cut: var cut, IsNew: var isNew, Months: var months }:
                Console.WriteLine(isNew
                    ? $"Opening balances of {cut.Members:N0} members stand for the entries before {cut.Month}."
                    : $"Opening balances stand for the entries before {cut.Month} already.");
                foreach (var place in months.GroupBy(one => (one.TableName, one.StoredAs)))
                {
                    Console.WriteLine($"  {place.Sum(one => one.RowCount),14:N0} rows of {place.Key.TableName} are in {place.Key.StoredAs}");
                }

                return true;
            case DetachOutcome.Refused { Reason: var reason }:
                await Console.Error.WriteLineAsync("laurel: " + reason);
                return false;
            default:
                throw new Kernel.InvariantBrokenException("Every outcome is told.");
        }
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
