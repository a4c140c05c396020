using System.Globalization;
using System.Text.RegularExpressions;

namespace Laurel.ServerTests.Operations;

/// <summary>What <c>/metrics</c> answered, to be asked for figures.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples;

    public Exposition(string text)
    {
        Text = text;
        _samples = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .ToDictionary(
                line => line[..line.LastIndexOf(' ')],
                line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        Names = [.. TypePattern().Matches(text).Select(match => match.Groups["name"].Value)];
    }

    public string Text { get; }

    /// <summary>Every metric that is described, whether or not it has a value yet.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The value of one series, written as it is exposed; 0 where there is none yet.</summary>
    public double this[string series] => _samples.GetValueOrDefault(series);

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex TypePattern();
}
