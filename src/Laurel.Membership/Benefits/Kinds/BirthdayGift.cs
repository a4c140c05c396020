namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>birthday_gift</c>: a gift around the birthday that whoever asks tells, or while a grant of it lasts: the rule that listens to
/// birthdays makes one.</summary>
public sealed class BirthdayGift : BenefitKind<BirthdayGift.Terms>
{
    private const int DaysMax = 60;

    /// <param name="Gift">In words, a SKU for instance; null leaves it to the shop.</param>
    public sealed record Terms(string? Gift, int DaysBefore, int DaysAfter);

    public override string Code => "birthday_gift";

    protected override Terms Read(BenefitSettings settings) => new(
        settings.TextOrNull("gift", 200),
        (int)(settings.IntegerOrNull("daysBefore", 0, DaysMax) ?? 0),
        (int)(settings.IntegerOrNull("daysAfter", 0, DaysMax) ?? 0));

    protected override BenefitReason? WhyNot(Terms settings, BenefitFacts facts)
    {
        if (facts.IsGranted)
        {
            return null;
        }

        if (facts.Birthday is not { } birthday)
        {
            return new BenefitReason("birthday_unknown");
        }

        // The birthday next to the day may lie in the year before or after.
        var near = Enumerable.Range(facts.Day.Year - 1, 3).Any(year =>
        {
            var distance = facts.Day.DayNumber - In(birthday, year).DayNumber;
            return distance >= -settings.DaysBefore && distance <= settings.DaysAfter;
        });
        return near ? null : new BenefitReason("not_near_birthday");
    }

    protected override string? GiftOf(Terms settings) => settings.Gift;

    /// <summary>The birthday in a year; of 29 February the 28th in years that have none.</summary>
    private static DateOnly In(DateOnly birthday, int year) =>
        new(year, birthday.Month, Math.Min(birthday.Day, DateTime.DaysInMonth(year, birthday.Month)));
}
