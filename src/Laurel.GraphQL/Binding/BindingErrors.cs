using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Binding;

/// <summary>Where a schema and C# meet.</summary>
/// <param name="Coordinate">Of the schema: Type.field, Type.field(argument:), Input.field, Enum.VALUE or a type.</param>
/// <param name="Member">Of C#, as people call it.</param>
/// <param name="Node">The definition in the schema; <c>null</c> without.</param>
internal readonly record struct BoundPlace(string Coordinate, string Member, Node? Node);

/// <summary>All that does not fit, each with its place and what to do.</summary>
internal sealed class BindingErrors
{
    private readonly ImmutableArray<GraphQLError>.Builder errors = ImmutableArray.CreateBuilder<GraphQLError>();

    public ImmutableArray<GraphQLError> All => [.. errors];

    /// <param name="problem">Goes on after the member's name, and says what to do in a sentence of its own.</param>
    public void Add(BoundPlace place, string problem) => errors.Add(GraphQLError.At($"{place.Coordinate}: {place.Member} {problem}", place.Node));

    /// <summary>That null may be where it may not, or the reverse.</summary>
    public void AddNull(BoundPlace place, string problem) => Add(place, problem + " Let both say the same.");
}
