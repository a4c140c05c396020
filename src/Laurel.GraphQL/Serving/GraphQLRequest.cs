using System.Text.Json;

namespace Laurel.GraphQL.Serving;

/// <summary>One request as it came, whatever carried it.</summary>
public sealed record GraphQLRequest
{
    /// <summary>The document; <c>null</c> when a persisted one is meant.</summary>
    public string? Query { get; init; }

    /// <summary>The name of a persisted document, as GraphQL over HTTP has it; <c>null</c> without. <see cref="Extensions"/> may name one too.</summary>
    public string? DocumentId { get; init; }

    /// <summary><c>null</c> for the only operation of the document.</summary>
    public string? OperationName { get; init; }

    /// <summary>An object; null or undefined when none are given.</summary>
    public JsonElement Variables { get; init; }

    /// <summary>An object; null or undefined when none are given. Its <c>persistedQuery</c> names a document by its hash.</summary>
    public JsonElement Extensions { get; init; }
}
