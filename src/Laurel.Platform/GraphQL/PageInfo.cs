using Laurel.GraphQL.Binding;

namespace Laurel.Platform.GraphQL;

/// <summary>Where a list goes on.</summary>
/// <param name="EndCursor">Null on the last page.</param>
[GraphQLType("PageInfo")]
public sealed record PageInfo(string? EndCursor)
{
    public bool HasNextPage => EndCursor is not null;
}
