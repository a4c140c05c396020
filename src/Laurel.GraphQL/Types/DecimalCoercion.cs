using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>The scalar "Decimal": exact decimal numbers, such as amounts of money, as <see cref="decimal"/>.</summary>
/// <remarks>Answered as text ("12.50"): a number of JSON becomes a double in most clients, which holds neither 0.1 nor more than fifteen
/// digits, and loses how many decimals there were. Taken as text and as a number, whose digits are read before anything can round them.
/// What has more digits than a decimal is refused, never rounded.</remarks>
public sealed partial class DecimalCoercion : ScalarCoercion
{
    public override Coerced FromLiteral(ValueNode literal) => literal switch
    {
        StringValueNode text => FromText(text.Value),
        IntValueNode number => FromNumber(number.Value),
        FloatValueNode number => FromNumber(number.Value),
        _ => Refuse(Printer.Print(literal)),
    };

    public override Coerced FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => FromText(json.GetString()!),
        JsonValueKind.Number => FromNumber(json.GetRawText()),
        _ => Refuse(JsonText.Inspect(json)),
    };

    public override Coerced ToAnswer(object value) => value switch
    {
        decimal number => Coerced.Of(number.ToString(CultureInfo.InvariantCulture)),
        int or long => Coerced.Of(JsonText.Inspect(value)),
        JsonElement json => FromJson(json) is { IsValid: true, Value: decimal number } ? ToAnswer(number) : Refuse(JsonText.Inspect(json)),
        _ => Refuse(JsonText.Inspect(value)),
    };

    private static Coerced FromText(string text) => Written().IsMatch(text) ? FromNumber(text) : Refuse(JsonText.Inspect(text));

    private static Coerced FromNumber(string text) => ExactDecimal.TryParse(text, out var value)
        ? Coerced.Of(value)
        : Coerced.Refused($"Decimal cannot represent more than 28 digits: {text}");

    private static Coerced Refuse(string text) => Coerced.Refused($"Decimal cannot represent non decimal value: {text}");

    [GeneratedRegex(@"^-?[0-9]+(\.[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Written();
}
