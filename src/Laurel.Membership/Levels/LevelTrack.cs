using System.Collections.Immutable;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Levels;

/// <summary>A ladder of levels beside the main one, judged by rules of its own.</summary>
/// <remarks>Its levels give their packages of benefits. Multiplier, discount and free shipping are figures of the main ladder alone.</remarks>
public sealed record LevelTrack
{
    /// <summary>Tracks of a programme at the most: each is judged with every movement.</summary>
    public const int TracksMax = 10;

    /// <summary>Stable, lower case: <c>vip</c>.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    /// <summary>In ascending order of thresholds; the first has threshold 0 and is everybody's who has no higher one.</summary>
    public required ImmutableArray<Level> Levels { get; init; }

    /// <summary>How its levels are reached, kept and lost.</summary>
    public LevelRules LevelRules { get; init => field = value ?? new(); } = new();

    public string NameIn(Language language) => language switch
    {
        Language.English => NameEnglish,
        Language.Chinese => NameChinese,
    };
}
