using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL;

/// <summary>One thing that is wrong with a document, a schema or a request.</summary>
/// <remarks>Section 7.1, "Errors". The message is for the developer who wrote the document.</remarks>
/// <param name="Locations">The stretches of the document that take part, the one to look at first before the others; may be empty.</param>
public sealed record GraphQLError(string Message, ImmutableArray<Location> Locations)
{
    internal const string LimitExtension = "limit";

    /// <summary>The response names (<see cref="string"/>) and indexes (<see cref="int"/>) down to the field that failed; empty for an
    /// error of the whole request.</summary>
    public ImmutableArray<object> Path { get; init; } = [];

    /// <summary>What programs read, such as a stable code; <c>null</c> without.</summary>
    public IReadOnlyDictionary<string, object?>? Extensions { get; init; }

    /// <summary>Whether a limit was passed: then the extensions have its name as "limit" and its value as "max".</summary>
    public bool IsOfLimit => Extensions?.ContainsKey(LimitExtension) is true;

    /// <summary>The message and every place by file, line and column: "… (members.graphql:3:1, orders.graphql:7:3)".</summary>
    public string Describe()
    {
        var places = Locations.Where(static place => place.Source is not null)
            .Select(static place => $"{place.Source!.Name}:{place.Position!.Value.Line}:{place.Position.Value.Column}")
            .ToList();
        return places.Count == 0 ? Message : $"{Message} ({string.Join(", ", places)})";
    }

    public static GraphQLError At(string message, Node? node) => new(message, Locate(node));

    public static GraphQLError At(string message, params ReadOnlySpan<Node?> nodes)
    {
        var locations = ImmutableArray.CreateBuilder<Location>(nodes.Length);
        foreach (var node in nodes)
        {
            locations.AddRange(Locate(node));
        }

        return new(message, locations.DrainToImmutable());
    }

    /// <summary>Something is larger than a limit allows.</summary>
    /// <param name="name">Of the limit: it stands in the extensions as "limit", beside "max".</param>
    internal static GraphQLError Beyond(string name, long max, string message, params ReadOnlySpan<Node?> nodes) => At(message, nodes) with
    {
        Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { [LimitExtension] = name, ["max"] = max },
    };

    private static ImmutableArray<Location> Locate(Node? node) => node is { Location.Source: not null } ? [node.Location] : [];
}
