using System.Globalization;
using System.Text;

namespace Laurel.Platform.Errors;

/// <summary>Fills the <c>{name}</c> placeholders of a detail text.</summary>
public static class DetailTemplate
{
    /// <summary>Numbers and times are written with the invariant culture: a detail is the same on every
    /// machine.</summary>
    public static string Fill(string template, IReadOnlyDictionary<string, object?> values, Language language)
    {
        if (!template.Contains('{'))
        {
            return template;
        }

        var text = new StringBuilder(template.Length + 32);
        var at = 0;
        while (NextPlaceholder(template, at) is { } placeholder)
        {
            text.Append(template, at, placeholder.Start - at);
            var name = template[(placeholder.Start + 1)..placeholder.End];
            text.Append(values.TryGetValue(name, out var value) ? Write(value, language) : $"{{{name}}}");
            at = placeholder.End + 1;
        }

        return text.Append(template, at, template.Length - at).ToString();
    }

    /// <summary>The names between braces, in order of appearance.</summary>
    public static IEnumerable<string> Placeholders(string template)
    {
        for (var at = 0; NextPlaceholder(template, at) is { } placeholder; at = placeholder.End + 1)
        {
            yield return template[(placeholder.Start + 1)..placeholder.End];
        }
    }

    private static (int Start, int End)? NextPlaceholder(string template, int from)
    {
        var start = template.IndexOf('{', from);
        var end = start < 0 ? -1 : template.IndexOf('}', start);
        return end < 0 ? null : (start, end);
    }

    private static string Write(object? value, Language language) => value switch
    {
        null => "-",
        string text => text,
        Wording wording => wording.In(language),
        IEnumerable<string> list => string.Join(", ", list),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "-",
    };
}
