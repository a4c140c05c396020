using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Programmes;

/// <summary>What a date makes of what members have already. Without one a changed programme is for new earnings only: lots keep their ends, and
/// levels are kept until something judges them.</summary>
/// <remarks>It is carried out once for each member who was enrolled before the date. Another carryover has a later date.</remarks>
public sealed record Carryover
{
    /// <summary>From then on; business time.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>How long lots live that are active by then and have not lapsed, from their activation on, and never shorter than until the date;
    /// null leaves them as they are.</summary>
    public LotValidity? Lots { get; init; }

    /// <summary>Whether each level is judged anew by then, up or down; otherwise members keep theirs until the end of a period or a refund judges it.</summary>
    public bool JudgesLevels { get; init; }

    /// <summary>What stays enough for a level of the main ladder, for members who hold theirs since before the date, until the end of a period: no refund takes a
    /// level away for which it was enough before the change. None: the thresholds of now hold for everybody.</summary>
    public ImmutableArray<KeptLevel> KeptLevels { get; init; } = [];

    /// <summary>Whether there is something to be carried out for each member.</summary>
    internal bool Carries => Lots is not null || JudgesLevels;

    internal Instant At => Instant.From(From);

    /// <summary>When a lot lapses from then on; null where it stays as it is.</summary>
    internal Instant? EndOf(ActiveProgramme programme, Instant activeAt, Instant expiresAt)
    {
        if (Lots is null || activeAt >= At)
        {
            return null;
        }

        var end = programme.ExpiryOf(activeAt, Lots);
        end = end < At ? At : end;
        return end == expiresAt ? null : end;
    }
}

/// <summary>What was enough for a level before a change.</summary>
public sealed record KeptLevel
{
    /// <summary>The code of a level but the lowest.</summary>
    public required string Level { get; init; }

    /// <summary>Of the measure of levels; at most the level's threshold of now.</summary>
    public required long Threshold { get; init; }
}
