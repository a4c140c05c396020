using Laurel.Platform.Errors;

namespace Laurel.Membership.Units;

/// <summary>A unit that the merchant defines beside points, growth and stored money: whole numbers that do not lapse and are never owed.</summary>
public sealed record UnitDefinition
{
    /// <summary>Names the unit for good, in lower case: entries carry it.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    /// <summary>At most 1,000 characters; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Whether members may earn more of it. What they have stays theirs, and can be spent and adjusted.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Whether it can be spent; otherwise it is earned, taken back and adjusted only.</summary>
    public bool Spendable { get; init; } = true;

    public string NameIn(Language language) => language switch
    {
        Language.English => NameEnglish,
        Language.Chinese => NameChinese,
    };
}
