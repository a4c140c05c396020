using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Laurel.GraphQL.Types;

/// <summary>Writes a value into the message of an error: short, and the same for the same value.</summary>
internal static class JsonText
{
    private const int ItemsMax = 10;
    private const int DepthMax = 2;

    /// <summary>Strings are quoted and long lists and deep values cut short.</summary>
    public static string Inspect(object? value)
    {
        var text = new StringBuilder();
        switch (value)
        {
            case null:
                return "null";
            case JsonElement json:
                Append(text, json, 0);
                return text.ToString();
            case string words:
                return Quote(words);
            case bool yes:
                return yes ? "true" : "false";
            case double number:
                return number.ToString("R", CultureInfo.InvariantCulture);
            case IFormattable number and (int or long or short or byte or sbyte or ushort or uint or ulong or decimal or float):
                return number.ToString(null, CultureInfo.InvariantCulture);
            default:
                // What a resolver's object holds is not for the caller's eyes.
                return $"[{value.GetType().Name}]";
        }
    }

    private static void Append(StringBuilder text, JsonElement json, int depth)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, json, depth);
                break;
            case JsonValueKind.Array:
                AppendArray(text, json, depth);
                break;
            case JsonValueKind.String:
                text.Append(Quote(json.GetString()!));
                break;
            case JsonValueKind.Undefined:
                text.Append("undefined");
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                text.Append(json.GetRawText());
                break;
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement json, int depth)
    {
        var properties = json.EnumerateObject();
        if (!properties.Any())
        {
            text.Append("{}");
            return;
        }

        if (depth >= DepthMax)
        {
            text.Append("[Object]");
            return;
        }

        var separator = "{ ";
        foreach (var property in json.EnumerateObject())
        {
            text.Append(separator).Append(property.Name).Append(": ");
            Append(text, property.Value, depth + 1);
            separator = ", ";
        }

        text.Append(" }");
    }

    private static void AppendArray(StringBuilder text, JsonElement json, int depth)
    {
        var count = json.GetArrayLength();
        if (count > 0 && depth >= DepthMax)
        {
            text.Append("[Array]");
            return;
        }

        text.Append('[');
        var separator = "";
        foreach (var item in json.EnumerateArray().Take(ItemsMax))
        {
            text.Append(separator);
            Append(text, item, depth + 1);
            separator = ", ";
        }

        if (count > ItemsMax)
        {
            var more = count - ItemsMax;
            text.Append(CultureInfo.InvariantCulture, $", ... {more} more {(more == 1 ? "item" : "items")}");
        }

        text.Append(']');
    }

    private static string Quote(string words) => '"' + words.Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';
}
