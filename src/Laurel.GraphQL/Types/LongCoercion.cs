using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>The scalar "Long": whole numbers of 64 bits, as <see cref="long"/>.</summary>
/// <remarks>Answered as a number of JSON, which every client reads as it reads Int; JavaScript keeps whole numbers exactly up to 2^53. A
/// client that must give back a larger one gives it as text, so digits in quotes are taken too. Fractions and what is beyond 64 bits are
/// refused.</remarks>
public sealed partial class LongCoercion : ScalarCoercion
{
    public override Coerced FromLiteral(ValueNode literal) => literal switch
    {
        IntValueNode number => FromNumber(number.Value),
        StringValueNode text => FromText(text.Value),
        _ => NotAnInteger(Printer.Print(literal)),
    };

    public override Coerced FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => FromNumber(json.GetRawText()),
        JsonValueKind.String => FromText(json.GetString()!),
        _ => NotAnInteger(JsonText.Inspect(json)),
    };

    public override Coerced ToAnswer(object value) => value switch
    {
        long => Coerced.Of(value),
        int number => Coerced.Of((long)number),
        JsonElement json => FromJson(json),
        _ => NotAnInteger(JsonText.Inspect(value)),
    };

    private static Coerced FromText(string text) => Digits().IsMatch(text) ? FromNumber(text) : NotAnInteger(JsonText.Inspect(text));

    private static Coerced FromNumber(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return Coerced.Of(value);
        }

        // JSON has one kind of number: a whole one may be written with a point or an exponent.
        if (!ExactDecimal.TryParse(text, out var number))
        {
            return TooLarge(text);
        }

        if (!decimal.IsInteger(number))
        {
            return NotAnInteger(text);
        }

        return number is >= long.MinValue and <= long.MaxValue ? Coerced.Of((long)number) : TooLarge(text);
    }

    private static Coerced NotAnInteger(string text) => Coerced.Refused($"Long cannot represent non-integer value: {text}");

    private static Coerced TooLarge(string text) => Coerced.Refused($"Long cannot represent non 64-bit signed integer value: {text}");

    [GeneratedRegex(@"^-?[0-9]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Digits();
}
