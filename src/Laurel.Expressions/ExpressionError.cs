namespace Laurel.Expressions;

/// <summary>One thing that is wrong with an expression, for the person who wrote it.</summary>
/// <remarks>Positions count Unicode code points of the text. No text of an error carries a value that was evaluated.</remarks>
/// <param name="Code">What is wrong.</param>
/// <param name="Message">In English, one sentence.</param>
/// <param name="MessageZh">The same in Chinese.</param>
/// <param name="Position">Code points before the place at fault.</param>
/// <param name="Length">Code points of the place at fault; zero at the end of the text.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in code points.</param>
public sealed record ExpressionError(
    ExpressionErrorCode Code, string Message, string MessageZh, int Position, int Length, int Line, int Column)
{
    /// <summary>What would probably be right, for example <c>order.amount</c>; null when nothing comes to mind.</summary>
    public string? Hint { get; init; }

    internal static ExpressionError At(string text, Span span, ExpressionErrorCode code, string? hint, params object[] values)
    {
        var start = Math.Clamp(span.Start, 0, text.Length);
        var end = Math.Clamp(span.Start + span.Length, start, text.Length);
        var (line, lineStart) = (1, 0);
        for (var i = 0; i < start; i++)
        {
            if (text[i] == '\n')
            {
                (line, lineStart) = (line + 1, i + 1);
            }
        }

        return new ExpressionError(
            code,
            ExpressionMessages.English(code, values),
            ExpressionMessages.Chinese(code, values),
            Position: CodePoints.Count(text.AsSpan(0, start)),
            Length: CodePoints.Count(text.AsSpan(start, end - start)),
            Line: line,
            Column: CodePoints.Count(text.AsSpan(lineStart, start - lineStart)) + 1)
        {
            Hint = hint,
        };
    }
}

/// <summary>A place in the text, in UTF-16 units.</summary>
internal readonly record struct Span(int Start, int Length)
{
    public static Span Between(Span first, Span last) => new(first.Start, last.Start + last.Length - first.Start);
}
