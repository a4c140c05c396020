using System.Globalization;
using Laurel.Membership.Balance;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Finance;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Programmes;

/// <summary>Finds everything that is wrong with the figures of a programme. What passes can be reckoned with.</summary>
internal sealed class FigureMistakes
{
    private static readonly Wording s_zone = new("an IANA time zone that this system knows, such as Asia/Shanghai", "本系统支持的 IANA 时区，例如 Asia/Shanghai");
    private static readonly Wording s_currency = new("a code of three letters (ISO 4217)", "三个字母的货币代码（ISO 4217）");
    internal static readonly Wording RisingLevels = new("levels with codes of their own that rise in their thresholds, the first from 0 on", "编码互不相同、门槛逐级升高且首级从 0 开始的等级");
    private static readonly Wording s_level = new("the code of a level of this programme", "本计划中某个等级的编码");

    private static readonly Wording s_days = new("numbers of days from 1 to 365", "1 到 365 之间的天数");
    private static readonly Wording s_atLeastMin = new("at least as much as the least amount", "不小于最小金额");
    private static readonly Wording s_wholeSteps = new(
        "a number of points whose worth is a whole number of minor units", "折算后恰为整数分的积分数");
    private static readonly Wording s_steps = new("steps of the price, none of them twice", "互不重复的计价步骤");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new FigureMistakes();
        mistakes.Look(programme);
        mistakes.Look(programme.PointsToBalance, "/pointsToBalance");
        mistakes.Look(programme.PointsFromBalance, "/pointsFromBalance");
        mistakes.Look(programme.PointsPayment, "/pointsPayment");
        mistakes.Look(programme.Balance, "/balance");
        mistakes.Look(programme.Finance, "/finance");
        mistakes.Look(programme.Checkout, "/checkout");
        return mistakes._found;
    }

    private void Look(Programme programme)
    {
        var levels = programme.Levels;
        Expect(TimeZoneInfo.TryFindSystemTimeZoneById(programme.TimeZone, out _), "/timeZone", s_zone);
        Expect(programme.Currency.Length == 3, "/currency", s_currency);
        var rise = !levels.IsDefaultOrEmpty && levels[0].Threshold == 0
            && levels.Zip(levels.Skip(1)).All(pair => pair.First.Threshold < pair.Second.Threshold)
            && levels.Select(level => level.Code).Distinct().Count() == levels.Length;
        Expect(rise, "/levels", RisingLevels);
        for (var i = 0; !levels.IsDefault && i < levels.Length; i++)
        {
            Range(levels[i].MultiplierBasisPoints, 0, 1_000_000, string.Create(CultureInfo.InvariantCulture, $"/levels/{i}/multiplierBasisPoints"));
        }

        Range(programme.EarnPointsMax, 1, long.MaxValue, "/earnPointsMax");
        Range(programme.ValidityDays, 0, Programme.ValidityDaysMax, "/validityDays");
        Range(programme.ReceivableRepaymentPercent, 0, 100, "/receivableRepaymentPercent");
        Range(programme.HoldDays, 1, Programme.ValidityDaysMax, "/holdDays");
        Range(programme.TimeAheadMinutesMax, 0, 1_440, "/timeAheadMinutesMax");
        Expect(!programme.RemindDaysBefore.IsDefault && programme.RemindDaysBefore.All(days => days is > 0 and <= 365), "/remindDaysBefore", s_days);
        Range(programme.ReinstateDaysMax, 0, 3_650, "/reinstateDaysMax");
        Range(programme.ReturnFreezeDays, 1, 365, "/returnFreezeDays");
        Range(programme.Cancellation.CoolingOffDays, 0, 365, "/cancellation/coolingOffDays");
        Expect(programme.VipFrom is null || programme.Levels.Any(level => level.Code == programme.VipFrom), "/vipFrom", s_level);
        Range(programme.AdjustPointsAloneMax, 0, long.MaxValue, "/adjustPointsAloneMax");
    }

    private void Look(ExchangeTerms? terms, string at)
    {
        if (terms is null)
        {
            return;
        }

        var before = _found.Count;
        Range(terms.Points, 1, ExchangeTerms.RateMax, $"{at}/points");
        Range(terms.MinorUnits, 1, ExchangeTerms.RateMax, $"{at}/minorUnits");
        Range(terms.PointsMin, 1, ExchangeTerms.RateMax, $"{at}/pointsMin");
        Range(terms.PointsStep, 1, ExchangeTerms.RateMax, $"{at}/pointsStep");
        Expect(_found.Count > before || terms.PointsStep * terms.MinorUnits % terms.Points == 0, $"{at}/pointsStep", s_wholeSteps);
    }

    private void Look(PaymentTerms? terms, string at)
    {
        if (terms is not null)
        {
            Range(terms.Points, 1, ExchangeTerms.RateMax, $"{at}/points");
            Range(terms.MinorUnits, 1, ExchangeTerms.RateMax, $"{at}/minorUnits");
            Range(terms.ShareBasisPointsMax, 0, 10_000, $"{at}/shareBasisPointsMax");
        }
    }

    private void Look(BalanceRules rules, string at)
    {
        Range(rules.RechargeAmountMin, 1, long.MaxValue, $"{at}/rechargeAmountMin");
        Expect(rules.RechargeAmountMax >= rules.RechargeAmountMin, $"{at}/rechargeAmountMax", s_atLeastMin);
        Range(rules.RechargeMinutes, 1, BalanceRules.RechargeMinutesMax, $"{at}/rechargeMinutes");
        Range(rules.WithdrawalAmountMin, 1, long.MaxValue, $"{at}/withdrawalAmountMin");
        Expect(rules.WithdrawalAmountMax >= rules.WithdrawalAmountMin, $"{at}/withdrawalAmountMax", s_atLeastMin);
        Range(rules.WithdrawalDayAmountMax, 0, long.MaxValue, $"{at}/withdrawalDayAmountMax");
        Range(rules.WithdrawalDayCountMax, 0, long.MaxValue, $"{at}/withdrawalDayCountMax");
        Range(rules.SecondApproverAbove, 0, long.MaxValue, $"{at}/secondApproverAbove");
    }

    private void Look(FinanceRules rules, string at)
    {
        Range(rules.ValuePoints, 1, FinanceRules.ValueMax, $"{at}/valuePoints");
        Range(rules.ValueMinorUnits, 0, FinanceRules.ValueMax, $"{at}/valueMinorUnits");
        Range(rules.RedemptionBasisPoints, 0, FinanceRules.WholeBasisPoints, $"{at}/redemptionBasisPoints");
    }

    private void Look(CheckoutRules rules, string at)
    {
        var known = !rules.Steps.IsDefault && rules.Steps.Distinct().Count() == rules.Steps.Length && rules.Steps.All(Enum.IsDefined);
        Expect(known, $"{at}/steps", s_steps);
        Range(rules.ReserveMinutes, 1, CheckoutRules.ReserveMinutesMax, $"{at}/reserveMinutes");
        Range(rules.ReturnedPointsDaysMin, 0, CheckoutRules.ReturnedPointsDaysMinMax, $"{at}/returnedPointsDaysMin");
    }

    private void Range(long? value, long min, long max, string at)
    {
        if (value < min || value > max)
        {
            _found.Add(new FieldError(FieldErrorCode.OutOfRange, FieldOrigin.Body, at, ("min", min), ("max", max)));
        }
    }

    private void Expect(bool holds, string at, Wording expected)
    {
        if (!holds)
        {
            _found.Add(new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Body, at, ("expected", expected)));
        }
    }
}
