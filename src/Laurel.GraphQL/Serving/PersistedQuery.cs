using System.Text.Json;

namespace Laurel.GraphQL.Serving;

/// <summary>What a request says of the hash of its document.</summary>
/// <param name="Hash"><c>null</c> when it says nothing.</param>
/// <param name="Fault">Why that cannot be followed; <c>null</c> when it can.</param>
internal readonly record struct PersistedQuery(string? Hash, GraphQLError? Fault)
{
    private const int VersionKnown = 1;

    public static GraphQLError NotFound { get; } = Error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND");

    public static GraphQLError NotSupported { get; } = Error("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED");

    /// <summary>Reads the extension <c>persistedQuery</c>: <c>{ "version": 1, "sha256Hash": "…" }</c>.</summary>
    public static PersistedQuery Read(JsonElement extensions)
    {
        if (extensions.ValueKind is not JsonValueKind.Object || !extensions.TryGetProperty("persistedQuery", out var named)
            || named.ValueKind is JsonValueKind.Null)
        {
            return default;
        }

        if (named.ValueKind is not JsonValueKind.Object
            || !named.TryGetProperty("sha256Hash", out var hash) || hash.ValueKind is not JsonValueKind.String)
        {
            return new(null, GraphQLError.At("The extension persistedQuery must have the sha256Hash of the document."));
        }

        return named.TryGetProperty("version", out var version) && version.ValueKind is JsonValueKind.Number
            && version.TryGetInt32(out var number) && number == VersionKnown
            ? new(hash.GetString(), null)
            : new(null, GraphQLError.At("Unsupported persisted query version."));
    }

    /// <summary>The words and codes are those that Apollo's clients look for.</summary>
    private static GraphQLError Error(string message, string code) => GraphQLError.At(message) with
    {
        Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code },
    };
}
