using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>The scalar "Date": a day without a time ("2026-11-23"), as <see cref="DateOnly"/>.</summary>
public sealed class DateCoercion : ScalarCoercion
{
    private const string Form = "yyyy-MM-dd";

    public override Coerced FromLiteral(ValueNode literal) => literal is StringValueNode text ? Read(text.Value) : Refuse(Printer.Print(literal));

    public override Coerced FromJson(JsonElement json) =>
        json.ValueKind is JsonValueKind.String ? Read(json.GetString()!) : Refuse(JsonText.Inspect(json));

    public override Coerced ToAnswer(object value) => value switch
    {
        DateOnly day => Coerced.Of(day.ToString(Form, CultureInfo.InvariantCulture)),
        JsonElement json => FromJson(json) is { IsValid: true, Value: DateOnly day } ? ToAnswer(day) : Refuse(JsonText.Inspect(json)),
        _ => Refuse(JsonText.Inspect(value)),
    };

    private static Coerced Read(string text) => DateOnly.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? Coerced.Of(day)
        : Refuse(JsonText.Inspect(text));

    private static Coerced Refuse(string text) => Coerced.Refused($"Date cannot represent what is not a day, such as \"2026-11-23\": {text}");
}
