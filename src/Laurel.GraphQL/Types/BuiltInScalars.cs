using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.5, Scalars: the five that every schema has.</summary>
public static class BuiltInScalars
{
    public static ScalarType Int { get; } = new("Int", new IntCoercion())
    {
        Description = "The `Int` scalar type represents non-fractional signed whole numeric values. Int can represent values between "
            + "-(2^31) and 2^31 - 1.",
    };

    public static ScalarType Float { get; } = new("Float", new FloatCoercion())
    {
        Description = "The `Float` scalar type represents signed double-precision fractional values as specified by "
            + "[IEEE 754](https://en.wikipedia.org/wiki/IEEE_floating_point).",
    };

    public static ScalarType String { get; } = new("String", new StringCoercion())
    {
        Description = "The `String` scalar type represents textual data, represented as UTF-8 character sequences. The String type is "
            + "most often used by GraphQL to represent free-form human-readable text.",
    };

    public static ScalarType Boolean { get; } = new("Boolean", new BooleanCoercion())
    {
        Description = "The `Boolean` scalar type represents `true` or `false`.",
    };

    public static ScalarType Id { get; } = new("ID", new IdCoercion())
    {
        Description = "The `ID` scalar type represents a unique identifier, often used to refetch an object or as key for a cache. The ID "
            + "type appears in a JSON response as a String; however, it is not intended to be human-readable. When expected as an input "
            + "type, any string (such as `\"4\"`) or integer (such as `4`) input value will be accepted as an ID.",
    };

    /// <summary>In the order in which suggestions name them.</summary>
    public static ImmutableArray<ScalarType> All { get; } = [String, Int, Float, Boolean, Id];

    /// <summary>Section 3.5.1, Int.</summary>
    private sealed class IntCoercion : ScalarCoercion
    {
        public override bool AnswersAsIs(Type type) => type == typeof(int);

        public override Coerced FromLiteral(ValueNode literal)
        {
            if (literal is not IntValueNode number)
            {
                return NotAnInteger(Printer.Print(literal));
            }

            return int.TryParse(number.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? Coerced.Of(value)
                : TooLarge(number.Value);
        }

        public override Coerced FromJson(JsonElement json)
        {
            if (json.ValueKind is not JsonValueKind.Number || !double.IsInteger(json.GetDouble()))
            {
                return NotAnInteger(JsonText.Inspect(json));
            }

            // A whole number may be written with a point or an exponent: JSON has one kind of number.
            var value = json.GetDouble();
            return value is >= int.MinValue and <= int.MaxValue ? Coerced.Of((int)value) : TooLarge(JsonText.Inspect(json));
        }

        public override Coerced ToAnswer(object value) => value switch
        {
            int => Coerced.Of(value),
            short or ushort or byte or sbyte => Coerced.Of(Convert.ToInt32(value, CultureInfo.InvariantCulture)),
            bool yes => Coerced.Of(yes ? 1 : 0),
            long number when number is >= int.MinValue and <= int.MaxValue => Coerced.Of((int)number),
            long number => TooLarge(JsonText.Inspect(number)),
            double number when !double.IsInteger(number) => NotAnInteger(JsonText.Inspect(number)),
            double number when number is >= int.MinValue and <= int.MaxValue => Coerced.Of((int)number),
            double number => TooLarge(JsonText.Inspect(number)),
            JsonElement json => FromJson(json),
            _ => NotAnInteger(JsonText.Inspect(value)),
        };

        private static Coerced NotAnInteger(string text) => Coerced.Refused($"Int cannot represent non-integer value: {text}");

        private static Coerced TooLarge(string text) => Coerced.Refused($"Int cannot represent non 32-bit signed integer value: {text}");
    }

    /// <summary>Section 3.5.2, Float.</summary>
    private sealed class FloatCoercion : ScalarCoercion
    {
        public override bool AnswersAsIs(Type type) => type == typeof(double) || type == typeof(int) || type == typeof(long);

        public override Coerced FromLiteral(ValueNode literal)
        {
            var text = literal switch
            {
                IntValueNode number => number.Value,
                FloatValueNode number => number.Value,
                _ => null,
            };
            return text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && double.IsFinite(value)
                ? Coerced.Of(value)
                : Refuse(Printer.Print(literal));
        }

        public override Coerced FromJson(JsonElement json) =>
            json.ValueKind is JsonValueKind.Number && json.TryGetDouble(out var value) && double.IsFinite(value)
                ? Coerced.Of(value)
                : Refuse(JsonText.Inspect(json));

