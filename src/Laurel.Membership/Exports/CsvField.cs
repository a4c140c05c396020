namespace Laurel.Membership.Exports;

/// <summary>A field of a CSV file that people will open in a spreadsheet: the one place that decides how text of others is written into any of them.</summary>
public static class CsvField
{
    /// <summary>Text that no spreadsheet takes for a formula, quoted where RFC 4180 asks for it.</summary>
    /// <remarks>Numbers are written without this: a negative balance stays a number.</remarks>
    public static string OfText(string text)
    {
        var harmless = Harmless(text);
        return harmless.AsSpan().ContainsAny(",\"\r\n") ? $"\"{harmless.Replace("\"", "\"\"")}\"" : harmless;
    }

    /// <summary>The same for writers that quote by themselves: what begins with <c>= + - @</c>, also as wide as a Chinese character, TAB, CR or LF gets an
    /// apostrophe in front (OWASP, CSV Injection). Delimiters and quotes begin no field, since a field that has any is quoted.</summary>
    public static string Harmless(string text) =>
        text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠', ..] ? "'" + text : text;
}
