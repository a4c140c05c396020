namespace Laurel.Membership.Search;

/// <summary>What has to hold of a member.</summary>
/// <param name="Holds">Asked of the candidate <c>d.id</c>, whose row is <c>m</c> where <paramref name="NeedsRow"/>. A scalar, so that no planner turns it into
/// a walk over everything for which it holds.</param>
/// <param name="Index">Finds the members for whom it holds; null where nothing does, so that it is only asked.</param>
internal sealed record SearchCondition(string Holds, bool NeedsRow, SearchIndex? Index = null)
{
    /// <summary>That it does not hold.</summary>
    public SearchCondition Not => new($"NOT ({Holds})", NeedsRow);
}

/// <summary>Rows that an index has in an order.</summary>
/// <param name="From">The rows, after FROM, with what they are found by.</param>
/// <param name="Id">The member's id in them.</param>
/// <param name="Column">By what they are in order before the id; null where it is the id alone.</param>
/// <param name="IsExact">Whether it names somebody: whoever it finds comes before all others.</param>
internal sealed record SearchIndex(string From, string Id, string? Column = null, bool IsExact = false)
{
    /// <summary>The order of the index. Every statement asks for it, so that no planner takes another road.</summary>
    public string Order => Column is null ? Id : $"{Column}, {Id}";
}

/// <summary>One way in which a member may match.</summary>
/// <param name="Conditions">All of them hold.</param>
/// <param name="Names">What the nickname or the real name has to contain, each of them, for the pairs of a long name may stand apart.</param>
internal sealed record SearchAlternative(IReadOnlyList<SearchCondition> Conditions, IReadOnlyList<string> Names)
{
    public static readonly SearchAlternative All = new([], []);

    /// <summary>Whether it names somebody.</summary>
    public bool IsExact => Conditions.Any(condition => condition.Index is { IsExact: true });

    public SearchAlternative And(SearchAlternative other) => new([.. Conditions, .. other.Conditions], [.. Names, .. other.Names]);

    /// <summary>The same, but for whom another finds.</summary>
    public SearchAlternative Without(IEnumerable<SearchAlternative> others) =>
        this with { Conditions = [.. Conditions, .. others.SelectMany(other => other.Conditions).Select(condition => condition.Not)] };
}
