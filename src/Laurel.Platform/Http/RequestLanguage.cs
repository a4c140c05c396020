using System.Globalization;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Http;

/// <summary>Chooses the language of an answer from <c>Accept-Language</c> (RFC 9110 §12.5.4).</summary>
public static class RequestLanguage
{
    /// <summary>The best-weighted of English and Chinese in any region or script; the earlier on a tie; English when
    /// neither is asked for. Languages that we do not write are passed over.</summary>
    public static Language Of(HttpRequest request)
    {
        var best = Language.English;
        var bestWeight = 0.0;
        foreach (var header in request.Headers.AcceptLanguage)
        {
            var text = header.AsSpan();
            foreach (var range in text.Split(','))
            {
                var (language, weight) = ReadRange(text[range]);
                if (language is { } named && weight > bestWeight)
                {
                    (best, bestWeight) = (named, weight);
                }
            }
        }

        return best;
    }

    private static (Language? Language, double Weight) ReadRange(ReadOnlySpan<char> range)
    {
        var semicolon = range.IndexOf(';');
        var tag = (semicolon < 0 ? range : range[..semicolon]).Trim();
        Language? language = tag switch
        {
            _ when IsIn(tag, "zh") => Language.Chinese,
            _ when IsIn(tag, "en") || tag is "*" => Language.English,
            _ => null,
        };
        return (language, semicolon < 0 ? 1 : ReadWeight(range[(semicolon + 1)..].Trim()));
    }

    private static bool IsIn(ReadOnlySpan<char> tag, ReadOnlySpan<char> language) =>
        tag.StartsWith(language, StringComparison.OrdinalIgnoreCase)
        && (tag.Length == language.Length || tag[language.Length] == '-');

    // A weight that cannot be read asks for nothing we could honour, so it counts as zero.
    private static double ReadWeight(ReadOnlySpan<char> parameter) =>
        parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
        && weight is >= 0 and <= 1
            ? weight
            : 0;
}
