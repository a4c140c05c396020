using System.Text.Json;
using Laurel.UnitTests.Architecture;

namespace Laurel.UnitTests.Identity;

/// <summary>The published vectors and recorded exchanges of <c>tests/data/wire</c>.</summary>
internal static class WireData
{
    public static JsonElement Vectors { get; } = Read("signature-vectors.json");

    /// <summary>The recorded exchanges of a provider, in their order.</summary>
    public static IReadOnlyList<RecordedExchange> Recorded(string provider) =>
    [
        .. Read($"oauth/{provider}.json").GetProperty("items").EnumerateArray().Select(item => new RecordedExchange(
            item.TryGetProperty("method", out var method) ? method.GetString()! : "GET",
            new Uri(item.GetProperty("uri").GetString()!),
            item.GetProperty("contentJson").GetRawText())),
    ];

    private static JsonElement Read(string file) => JsonDocument.Parse(SourceTree.Read("tests/data/wire/" + file)).RootElement;
}

internal sealed record RecordedExchange(string Method, Uri Url, string Answer);
