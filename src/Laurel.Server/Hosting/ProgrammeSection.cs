using Laurel.Ledger;
using Laurel.Membership.Finance;
using Laurel.Membership.Programmes;

namespace Laurel.Server.Hosting;

/// <summary>The section <c>Programme</c> of the settings; what is absent stays as by default.</summary>
internal sealed class ProgrammeSection
{
    public string? TimeZone { get; set; }

    public string? Currency { get; set; }

    public List<Level>? Levels { get; set; }

    public long? MinorUnitsPerPoint { get; set; }

    public long? RegistrationPoints { get; set; }

    public long? FirstOrderPoints { get; set; }

    public long? OrderPointsMax { get; set; }

    public long? DayPointsMax { get; set; }

    public long? EarnPointsMax { get; set; }

    /// <summary>Days, or <c>never</c>.</summary>
    public string? ValidityDays { get; set; }

    public ShortfallPolicy? Shortfall { get; set; }

    public int? ReceivableRepaymentPercent { get; set; }

    public int? HoldDays { get; set; }

    public int? TimeAheadMinutesMax { get; set; }

    public FinanceRules? Finance { get; set; }

    public Programme Over(Programme defaults) => defaults with
    {
        TimeZone = TimeZone ?? defaults.TimeZone,
        Currency = Currency ?? defaults.Currency,
        Levels = Levels is { Count: > 0 } ? [.. Levels] : defaults.Levels,
        MinorUnitsPerPoint = MinorUnitsPerPoint ?? defaults.MinorUnitsPerPoint,
        RegistrationPoints = RegistrationPoints ?? defaults.RegistrationPoints,
        FirstOrderPoints = FirstOrderPoints ?? defaults.FirstOrderPoints,
        OrderPointsMax = OrderPointsMax ?? defaults.OrderPointsMax,
        DayPointsMax = DayPointsMax ?? defaults.DayPointsMax,
        EarnPointsMax = EarnPointsMax ?? defaults.EarnPointsMax,
        ValidityDays = ValidityDays switch
        {
            null => defaults.ValidityDays,
            "never" => null,
            { } days => int.TryParse(days, System.Globalization.CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new InvalidOperationException($"ValidityDays is a number of days or 'never', not '{days}'."),
        },
        Shortfall = Shortfall ?? defaults.Shortfall,
        ReceivableRepaymentPercent = ReceivableRepaymentPercent ?? defaults.ReceivableRepaymentPercent,
        HoldDays = HoldDays ?? defaults.HoldDays,
        TimeAheadMinutesMax = TimeAheadMinutesMax ?? defaults.TimeAheadMinutesMax,
        Finance = Finance ?? defaults.Finance,
    };
}
