using System.Collections.Immutable;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>exclusive_event</c>: opens what is not open to everybody.</summary>
public sealed class ExclusiveEvent : BenefitKind<ExclusiveEvent.Terms>
{
    /// <param name="Events">The names under which access to them is asked for.</param>
    public sealed record Terms(ImmutableArray<string> Events);

    public override string Code => "exclusive_event";

    protected override Terms Read(BenefitSettings settings)
    {
        var events = settings.Texts("events", 100, BenefitLimits.FeatureLengthMax);
        if (events.Count == 0)
        {
            settings.Fail("events", FieldErrorCode.Required);
        }

        return new Terms([.. events]);
    }

    protected override IEnumerable<string> Opens(Terms settings) => settings.Events;
}
