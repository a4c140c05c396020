using Laurel.Membership.Benefits;

namespace Laurel.Samples.Benefits;

/// <summary><c>lounge_access</c>: a lounge that is open on some hours of the day, in UTC. Shows what a kind of benefit of one's own takes:
/// this class.</summary>
public sealed class LoungeAccess : BenefitKind<LoungeAccess.Terms>
{
    /// <param name="Lounge">The name under which access to it is asked for.</param>
    /// <param name="OpenHour">The first hour of the day, 0 to 23.</param>
    /// <param name="CloseHour">The hour at which it closes, 1 to 24.</param>
    public sealed record Terms(string Lounge, int OpenHour, int CloseHour);

    public override string Code => "lounge_access";

    protected override Terms Read(BenefitSettings settings)
    {
        var terms = new Terms(
            settings.Text("lounge", 64),
            (int)(settings.IntegerOrNull("openHour", 0, 23) ?? 0),
            (int)(settings.IntegerOrNull("closeHour", 1, 24) ?? 24));
        if (terms.CloseHour <= terms.OpenHour)
        {
            settings.Fail("closeHour", "NOTHING_BETWEEN");
        }

        return terms;
    }

    protected override BenefitReason? WhyNot(Terms settings, BenefitFacts facts)
    {
        var hour = facts.Time.ToDateTimeOffset().UtcDateTime.Hour;
        return hour >= settings.OpenHour && hour < settings.CloseHour ? null : new BenefitReason("lounge_closed", settings.OpenHour, hour);
    }

    protected override string? GiftOf(Terms settings) => $"A seat in {settings.Lounge}";

    protected override IEnumerable<string> Opens(Terms settings) => [settings.Lounge];
}
