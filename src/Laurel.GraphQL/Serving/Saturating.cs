namespace Laurel.GraphQL.Serving;

/// <summary>Sums and products of numbers that are not negative. What is larger than can be told stays the largest number: a document can spread
/// its fragments more often than there are numbers.</summary>
internal static class Saturating
{
    public static long Add(long first, long second) => first > long.MaxValue - second ? long.MaxValue : first + second;

    public static long Multiply(long first, long second) => first != 0 && second > long.MaxValue / first ? long.MaxValue : first * second;
}
