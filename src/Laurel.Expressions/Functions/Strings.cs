using System.Text;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Functions of text. Places count code points; reading and making text takes steps.</summary>
internal static class Strings
{
    public static void Declare(FunctionTable table)
    {
        table.Add("_+_", Overload.Of((Fallible<string, string, string>)Concat));
        table.Add("_+_", Overload.Of(static (byte[] a, byte[] b, ref EvaluationState state) =>
            state.ChargeUnits((long)a.Length + b.Length) ? [.. a, .. b] : Array.Empty<byte>()));
        table.Add("size", Overload.Of((Fallible<string, long>)Size));
        table.AddMethod("size", Overload.Of((Fallible<string, long>)Size));
        table.Pure("size", (byte[] a) => (long)a.Length);
        table.AddMethod("size", Overload.Of(static (byte[] a) => (long)a.Length));

        table.AddMethod("contains", Overload.Of(static (string a, string b, ref EvaluationState state) =>
            Search(a, b, ref state) && a.Contains(b, StringComparison.Ordinal)));
        table.AddMethod("startsWith", Overload.Of((Fallible<string, string, bool>)StartsWith, InPlace.StartsWith));
        table.AddMethod("endsWith", Overload.Of((Fallible<string, string, bool>)EndsWith, InPlace.EndsWith));

        // From here on the strings extension of cel-go, as far as it needs no formats.
        table.AddMethod("charAt", Overload.Of((Fallible<string, long, string>)CharAt));
        table.AddMethod("indexOf", Overload.Of(static (string a, string b, ref EvaluationState state) => IndexOf(a, b, 0, ref state)));
        table.AddMethod("indexOf", Overload.Of((Fallible<string, string, long, long>)IndexOf));
        table.AddMethod("lastIndexOf", Overload.Of(static (string a, string b, ref EvaluationState state) =>
            Search(a, b, ref state) ? Place(a, a.LastIndexOf(b, StringComparison.Ordinal)) : 0));
        table.AddMethod("lastIndexOf", Overload.Of((Fallible<string, string, long, long>)LastIndexOf));
        table.AddMethod("lowerAscii", Overload.Of(static (string a, ref EvaluationState state) => Cased(a, 'A', 'Z', ref state)));
        table.AddMethod("upperAscii", Overload.Of(static (string a, ref EvaluationState state) => Cased(a, 'a', 'z', ref state)));
        table.AddMethod("trim", Overload.Of(static (string a, ref EvaluationState state) => state.ChargeUnits(a.Length) ? a.Trim() : ""));
        table.AddMethod("substring", Overload.Of(static (string a, long from, ref EvaluationState state) =>
            Substring(a, from, -1, ref state)));
        table.AddMethod("substring", Overload.Of(static (string a, long from, long to, ref EvaluationState state) =>
            to < 0 ? Outside(ref state, "") : Substring(a, from, to, ref state)));
        table.AddMethod("replace", Overload.Of(static (string a, string old, string with, ref EvaluationState state) =>
            Replace(a, old, with, -1, ref state)));
        table.AddMethod("replace", Overload.Of((Replacing)Replace));
        table.AddMethod("split", Overload.Of(static (string a, string by, ref EvaluationState state) => Split(a, by, -1, ref state)));
        table.AddMethod("split", Overload.Of((Fallible<string, string, long, IReadOnlyList<string>>)Split));
        table.AddMethod("join", Overload.Of(static (IReadOnlyList<string> a, ref EvaluationState state) => Join(a, "", ref state)));
        table.AddMethod("join", Overload.Of((Fallible<IReadOnlyList<string>, string, string>)Join));
        table.AddMethod("reverse", Overload.Of((Fallible<string, string>)Reverse));
    }

    /// <summary>Equality of strings that may be long.</summary>
    public static bool AreEqual(string left, string right, ref EvaluationState state) =>
        left.Length == right.Length && state.ChargeUnits(left.Length) && left == right;

    private static bool StartsWith(string text, string sought, ref EvaluationState state) =>
        state.ChargeUnits(sought.Length) && text.StartsWith(sought, StringComparison.Ordinal);

    private static bool EndsWith(string text, string sought, ref EvaluationState state) =>
        state.ChargeUnits(sought.Length) && text.EndsWith(sought, StringComparison.Ordinal);

    private delegate string Replacing(string text, string old, string with, long limit, ref EvaluationState state);

    private static string Concat(string left, string right, ref EvaluationState state) =>
        state.ChargeUnits((long)left.Length + right.Length) ? string.Concat(left, right) : "";

    private static long Size(string text, ref EvaluationState state) => state.ChargeUnits(text.Length) ? CodePoints.Count(text) : 0;

