namespace Laurel.Expressions.Syntax;

internal enum TokenKind
{
    End,
    Name,

    /// <summary>A field's name between backticks.</summary>
    QuotedName,

    /// <summary>A value that stands in the text; <c>true</c>, <c>false</c> and <c>null</c> are such.</summary>
    Literal,

    /// <summary>The word <c>in</c> and everything made of signs.</summary>
    Sign,
}

/// <summary>A word of the text.</summary>
/// <param name="Text">Of a name its characters, of a sign the sign itself, else empty.</param>
/// <param name="Value">Of a literal.</param>
internal readonly record struct Token(TokenKind Kind, Span Span, string Text, object? Value)
{
    public bool Is(string sign) => Kind == TokenKind.Sign && Text == sign;

    /// <summary>Integers and doubles, which a minus before them belongs to.</summary>
    public bool IsNumber => Kind == TokenKind.Literal && Value is long or double or MinimumMagnitude;
}

/// <summary>9223372036854775808, an int only with a minus before it.</summary>
internal sealed class MinimumMagnitude
{
    public static readonly MinimumMagnitude Instance = new();

    private MinimumMagnitude()
    {
    }
}

/// <summary>The text cannot be read. Thrown and caught inside the parser alone.</summary>
internal sealed class SyntaxFault(ExpressionErrorCode code, Span span, string? hint, params object[] values) : Exception
{
    public ExpressionErrorCode Code { get; } = code;

    public Span Span { get; } = span;

    public string? Hint { get; } = hint;

    public object[] Values { get; } = values;
}
