namespace Laurel.Expressions;

/// <summary>What an expression may cost, so that nobody who may write one can stop the server with it.</summary>
public static class ExpressionLimits
{
    /// <summary>UTF-16 units of an expression's text.</summary>
    public const int TextLengthMax = 16_384;

    /// <summary>Levels of the syntax tree. A chain of <c>+</c> is a level each; one of <c>&amp;&amp;</c> or <c>||</c> is one.</summary>
    public const int DepthMax = 128;

    /// <summary>Nodes of the syntax tree.</summary>
    public const int NodesMax = 4_096;

    /// <summary>Errors that one check reports; past it they hardly help.</summary>
    public const int ErrorsMax = 32;

    /// <summary>UTF-16 units of a regular expression.</summary>
    public const int PatternLengthMax = 512;

    /// <summary>Steps of one evaluation unless the host gives another budget. An element of a loop, an element of a list that
    /// is made or compared, and <see cref="UnitsPerStep"/> units of text are a step each.</summary>
    public const int StepsMaxDefault = 100_000;

    /// <summary>Units of text or bytes that are read or made for one step.</summary>
    public const int UnitsPerStep = 32;

    /// <summary>Steps of an operation that is dear whatever its length: asking for a time zone, or an exception of the
    /// framework that becomes an error value.</summary>
    public const int DearSteps = 1_000;

    /// <summary>How long one regular expression may read. Matching is linear, so that this is a second fence.</summary>
    internal static readonly TimeSpan PatternTimeMax = TimeSpan.FromMilliseconds(250);
}
