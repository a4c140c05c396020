using System.Globalization;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <content>Earnings that wait for the decision of a watch case.</content>
internal sealed partial class Posting
{
    /// <summary>The case that what is earned waits for; null where it waits for none.</summary>
    public long? HeldFor { get; init; }

    /// <summary>What waits already goes on to wait for what it waits for. Otherwise it lives as long as it would have, from its release on.</summary>
    private Waiting.ForEvent? WaitsForCase(string kind, GrantTerms terms)
    {
        if (HeldFor is not { } caseId || kind != EntryNames.Earn)
        {
            return null;
        }

        int? days = terms.ExpiresAt.IsWhenInactive ? PendingLot.UntilInactive
            : terms.ExpiresAt.IsNever
            ? Programme.Programme.ValidityDays is null ? null : Programmes.Programme.ValidityDaysMax
            : Math.Max(0, Programme.Calendar.DayOf(terms.ExpiresAt).DayNumber - Programme.Calendar.DayOf(Time).DayNumber - 1);
        return new Waiting.ForEvent(WatchCase.Event, caseId.ToString(CultureInfo.InvariantCulture), Instant.Never) { ValidityDays = days };
    }
}
