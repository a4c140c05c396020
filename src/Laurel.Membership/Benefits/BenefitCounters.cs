using System.Collections.Immutable;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>The counters of uses: one for each period, whether it is limited or not, so that a limit that is set later finds what was used
/// before.</summary>
internal static class BenefitCounters
{
    /// <summary>Before the names of benefits among the limits of a member: no rule can be named so.</summary>
    public const string Prefix = "benefit:";

    /// <summary>Counts the uses that checkouts of the member hold. Where it is zero, as it is for whoever never had such a checkout, none are looked for.</summary>
    public static readonly LimitKey Held = new("benefit-held", 0);

    public static readonly ImmutableArray<CapPeriod> Periods = [CapPeriod.Day, CapPeriod.Month, CapPeriod.Year, CapPeriod.Total];

    public static LimitKey KeyOf(string benefit, CapPeriod period, DateOnly day) =>
        new($"{Prefix}{benefit}:{CapPeriods.NameOf(period)}", CapPeriods.NumberOf(period, day));

    /// <summary>Those that a use on a day counts in.</summary>
    public static IEnumerable<LimitKey> Of(string benefit, DateOnly day) => Periods.Select(period => KeyOf(benefit, period, day));
}
