namespace Laurel.Platform.GraphQL;

/// <summary>A page of a list that is in memory, by its number.</summary>
/// <param name="Number">1 is the first.</param>
/// <param name="Size">1 to <see cref="SizeMax"/>.</param>
public readonly record struct NumberedPage(int Number, int Size)
{
    public const int SizeByDefault = 20;

    public const int SizeMax = 100;

    /// <summary>The page that is asked for; what is out of range becomes the nearest that is in it, and the answer tells which that is.</summary>
    public static NumberedPage Of(int number, int size) => new(Math.Max(number, 1), Math.Clamp(size, 1, SizeMax));

    public IEnumerable<T> In<T>(IReadOnlyCollection<T> list) => list.Skip((int)Math.Min((long)(Number - 1) * Size, list.Count)).Take(Size);
}
