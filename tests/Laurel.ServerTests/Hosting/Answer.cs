using System.Text;
using System.Text.Json;

namespace Laurel.ServerTests.Hosting;

/// <summary>What the server answered.</summary>
internal sealed record Answer
{
    public required int Status { get; init; }

    public required byte[] Body { get; init; }

    public required string? MediaType { get; init; }

    /// <summary>Whether it says that it was given before.</summary>
    public required bool Replayed { get; init; }

    public required IReadOnlyList<string> Allow { get; init; }

    /// <summary>The version of a write.</summary>
    public string? Version { get; init; }

    /// <summary>Who answered a read: <c>primary</c> or <c>replica</c>; null where there are no replicas.</summary>
    public string? Source { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The body read as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The code of a problem.</summary>
    public string? Code => TextOf("code");

    /// <summary>The faults of fields as <c>CODE pointer</c>, in order.</summary>
    public IReadOnlyList<string> Faults => Json.TryGetProperty("errors", out var errors)
        ? [.. errors.EnumerateArray().Select(e => $"{e.GetProperty("code").GetString()} {PlaceOf(e)}".TrimEnd())]
        : [];

    /// <summary>The ids of the entries it made, in order.</summary>
    public IReadOnlyList<string> EntryIds => EntryIdsOf(Json);

    /// <summary>The results of an answer to events.</summary>
    public IReadOnlyList<JsonElement> Results => [.. Json.GetProperty("results").EnumerateArray()];

    /// <summary>The <c>status</c> of each result, in order.</summary>
    public IReadOnlyList<string?> Statuses => [.. Results.Select(r => r.GetProperty("status").GetString())];

    /// <summary>The status and the code of a problem, or the status alone.</summary>
    public string Outcome => Status < 400 ? $"{Status}" : $"{Status} {Code}";

    public static IReadOnlyList<string> EntryIdsOf(JsonElement posting) =>
        [.. posting.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("id").GetString()!)];

    public string? TextOf(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public long NumberOf(string name) => Json.GetProperty(name).GetInt64();

    private static string? PlaceOf(JsonElement error)
    {
        foreach (var name in new[] { "pointer", "parameter", "header" })
        {
            if (error.TryGetProperty(name, out var place))
            {
                return place.GetString();
            }
        }

        return null;
    }
}
