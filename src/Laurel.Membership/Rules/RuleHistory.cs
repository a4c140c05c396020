namespace Laurel.Membership.Rules;

/// <summary>The versions of the programme in which a rule changed, newest first.</summary>
public sealed record RuleHistory
{
    public required IReadOnlyList<RuleVersion> Items { get; init; }
}

/// <summary>A rule as a version of the programme has it.</summary>
public sealed record RuleVersion
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that changed it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }

    /// <summary>Null when this version took the rule away.</summary>
    public required Rule? Rule { get; init; }
}
