using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Loading;

namespace Laurel.GraphQL.Execution;

/// <summary>A request for the executor.</summary>
public sealed record ExecutionRequest
{
    /// <summary>The default of <see cref="DepthMax"/>.</summary>
    public const int DepthMaxDefault = 100;

    /// <summary>Parsed and validated.</summary>
    public required DocumentNode Document { get; init; }

    /// <summary><c>null</c> for the only operation of the document.</summary>
    public string? OperationName { get; init; }

    /// <summary>An object; null or undefined when none are given.</summary>
    public JsonElement Variables { get; init; }

    /// <summary>What root fields have as their source.</summary>
    public object? Root { get; init; }

    /// <summary>What resolvers get as <see cref="FieldRequest.Context"/>.</summary>
    public object? Context { get; init; }

    /// <summary>How many fields and lists may lie within each other, 1 to 500: fragments nest fields deeper than a document is
    /// nested, and each level is calls on the stack. Default <see cref="DepthMaxDefault"/>.</summary>
    public int DepthMax
    {
        get;
        init => field = value is >= 1 and <= 500 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 500.");
    } = DepthMaxDefault;

    /// <summary>Hears of exceptions, and says what is told of them; <c>null</c> when nobody does.</summary>
    public HearFault? OnFault { get; init; }

    /// <summary>What the loaders in <see cref="Context"/> were made with; <c>null</c> when there are none.</summary>
    public LoaderQueue? Loaders { get; init; }
}
