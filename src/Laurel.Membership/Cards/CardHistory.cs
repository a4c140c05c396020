namespace Laurel.Membership.Cards;

/// <summary>The versions of the programme in which a card changed, newest first.</summary>
public sealed record CardHistory
{
    public required IReadOnlyList<CardVersion> Items { get; init; }
}

/// <summary>A card as a version of the programme has it.</summary>
public sealed record CardVersion
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that changed it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }

    /// <summary>Null when this version took the card away.</summary>
    public required MembershipCard? Card { get; init; }
}