    // The search may compare the sought text at every place.
    private static bool Search(string text, string sought, ref EvaluationState state) =>
        state.Charge((long)text.Length / ExpressionLimits.UnitsPerStep * (1 + (sought.Length / ExpressionLimits.UnitsPerStep)));

    private static long Place(string text, int index) => index < 0 ? -1 : CodePoints.Count(text.AsSpan(0, index));

    private static T Outside<T>(ref EvaluationState state, T nothing)
    {
        if (!state.Failed)
        {
            state.Fail(ExpressionErrorCode.IndexOutOfRange);
        }

        return nothing;
    }

    private static int At(string text, long place, ref EvaluationState state)
    {
        var index = state.ChargeUnits(text.Length) ? CodePoints.IndexOf(text, place) : -1;
        return index < 0 ? Outside(ref state, -1) : index;
    }

    private static string CharAt(string text, long place, ref EvaluationState state)
    {
        var index = At(text, place, ref state);
        return index < 0 || index == text.Length ? "" : text.Substring(index, CodePoints.Width(text, index));
    }

    private static long IndexOf(string text, string sought, long from, ref EvaluationState state)
    {
        var index = At(text, from, ref state);
        return index >= 0 && Search(text, sought, ref state) ? Place(text, text.IndexOf(sought, index, StringComparison.Ordinal)) : -1;
    }

    /// <summary>The last place at or before <paramref name="upTo"/> where the sought text begins.</summary>
    private static long LastIndexOf(string text, string sought, long upTo, ref EvaluationState state)
    {
        var index = At(text, upTo, ref state);
        if (index < 0 || !Search(text, sought, ref state))
        {
            return -1;
        }

        var end = (int)Math.Min(text.Length, (long)index + sought.Length);
        return Place(text, text.AsSpan(0, end).LastIndexOf(sought, StringComparison.Ordinal));
    }

    private static string Cased(string text, char first, char last, ref EvaluationState state)
    {
        if (!state.ChargeUnits(text.Length))
        {
            return "";
        }

        const int caseBit = 0x20;
        return string.Create(text.Length, (text, first, last), static (target, given) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                var c = given.text[i];
                target[i] = c >= given.first && c <= given.last ? (char)(c ^ caseBit) : c;
            }
        });
    }

    private static string Substring(string text, long from, long to, ref EvaluationState state)
    {
        var start = At(text, from, ref state);
        var end = to < 0 ? text.Length : At(text, to, ref state);
        return start < 0 || end < start ? Outside(ref state, "") : text[start..end];
    }

    private static string Replace(string text, string old, string with, long limit, ref EvaluationState state)
    {
        if (!Search(text, old, ref state) || limit == 0)
        {
            return state.Failed ? "" : text;
        }

        var result = new StringBuilder();
        var at = 0;
        for (var count = 0L; limit < 0 || count < limit; count++)
        {
            var found = text.IndexOf(old, at, StringComparison.Ordinal);

            // Between all characters, and at both ends, stands the empty text.
            var next = old.Length > 0 ? found : count == 0 ? 0 : at < text.Length ? at + CodePoints.Width(text, at) : -1;
            if (next < 0 || !state.Charge(1) || !state.ChargeUnits(with.Length))
            {
                break;
            }

            result.Append(text, at, next - at).Append(with);
            at = next + old.Length;
        }

        return state.Failed ? "" : result.Append(text, at, text.Length - at).ToString();
    }

    private static IReadOnlyList<string> Split(string text, string by, long limit, ref EvaluationState state)
    {
        if (limit == 0 || !Search(text, by, ref state) || !state.Charge(text.Length / Math.Max(1, by.Length)))
        {
            return [];
        }

        var most = limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue);
        return by.Length > 0 ? text.Split(by, most) : Characters(text, most);
    }

    private static List<string> Characters(string text, int most)
    {
        var parts = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var width = parts.Count == most - 1 ? text.Length - at : CodePoints.Width(text, at);
            parts.Add(text.Substring(at, width));
            at += width;
        }

        return parts;
    }

    private static string Join(IReadOnlyList<string> parts, string with, ref EvaluationState state)
    {
        long units = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            units += (parts[i]?.Length ?? 0) + with.Length;
        }

        return state.Charge(parts.Count) && state.ChargeUnits(units) ? string.Join(with, parts) : "";
    }

    private static string Reverse(string text, ref EvaluationState state)
    {
        if (!state.ChargeUnits(text.Length))
        {
            return "";
        }

        var result = new StringBuilder(text.Length);
        for (var end = text.Length; end > 0;)
        {
            var width = end > 1 && char.IsLowSurrogate(text[end - 1]) && char.IsHighSurrogate(text[end - 2]) ? 2 : 1;
            result.Append(text, end - width, width);
            end -= width;
        }

        return result.ToString();
    }
}
