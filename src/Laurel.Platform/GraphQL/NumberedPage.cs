using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Platform.GraphQL;

/// <summary>A page of a list, by its number.</summary>
/// <param name="Number">1 is the first.</param>
/// <param name="Size">1 to <see cref="SizeMax"/>.</param>
public readonly record struct NumberedPage(int Number, int Size)
{
    public const int SizeByDefault = 20;

    public const int SizeMax = 100;

    /// <summary>Items up to which the pages of a stored list have numbers: each costs what all before it do.</summary>
    public const int ReachMax = 10_000;

    /// <summary>How many items come before it.</summary>
    public int Skip => (Number - 1) * Size;

    /// <summary>The page of a stored list that is asked for; what is out of range is a fault of the query, and the first page stands in its place.</summary>
    public static NumberedPage Read(QueryFields query, int number, int size)
    {
        if (number >= 1 && size is >= 1 and <= SizeMax && (long)number * size <= ReachMax)
        {
            return new NumberedPage(number, size);
        }

        query.Fail("page", FieldErrorCode.OutOfRange, ("min", 1), ("max", ReachMax / Math.Clamp(size, 1, SizeMax)));
        return new NumberedPage(1, SizeByDefault);
    }

    /// <summary>The page that is asked for; what is out of range becomes the nearest that is in it, and the answer tells which that is.</summary>
    public static NumberedPage Of(int number, int size) => new(Math.Max(number, 1), Math.Clamp(size, 1, SizeMax));

    public IEnumerable<T> In<T>(IReadOnlyCollection<T> list) => list.Skip((int)Math.Min((long)(Number - 1) * Size, list.Count)).Take(Size);
}
