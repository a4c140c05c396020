namespace Laurel.Membership.Benefits;

/// <summary>The versions of the programme in which a benefit changed, newest first.</summary>
public sealed record BenefitDefinitionHistory
{
    public required IReadOnlyList<BenefitDefinitionVersion> Items { get; init; }
}

/// <summary>A benefit as a version of the programme has it.</summary>
public sealed record BenefitDefinitionVersion
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that changed it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }

    /// <summary>Null when this version took the benefit away.</summary>
    public required BenefitDefinition? Benefit { get; init; }
}
