using System.Text.Json;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>Reads values of whatever type they are, for those who take what a caller likes to tell.</summary>
internal static class JsonValues
{
    /// <summary>The value of a slot as plain values; what cannot be read is noted as a fault.</summary>
    public static object? Read(JsonSource source, in JsonSlot slot, JsonPath path, int lengthMax)
    {
        switch (slot.Kind)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return Checked(source, source.TextOf(slot), path, lengthMax);
            default:
                var element = JsonElement.Parse(source.BytesOf(slot));
                return Read(source, element, path, lengthMax);
        }
    }

    private static object? Read(JsonSource source, JsonElement element, JsonPath path, int lengthMax)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Number:
                return Number(source, element, path);
            case JsonValueKind.String:
                return Checked(source, TextOf(element), path, lengthMax);
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(item => Read(source, item, path, lengthMax)).ToList();
            case JsonValueKind.Object:
                var map = new Dictionary<object, object?>();
                foreach (var property in element.EnumerateObject())
                {
                    map[property.Name] = Read(source, property.Value, path, lengthMax);
                }

                return map;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(element), element.ValueKind, null);
        }
    }

    private static object? Number(JsonSource source, JsonElement element, JsonPath path)
    {
        if (element.TryGetInt64(out var whole))
        {
            return whole;
        }

        if (element.TryGetDouble(out var real) && double.IsFinite(real))
        {
            return real;
        }

        source.Fail(path, FieldErrorCode.OutOfRange, ("min", double.MinValue), ("max", double.MaxValue));
        return null;
    }

    private static string? Checked(JsonSource source, string? text, JsonPath path, int lengthMax)
    {
        if (text is null || text.Contains('\0', StringComparison.Ordinal))
        {
            source.Fail(path, FieldErrorCode.InvalidText);
            return null;
        }

        if (text.Length > lengthMax)
        {
            source.Fail(path, FieldErrorCode.TooLong, ("max", lengthMax));
            return null;
        }

        return text;
    }

    /// <summary>Null when it holds half a surrogate pair.</summary>
    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
