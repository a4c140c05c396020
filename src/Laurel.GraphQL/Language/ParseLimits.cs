namespace Laurel.GraphQL.Language;

/// <summary>How large and how deep a document may be. Both are looked at while it is read, so that a document that is refused has cost
/// no more than an allowed one.</summary>
public sealed record ParseLimits
{
    /// <summary>The deepest nesting a caller may allow: the smallest stack of a thread (1.5 MB) leaves whoever walks the tree
    /// 6 KB for each level.</summary>
    public const int DepthCeiling = 250;

    /// <summary>The most tokens, the end of the file not counted; default 10,000.</summary>
    public int TokensMax { get; init; } = 10_000;

    /// <summary>The deepest nesting of selection sets, lists, objects and list types within each other, 1 to
    /// <see cref="DepthCeiling"/>; default 100.</summary>
    public int DepthMax
    {
        get;
        init => field = value is >= 1 and <= DepthCeiling ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 250.");
    } = 100;

    /// <summary>For documents that strangers send.</summary>
    public static ParseLimits Request { get; } = new();

    /// <summary>For documents of our own, such as a schema: as many tokens as there are.</summary>
    public static ParseLimits Schema { get; } = new() { TokensMax = int.MaxValue };
}
