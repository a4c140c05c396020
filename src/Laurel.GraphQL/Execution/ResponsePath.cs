using System.Collections.Immutable;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 7.1, "Errors", "path": a field or an item of the answer, as a step below another.</summary>
public sealed class ResponsePath
{
    private readonly ResponsePath? parent;
    private readonly object step;

    private ResponsePath(ResponsePath? parent, object step)
    {
        this.parent = parent;
        this.step = step;
        Depth = (parent?.Depth ?? 0) + 1;
    }

    /// <summary>How many steps it is long, at least 1.</summary>
    public int Depth { get; }

    public ImmutableArray<object> ToSteps()
    {
        var steps = new object[Depth];
        for (var path = this; path is not null; path = path.parent)
        {
            steps[path.Depth - 1] = path.step;
        }

        return [.. steps];
    }

    internal static ResponsePath Field(ResponsePath? parent, string responseName) => new(parent, responseName);

    internal static ResponsePath Item(ResponsePath parent, int index) => new(parent, index);
}
