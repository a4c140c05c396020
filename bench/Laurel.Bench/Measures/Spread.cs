namespace Laurel.Bench.Measures;

/// <summary>How the rounds of one contender lie.</summary>
internal sealed record Spread(double Median, double Min, double Max, double CoefficientOfVariation)
{
    /// <summary>More variation than this makes a median doubtful, and the note says so.</summary>
    public const double VariationMax = 0.10;

    public static Spread Of(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        var mean = sorted.Average();
        var deviation = sorted.Length < 2
            ? 0
            : Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / (sorted.Length - 1));
        return new Spread(median, sorted[0], sorted[^1], mean == 0 ? 0 : deviation / mean);
    }

    /// <summary>For a note: the median, and how far the rounds lie apart when there are several.</summary>
    public override string ToString() =>
        $"{BenchReport.Figure(Median)}" + (CoefficientOfVariation switch
        {
            0 => "",
            > VariationMax => $" (varies by {CoefficientOfVariation:P0}, too much)",
            _ => $" ±{CoefficientOfVariation:P0}",
        });
}
