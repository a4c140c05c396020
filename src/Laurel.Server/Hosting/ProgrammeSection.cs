using Laurel.Ledger;
using Laurel.Membership.Balance;
using Laurel.Membership.Finance;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Server.Hosting;

/// <summary>The section <c>Programme</c> of the settings: what it names is so at every start. What is absent stays as it is stored,
/// or as by default where nothing is.</summary>
internal sealed class ProgrammeSection
{
    public string? TimeZone { get; set; }

    public string? Currency { get; set; }

    public List<Level>? Levels { get; set; }

    public LevelRules? LevelRules { get; set; }

    public List<LevelTrack>? Tracks { get; set; }

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

    public long? AdjustPointsAloneMax { get; set; }

    public ExchangeTerms? PointsToBalance { get; set; }

    public ExchangeTerms? PointsFromBalance { get; set; }

    public PaymentTerms? PointsPayment { get; set; }

    public FinanceRules? Finance { get; set; }

    public BalanceRules? Balance { get; set; }

    public List<int>? RemindDaysBefore { get; set; }

    public int? ReinstateDaysMax { get; set; }

    public int? ReturnFreezeDays { get; set; }

    public Programme Over(Programme stored) => stored with
    {
        TimeZone = TimeZone ?? stored.TimeZone,
        Currency = Currency ?? stored.Currency,
        Levels = Levels is { Count: > 0 } ? [.. Levels] : stored.Levels,
        LevelRules = LevelRules ?? stored.LevelRules,
        Tracks = Tracks is { } tracks ? [.. tracks] : stored.Tracks,
        Rules = StandardFigures.Apply(stored.Rules, new StandardFigures
        {
            MinorUnitsPerPoint = MinorUnitsPerPoint,
            RegistrationPoints = RegistrationPoints,
            FirstOrderPoints = FirstOrderPoints,
            OrderPointsMax = OrderPointsMax,
            DayPointsMax = DayPointsMax,
        }),
        EarnPointsMax = EarnPointsMax ?? stored.EarnPointsMax,
        ValidityDays = ValidityDays switch
        {
            null => stored.ValidityDays,
            "never" => null,
            { } days => int.TryParse(days, System.Globalization.CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new InvalidOperationException($"ValidityDays is a number of days or 'never', not '{days}'."),
        },
        Shortfall = Shortfall ?? stored.Shortfall,
        ReceivableRepaymentPercent = ReceivableRepaymentPercent ?? stored.ReceivableRepaymentPercent,
        HoldDays = HoldDays ?? stored.HoldDays,
        TimeAheadMinutesMax = TimeAheadMinutesMax ?? stored.TimeAheadMinutesMax,
        RemindDaysBefore = RemindDaysBefore is { } reminded ? [.. reminded] : stored.RemindDaysBefore,
        ReinstateDaysMax = ReinstateDaysMax ?? stored.ReinstateDaysMax,
        ReturnFreezeDays = ReturnFreezeDays ?? stored.ReturnFreezeDays,
        AdjustPointsAloneMax = AdjustPointsAloneMax ?? stored.AdjustPointsAloneMax,
        PointsToBalance = PointsToBalance ?? stored.PointsToBalance,
        PointsFromBalance = PointsFromBalance ?? stored.PointsFromBalance,
        PointsPayment = PointsPayment ?? stored.PointsPayment,
        Balance = Balance ?? stored.Balance,
        Finance = Finance ?? stored.Finance,
    };
}
