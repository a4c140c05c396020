using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Laurel.Bench.Measures;

/// <summary>One figure of the report.</summary>
/// <param name="Name">As in <see cref="MeasureTargets"/>.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">Of value and target.</param>
/// <param name="Target">What must be reached.</param>
/// <param name="Note">What it was made from, for a reader.</param>
internal sealed record Measure(string Name, double Value, string Unit, double Target, string Note)
{
    public static Measure Of(string name, double value, string note)
    {
        var target = MeasureTargets.Of(name);
        return new Measure(name, Math.Round(value, 4), target.Unit, target.AtLeast, note);
    }
}

/// <summary>What a run found: the measures, and under <see cref="Raw"/> everything they were reckoned from.</summary>
internal sealed record BenchReport(IReadOnlyList<Measure> Measures, IReadOnlyDictionary<string, object> Raw)
{
    /// <summary>What makes the figures worthless though they were measured; null when nothing does.</summary>
    [JsonIgnore]
    public string? Failure { get; init; }

    private static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Write(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        File.WriteAllText(path, JsonSerializer.Serialize(this, s_json) + "\n");
    }

    public void Print()
    {
        var table = new Table().RoundedBorder();
        table.AddColumns("measure", "value", "unit", "at least", "beyond", "");
        table.AddColumn(new TableColumn("note"));
        foreach (var measure in Measures)
        {
            var target = MeasureTargets.Of(measure.Name);
            table.AddRow(
                measure.Name,
                $"[bold]{Figure(measure.Value)}[/]",
                measure.Unit,
                Figure(target.AtLeast),
                Figure(target.Beyond),
                Verdict(target, measure.Value),
                Markup.Escape(measure.Note));
        }

        AnsiConsole.Write(table);
    }

    public static string Figure(double value) => value.ToString(
        Math.Abs(value) switch
        {
            >= 100 => "N0",
            >= 10 => "N1",
            _ => "0.###",
        },
        CultureInfo.InvariantCulture);

    private static string Verdict(MeasureTarget target, double value) =>
        target.IsBeyond(value) ? "[green]beyond[/]" : target.IsReached(value) ? "[green]reached[/]" : "[red]missed[/]";
}
