using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>The scalar "DateTime": an instant with the offset of whoever wrote it (RFC 3339), as <see cref="DateTimeOffset"/>.</summary>
/// <remarks>Answered in UTC with "Z" and as many digits of a second as are not zero. A time without an offset is refused, for nobody knows
/// when it is; so is a leap second, which the framework cannot hold. Digits beyond a tenth of a microsecond are cut off.</remarks>
public sealed partial class DateTimeCoercion : ScalarCoercion
{
    private const int FractionDigitsMax = 7;

    public override Coerced FromLiteral(ValueNode literal) => literal is StringValueNode text ? Read(text.Value) : Refuse(Printer.Print(literal));

    public override Coerced FromJson(JsonElement json) =>
        json.ValueKind is JsonValueKind.String ? Read(json.GetString()!) : Refuse(JsonText.Inspect(json));

    public override Coerced ToAnswer(object value) => value switch
    {
        DateTimeOffset instant => Coerced.Of(instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)),
        JsonElement json => FromJson(json) is { IsValid: true, Value: DateTimeOffset instant } ? ToAnswer(instant) : Refuse(JsonText.Inspect(json)),
        _ => Refuse(JsonText.Inspect(value)),
    };

    private static Coerced Read(string text)
    {
        if (Parts().Match(text) is not { Success: true } parts)
        {
            return Refuse(JsonText.Inspect(text));
        }

        var fraction = parts.Groups["fraction"].Value;
        var offset = parts.Groups["offset"].Value;
        var written = parts.Groups["date"].Value + "T" + parts.Groups["time"].Value
            + fraction[..Math.Min(fraction.Length, 1 + FractionDigitsMax)] + (offset is "Z" or "z" ? "+00:00" : offset);
        return DateTimeOffset.TryParseExact(
            written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? Coerced.Of(instant)
            : Refuse(JsonText.Inspect(text));
    }

    private static Coerced Refuse(string text) =>
        Coerced.Refused($"DateTime cannot represent what is not an instant with its offset, such as \"2026-11-23T08:00:00+08:00\": {text}");

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?<fraction>\.[0-9]+)?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parts();
}
