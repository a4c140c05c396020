using System.Globalization;
using System.Net;
using System.Text;
using Laurel.Membership.Simulation;

namespace Laurel.Server.Programmes;

/// <summary>A simulation as one page of HTML: tables and bars, without scripts and without anything from elsewhere.</summary>
internal static class SimulationPage
{
    private const int BarWidthMax = 360;

    private const string Style = """
        body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#1d2b24;background:#fbfcfb}
        h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
        table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #dfe6e2;text-align:right}th:first-child,td:first-child{text-align:left}
        .present{fill:#9db8ab}.draft{fill:#1f7a54}.up{color:#1f7a54}.down{color:#a4262c}
        """;

    public static string Write(SimulationReport report)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Simulation</title><style>").Append(Style).Append("</style>");
        html.Append("<h1>What the draft would have made of the history</h1>");
        html.Append(CultureInfo.InvariantCulture, $"<p>{report.Orders:N0} orders of {report.Present.Members:N0} members. <svg width=\"12\" height=\"12\"><rect class=\"present\" width=\"12\" height=\"12\"/></svg> in force <svg width=\"12\" height=\"12\"><rect class=\"draft\" width=\"12\" height=\"12\"/></svg> draft</p>");
        Sums(html, report);
        Chart(html, "Points by rule", report.Present.PaidByRule, report.Draft.PaidByRule, SimulationReport.Number);
        if (report.PaysMoney)
        {
            Chart(html, "Money by rule", report.Present.MoneyByRule, report.Draft.MoneyByRule, report.Money);
        }

        Chart(html, "Members by level", report.Present.Levels, report.Draft.Levels, SimulationReport.Number);
        Table(html, "Levels that change", ["From", "To", "Members"], report.Levels.Select(migration => (string[])[migration.From, migration.To, SimulationReport.Number(migration.Members)]));
        foreach (var track in report.Present.Tracks.Keys.Union(report.Draft.Tracks.Keys))
        {
            Chart(html, $"Members in the track {track}", LevelsIn(report.Present, track), LevelsIn(report.Draft, track), SimulationReport.Number);
        }

        if (report.Tracks.Count > 0)
        {
            Table(html, "Levels of tracks that change", ["Track", "From", "To", "Members"], report.Tracks.Select(migration => (string[])
                [migration.Track, migration.From ?? "–", migration.To ?? "–", SimulationReport.Number(migration.Members)]));
        }

        html.Append(CultureInfo.InvariantCulture, $"<h2>Winners and losers</h2><p>{report.Winners:N0} members gain, {report.Losers:N0} lose, {report.Unchanged:N0} stay the same.</p>");
        Members(html, "Gain most", report.TopWinners, report);
        Members(html, "Lose most", report.TopLosers, report);
        Table(html, "Changes of the programme", ["What", "In force", "Draft"], report.Changes.Select(change => (string[])[change.Path, change.Before ?? "–", change.After ?? "–"]));
        return html.Append("</html>\n").ToString();
    }

    private static IReadOnlyDictionary<string, long> LevelsIn(SimulationSums sums, string track) =>
        sums.Tracks.GetValueOrDefault(track) ?? new Dictionary<string, long>();

    private static void Sums(StringBuilder html, SimulationReport report)
    {
        string[] Row(string what, long before, long after, Func<long, string> write) => [what, write(before), write(after), SimulationTables.Signed(after - before, write)];
        Table(html, "Sums", ["", "In force", "Draft", "Difference"],
        [
            Row("Points issued", report.Present.Issued, report.Draft.Issued, SimulationReport.Number),
            Row("Points lapsed", report.Present.Expired, report.Draft.Expired, SimulationReport.Number),
            Row("Points outstanding", report.Present.Outstanding, report.Draft.Outstanding, SimulationReport.Number),
            .. report.Present.Units.Keys.Union(report.Draft.Units.Keys).Select(unit =>
                Row($"{unit} issued", report.Present.Units.GetValueOrDefault(unit), report.Draft.Units.GetValueOrDefault(unit), SimulationReport.Number)),
            .. report.PaysMoney ? (string[][])[Row("Money paid", report.Present.Money, report.Draft.Money, report.Money)] : [],
            Row("Cost of what was issued", report.Present.Cost, report.Draft.Cost, report.Money),
            Row("Liability at the end", report.Present.Liability, report.Draft.Liability, report.Money),
        ]);
    }

    private static void Members(StringBuilder html, string title, IReadOnlyList<MemberDifference> members, SimulationReport report) => Table(
        html, title, ["Member", "In force", "Draft", "Difference", .. report.PaysMoney ? (string[])["Money"] : [], "Level"],
        members.Select(member => (string[])
        [
            member.ExternalId, SimulationReport.Number(member.Present), SimulationReport.Number(member.Draft),
            SimulationTables.Signed(member.Difference, SimulationReport.Number),
            .. report.PaysMoney ? (string[])[SimulationTables.Signed(member.MoneyDifference, report.Money)] : [],
            member.PresentLevel == member.DraftLevel ? member.DraftLevel : $"{member.PresentLevel} → {member.DraftLevel}",
        ]));

    private static void Table(StringBuilder html, string title, string[] columns, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture, $"<h2>{Text(title)}</h2><table><tr>");
        foreach (var column in columns)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th>{Text(column)}</th>");
        }

        html.Append("</tr>");
        foreach (var row in all)
        {
            html.Append("<tr>");
            foreach (var cell in row)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td>{Text(cell)}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</table>");
    }

    private static void Chart(StringBuilder html, string title, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after, Func<long, string> write)
    {
        var names = before.Keys.Union(after.Keys).ToList();
        var most = Math.Max(1, names.Max(name => Math.Max(before.GetValueOrDefault(name), after.GetValueOrDefault(name))));
        html.Append(CultureInfo.InvariantCulture, $"<h2>{Text(title)}</h2><svg width=\"100%\" height=\"{names.Count * 44}\" role=\"img\" aria-label=\"{Text(title)}\">");
        for (var i = 0; i < names.Count; i++)
        {
            var y = i * 44;
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 24}\">{Text(names[i])}</text>");
            Bar(html, "present", before.GetValueOrDefault(names[i]), most, y + 4, write);
            Bar(html, "draft", after.GetValueOrDefault(names[i]), most, y + 22, write);
        }

        html.Append("</svg>");
    }

    private static void Bar(StringBuilder html, string kind, long value, long most, int y, Func<long, string> write)
    {
        var width = (int)((Int128)Math.Max(0, value) * BarWidthMax / most);
        html.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"140\" y=\"{y}\" width=\"{width}\" height=\"14\"/><text x=\"{146 + width}\" y=\"{y + 12}\" font-size=\"12\">{Text(write(value))}</text>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
