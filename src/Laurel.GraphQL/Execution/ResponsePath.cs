using System.Collections.Immutable;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 7.1, "Errors", "path": a field or an item of the answer, as a step below another.</summary>
public sealed class ResponsePath
{
    private readonly ResponsePath? parent;
    private readonly string? name;
    private readonly int index;

    private ResponsePath()
    {
    }

    private ResponsePath(ResponsePath? parent, string? name, int index)
    {
        this.parent = parent;
        this.name = name;
        this.index = index;
        Depth = (parent?.Depth ?? 0) + 1;
    }

    /// <summary>The path of what has none: a fault in a source of events.</summary>
    internal static ResponsePath Source { get; } = new();

    /// <summary>How many steps it is long.</summary>
    public int Depth { get; }

    public ImmutableArray<object> ToSteps()
    {
        var steps = new object[Depth];
        for (var path = this; path is { Depth: > 0 }; path = path.parent)
        {
            steps[path.Depth - 1] = (object?)path.name ?? path.index;
        }

        return [.. steps];
    }

    internal static ResponsePath Field(ResponsePath? parent, string responseName) => new(parent, responseName, 0);

    internal static ResponsePath Item(ResponsePath parent, int index) => new(parent, null, index);
}
