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
