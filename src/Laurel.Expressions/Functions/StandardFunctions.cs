namespace Laurel.Expressions.Functions;

/// <summary>Everything that every environment knows.</summary>
internal static class StandardFunctions
{
    public static readonly FunctionTable Table = Declare();

    private static FunctionTable Declare()
    {
        var table = new FunctionTable();
        Arithmetic.Declare(table);
        Decimals.Declare(table);
        Comparisons.Declare(table);
        Conversions.Declare(table);
        Strings.Declare(table);
        ListValues.Declare(table);
        MapValues.Declare(table);
        Timestamps.Declare(table);
        Durations.Declare(table);
        Extremes(table);
        return table;
    }

    private static void Extremes(FunctionTable table)
    {
        table.Pure("math.least", (long a, long b) => Math.Min(a, b));
        table.Pure("math.least", (ulong a, ulong b) => Math.Min(a, b));
        table.Pure("math.least", (double a, double b) => Math.Min(a, b));
        table.Pure("math.least", (decimal a, decimal b) => Math.Min(a, b));
        table.Pure("math.greatest", (long a, long b) => Math.Max(a, b));
        table.Pure("math.greatest", (ulong a, ulong b) => Math.Max(a, b));
        table.Pure("math.greatest", (double a, double b) => Math.Max(a, b));
        table.Pure("math.greatest", (decimal a, decimal b) => Math.Max(a, b));
    }
}
