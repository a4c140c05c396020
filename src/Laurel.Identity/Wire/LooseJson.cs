using System.Globalization;
using System.Text.Json;

namespace Laurel.Identity.Wire;

/// <summary>An object of JSON as providers send it: numbers as text and text as numbers, fields that come and go, any content type.</summary>
/// <remarks>Whatever is not there, or is not of the kind asked for, is null. It never throws.</remarks>
internal readonly struct LooseJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, MaxDepth = 32 };

    private readonly JsonElement _object;

    private LooseJson(JsonElement element) => _object = element;

    /// <summary>Reads one object, also one that is wrapped in <c>callback( … );</c>; null for anything else.</summary>
    public static LooseJson? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(Unwrapped(body), s_options);
            return Of(document.RootElement.Clone());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Text that is not empty, or a number as it is written.</summary>
    public string? Text(string name)
    {
        if (!_object.TryGetProperty(name, out var value))
        {
            return null;
        }

        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text.
            return null;
        }
    }

    /// <summary>A whole number, also one that is written as text.</summary>
    public long? Integer(string name) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public LooseJson? Object(string name) => _object.TryGetProperty(name, out var value) ? Of(value) : null;

    /// <summary>The first object of a list.</summary>
    public LooseJson? First(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? Of(value[0]) : null;

    private static LooseJson? Of(JsonElement element) => element.ValueKind == JsonValueKind.Object ? new LooseJson(element) : null;

    private static ReadOnlyMemory<byte> Unwrapped(ReadOnlyMemory<byte> body)
    {
        ReadOnlySpan<byte> bom = [0xEF, 0xBB, 0xBF];
        var text = body.Span.StartsWith(bom) ? body[bom.Length..] : body;
        text = text.Trim(" \t\r\n;"u8);
        return text.Span.StartsWith("callback"u8) && text.Span.IndexOf((byte)'(') is > 0 and var open && text.Span[^1] == (byte)')'
            ? text[(open + 1)..^1]
            : text;
    }
}
