namespace Laurel.Expressions.Functions;

/// <summary>Order of numbers of different types (CEL specification, "Ordering").</summary>
internal static class Numbers
{
    /// <summary>Not less, equal or greater: one of both is not a number.</summary>
    public const int Unordered = 2;

    public static int Compare(long left, ulong right) => left < 0 ? -1 : ((ulong)left).CompareTo(right);

    public static int Compare(ulong left, long right) => -Compare(right, left);

    public static int Compare(double left, double right) =>
        left < right ? -1 : left > right ? 1 : left == right ? 0 : Unordered;

    // An int becomes a double for this, and may lose its last digits; so do the other implementations.
    public static int Compare(double left, long right) => Compare(left, (double)right);

    public static int Compare(long left, double right) => Compare((double)left, right);

    public static int Compare(double left, ulong right) => Compare(left, (double)right);

    public static int Compare(ulong left, double right) => Compare((double)left, right);

    public static int Compare(double left, decimal right) =>
        double.IsNaN(left) ? Unordered
        : left >= (double)decimal.MaxValue ? 1
        : left <= (double)decimal.MinValue ? -1
        : ((decimal)left).CompareTo(right);

    public static int Compare(decimal left, double right) => Compare(right, left) is Unordered ? Unordered : -Compare(right, left);

    public static int CompareAny(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (long a, ulong b) => Compare(a, b),
        (long a, double b) => Compare(a, b),
        (long a, decimal b) => ((decimal)a).CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (ulong a, long b) => Compare(a, b),
        (ulong a, double b) => Compare(a, b),
        (ulong a, decimal b) => ((decimal)a).CompareTo(b),
        (double a, double b) => Compare(a, b),
        (double a, long b) => Compare(a, b),
        (double a, ulong b) => Compare(a, b),
        (double a, decimal b) => Compare(a, b),
        (decimal a, decimal b) => a.CompareTo(b),
        (decimal a, long b) => a.CompareTo(b),
        (decimal a, ulong b) => a.CompareTo(b),
        (decimal a, double b) => Compare(a, b),
        _ => Unordered,
    };

    public static int CompareBytes(byte[] left, byte[] right) => Math.Sign(left.AsSpan().SequenceCompareTo(right));
}
