namespace Laurel.GraphQL.Validation;

/// <summary>How much work the check of one document may make. A document over a limit is refused with an error that names it.</summary>
public sealed record ValidationLimits
{
    /// <summary>After so many errors the check ends; default 100, at least 1.</summary>
    public int ErrorsMax { get; init; } = 100;

    /// <summary>The most pairs of fields and of fragments that are compared to see whether they can be merged; default 100,000. The
    /// number grows with the square of fields of one name.</summary>
    public int MergeComparisonsMax { get; init; } = 100_000;

    /// <summary>How deep fields may lie within each other, fragments spread out, where they are compared; default 200, at most 1,000:
    /// each level is three calls on the stack.</summary>
    public int MergeDepthMax { get; init; } = 200;

    /// <summary>How many lists of fields, interfaces, possible types and input fields may lie within each other below __schema or
    /// __type: that many are refused; default 3.</summary>
    public int IntrospectionListsMax { get; init; } = 3;

    /// <summary>For documents that strangers send.</summary>
    public static ValidationLimits Request { get; } = new();

    /// <summary>For documents of our own: every error is named.</summary>
    public static ValidationLimits Schema { get; } = new() { ErrorsMax = int.MaxValue };
}
