using System.Text;
using System.Text.RegularExpressions;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Regular expressions of <c>matches</c>: in time linear in the text, as RE2 has it.</summary>
/// <remarks>A pattern is a literal, so that it is read and refused when the expression is checked. The engine is .NET's
/// non-backtracking one; what RE2 and .NET write differently is translated, and what has no linear form is refused by .NET.</remarks>
internal static class Patterns
{
    // A character costs an automaton about as much as four that are only compared.
    private const int UnitsPerCharacter = 4;

    /// <summary>The compiled pattern, or why there is none.</summary>
    public static (Regex? Regex, Phrase? Reason) Compile(string pattern)
    {
        if (pattern.Length > ExpressionLimits.PatternLengthMax)
        {
            const int max = ExpressionLimits.PatternLengthMax;
            return (null, new Phrase($"it has more than {max} characters", $"超过 {max} 个字符"));
        }

        try
        {
            return (new Regex(
                Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, ExpressionLimits.PatternTimeMax), null);
        }
        catch (RegexParseException failure)
        {
            return (null, new Phrase($"{failure.Error} at {failure.Offset}", $"位置 {failure.Offset}：{failure.Error}"));
        }
        catch (NotSupportedException)
        {
            return (null, new Phrase(
                "it looks around or back, or repeats too much to be matched in linear time", "含环视、反向引用或过多重复，无法在线性时间内匹配"));
        }
    }

    /// <summary>Whether the pattern matches anywhere in the text.</summary>
    public static bool Matches(string text, Regex regex, ref EvaluationState state)
    {
        if (!state.ChargeUnits((long)text.Length * UnitsPerCharacter))
        {
            return false;
        }

        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            state.Fail(ExpressionErrorCode.CostExceeded);
            return false;
        }
    }

    /// <summary>RE2's writing in .NET's: classes are of ASCII, <c>$</c> is the end alone, <c>(?P&lt;</c> begins a name.</summary>
    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var isInClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                result.Append(Escape(pattern[++i], isInClass));
                continue;
            }

            isInClass = pattern[i] == '[' || (isInClass && pattern[i] != ']');
            if (!isInClass && pattern[i] == '$')
            {
                result.Append("\\z");
            }
            else if (!isInClass && string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
            {
                result.Append("(?<");
                i += 3;
            }
            else
            {
                result.Append(pattern[i]);
            }
        }

        return result.ToString();
    }

    private static string Escape(char kind, bool isInClass) => (kind, isInClass) switch
    {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('S', false) => "[^\\t\\n\\f\\r ]",
        _ => $"\\{kind}",
    };
}
