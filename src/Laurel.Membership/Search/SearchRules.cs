namespace Laurel.Membership.Search;

/// <summary>What a programme keeps so that members are found by it.</summary>
public sealed record SearchRules
{
    /// <summary>Whether spend, points and growth of every member are kept in an index of their own: members are then listed in their order, however many
    /// there are. It costs each write that changes one of them a row.</summary>
    public bool Figures { get; init; }
}