        public override Coerced ToAnswer(object value) => value switch
        {
            double number when double.IsFinite(number) => Coerced.Of(value),
            float number when float.IsFinite(number) => Coerced.Of((double)number),
            int or long or decimal => Coerced.Of(value),
            short or ushort or byte or sbyte or uint => Coerced.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            bool yes => Coerced.Of(yes ? 1 : 0),
            JsonElement json => FromJson(json),
            _ => Refuse(JsonText.Inspect(value)),
        };

        private static Coerced Refuse(string text) => Coerced.Refused($"Float cannot represent non numeric value: {text}");
    }

    /// <summary>Section 3.5.3, String.</summary>
    private sealed class StringCoercion : ScalarCoercion
    {
        public override bool AnswersAsIs(Type type) => type == typeof(string);

        public override Coerced FromLiteral(ValueNode literal) =>
            literal is StringValueNode text ? Coerced.Of(text.Value) : NotAString(Printer.Print(literal));

        public override Coerced FromJson(JsonElement json) =>
            json.ValueKind is JsonValueKind.String ? Coerced.Of(json.GetString()) : NotAString(JsonText.Inspect(json));

        public override Coerced ToAnswer(object value) => value switch
        {
            string text => Coerced.Of(text),
            bool yes => Coerced.Of(yes ? "true" : "false"),
            int or long or short or byte or uint or decimal => Coerced.Of(JsonText.Inspect(value)),
            double number when double.IsFinite(number) => Coerced.Of(JsonText.Inspect(number)),
            JsonElement { ValueKind: JsonValueKind.String } json => Coerced.Of(json.GetString()),
            JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number } json => Coerced.Of(json.GetRawText()),
            _ => Coerced.Refused($"String cannot represent value: {JsonText.Inspect(value)}"),
        };

        private static Coerced NotAString(string text) => Coerced.Refused($"String cannot represent a non string value: {text}");
    }

    /// <summary>Section 3.5.4, Boolean.</summary>
    private sealed class BooleanCoercion : ScalarCoercion
    {
        public override bool AnswersAsIs(Type type) => type == typeof(bool);

        public override Coerced FromLiteral(ValueNode literal) =>
            literal is BooleanValueNode yes ? Coerced.Of(yes.Value) : Refuse(Printer.Print(literal));

        public override Coerced FromJson(JsonElement json) =>
            json.ValueKind is JsonValueKind.True or JsonValueKind.False ? Coerced.Of(json.GetBoolean()) : Refuse(JsonText.Inspect(json));

        public override Coerced ToAnswer(object value) => value switch
        {
            bool => Coerced.Of(value),
            int number => Coerced.Of(number != 0),
            long number => Coerced.Of(number != 0),
            double number when double.IsFinite(number) => Coerced.Of(number != 0),
            JsonElement { ValueKind: JsonValueKind.Number } json => Coerced.Of(json.GetDouble() != 0),
            JsonElement json => FromJson(json),
            _ => Refuse(JsonText.Inspect(value)),
        };

        private static Coerced Refuse(string text) => Coerced.Refused($"Boolean cannot represent a non boolean value: {text}");
    }

    /// <summary>Section 3.5.5, ID.</summary>
    private sealed class IdCoercion : ScalarCoercion
    {
        public override bool AnswersAsIs(Type type) => type == typeof(string);

        public override Coerced FromLiteral(ValueNode literal) => literal switch
        {
            StringValueNode text => Coerced.Of(text.Value),
            IntValueNode number => Coerced.Of(number.Value),
            _ => Coerced.Refused($"ID cannot represent a non-string and non-integer value: {Printer.Print(literal)}"),
        };

        public override Coerced FromJson(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.String => Coerced.Of(json.GetString()),
            JsonValueKind.Number when json.TryGetInt64(out var number) => Coerced.Of(JsonText.Inspect(number)),
            _ => Refuse(JsonText.Inspect(json)),
        };

        public override Coerced ToAnswer(object value) => value switch
        {
            string text => Coerced.Of(text),
            int or long or short or byte or uint or ulong => Coerced.Of(JsonText.Inspect(value)),
            Guid id => Coerced.Of(id.ToString()),
            JsonElement json => FromJson(json),
            _ => Refuse(JsonText.Inspect(value)),
        };

        private static Coerced Refuse(string text) => Coerced.Refused($"ID cannot represent value: {text}");
    }
}
