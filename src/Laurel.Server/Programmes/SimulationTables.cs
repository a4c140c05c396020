using Laurel.Membership.Simulation;
using Spectre.Console;

namespace Laurel.Server.Programmes;

/// <summary>A simulation as tables of a terminal.</summary>
internal static class SimulationTables
{
    public static void Write(IAnsiConsole console, SimulationReport report)
    {
        console.Write(Sums(report));
        console.Write(Rules("Rule", report.Present.PaidByRule, report.Draft.PaidByRule, SimulationReport.Number));
        if (report.PaysMoney)
        {
            console.Write(Rules("Rule (money)", report.Present.MoneyByRule, report.Draft.MoneyByRule, report.Money));
        }

        console.Write(Levels(report));
        console.MarkupLineInterpolated($"{SimulationReport.Number(report.Winners)} members gain, {SimulationReport.Number(report.Losers)} lose, {SimulationReport.Number(report.Unchanged)} stay the same.");
        WriteMembers(console, "Gain most", report.TopWinners, report);
        WriteMembers(console, "Lose most", report.TopLosers, report);
    }

    private static Table Sums(SimulationReport report)
    {
        var table = NewTable("", "In force", "Draft", "Difference");
        void Row(string what, long before, long after, Func<long, string> write) => table.AddRow(what, write(before), write(after), Signed(after - before, write));
        Row("members", report.Present.Members, report.Draft.Members, SimulationReport.Number);
        Row("points issued", report.Present.Issued, report.Draft.Issued, SimulationReport.Number);
        Row("points lapsed", report.Present.Expired, report.Draft.Expired, SimulationReport.Number);
        Row("points outstanding", report.Present.Outstanding, report.Draft.Outstanding, SimulationReport.Number);
        foreach (var unit in report.Present.Units.Keys.Union(report.Draft.Units.Keys))
        {
            Row($"{unit} issued", report.Present.Units.GetValueOrDefault(unit), report.Draft.Units.GetValueOrDefault(unit), SimulationReport.Number);
        }

        if (report.PaysMoney)
        {
            Row("money paid", report.Present.Money, report.Draft.Money, report.Money);
        }

        Row("cost of what was issued", report.Present.Cost, report.Draft.Cost, report.Money);
        Row("liability at the end", report.Present.Liability, report.Draft.Liability, report.Money);
        return table;
    }

    private static Table Rules(string title, IReadOnlyDictionary<string, long> present, IReadOnlyDictionary<string, long> draft, Func<long, string> write)
    {
        var table = NewTable(title, "In force", "Draft", "Difference");
        foreach (var rule in present.Keys.Union(draft.Keys))
        {
            var (before, after) = (present.GetValueOrDefault(rule), draft.GetValueOrDefault(rule));
            table.AddRow(rule, write(before), write(after), Signed(after - before, write));
        }

        return table;
    }

    private static Table Levels(SimulationReport report)
    {
        var table = NewTable("Level", "In force", "Draft", "Difference");
        foreach (var level in report.Present.Levels.Keys.Union(report.Draft.Levels.Keys))
        {
            var (before, after) = (report.Present.Levels.GetValueOrDefault(level), report.Draft.Levels.GetValueOrDefault(level));
            table.AddRow(level, SimulationReport.Number(before), SimulationReport.Number(after), Signed(after - before, SimulationReport.Number));
        }

        foreach (var migration in report.Levels)
        {
            table.AddRow($"  {migration.From} → {migration.To}", "", SimulationReport.Number(migration.Members), "");
        }

        foreach (var migration in report.Tracks)
        {
            table.AddRow($"  {migration.Track}: {migration.From ?? "–"} → {migration.To ?? "–"}", "", SimulationReport.Number(migration.Members), "");
        }

        return table;
    }

    private static void WriteMembers(IAnsiConsole console, string title, IReadOnlyList<MemberDifference> members, SimulationReport report)
    {
        if (members.Count == 0)
        {
            return;
        }

        var table = NewTable([title, "In force", "Draft", "Difference", .. report.PaysMoney ? (string[])["Money"] : []]);
        foreach (var member in members.Take(10))
        {
            string[] cells = [member.ExternalId, SimulationReport.Number(member.Present), SimulationReport.Number(member.Draft), Signed(member.Difference, SimulationReport.Number)];
            table.AddRow([.. cells.Select(cell => new Text(cell)), .. report.PaysMoney ? (Text[])[new Text(Signed(member.MoneyDifference, report.Money))] : []]);
        }

        console.Write(table);
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < columns.Length; i++)
        {
            table.AddColumn(i == 0 ? new TableColumn(columns[i]) : new TableColumn(columns[i]).RightAligned());
        }

        return table;
    }

    internal static string Signed(long number, Func<long, string> write) => number > 0 ? $"+{write(number)}" : number == 0 ? "0" : write(number);
}
