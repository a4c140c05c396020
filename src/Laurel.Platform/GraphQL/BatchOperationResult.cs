using System.Text.Json;
using Laurel.GraphQL.Binding;

namespace Laurel.Platform.GraphQL;

/// <summary>What became of several members that were changed in one call.</summary>
/// <param name="answer">As the operation tells it.</param>
[GraphQLType("BatchOperationResult")]
public sealed class BatchOperationResult(JsonElement answer)
{
    public bool Success => Failed == 0;

    public int Done { get; } = answer.GetProperty("done").GetInt32();

    public int Failed { get; } = answer.GetProperty("failed").GetInt32();

    public IReadOnlyList<BatchOperationItem> Results { get; } = [.. answer.GetProperty("results").EnumerateArray().Select(item => new BatchOperationItem(item))];
}

/// <summary>What became of one of them.</summary>
[GraphQLType("BatchOperationItem")]
public sealed class BatchOperationItem(JsonElement item)
{
    public string Id { get; } = item.GetProperty("memberId").GetString()!;

    public bool Done { get; } = item.GetProperty("done").GetBoolean();

    public string? Code { get; } = TextOrNull(item, "code");

    public string? Detail { get; } = TextOrNull(item, "detail");

    public bool Retryable { get; } = item.GetProperty("retryable").GetBoolean();

    private static string? TextOrNull(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;
}
