using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Finance;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Rules;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Programmes;

/// <summary>A level of the programme.</summary>
public sealed record Level
{
    /// <summary>Stable, lower case: <c>bronze</c>.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    /// <summary>From which the level is held, inclusive: of lifetime points, unless the programme's level rules measure something else.</summary>
    public required long Threshold { get; init; }

    /// <summary>Points for a purchase are multiplied by this, times 10,000: 15,000 is 1.5.</summary>
    public required int MultiplierBasisPoints { get; init; }

    /// <summary>What remains of a price, times 10,000: 9,500 is 0.95.</summary>
    public required int DiscountBasisPoints { get; init; }

    /// <summary>Free shipping from this order amount, in minor units; 0 is always.</summary>
    public required long FreeShippingFrom { get; init; }

    /// <summary>At most 1,000 characters; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>An address or a name of a picture, at most 255 characters; null for none.</summary>
    public string? Icon { get; init; }

    /// <summary>As CSS writes it, at most 20 characters; null for none.</summary>
    public string? Color { get; init; }

    /// <summary>Whether members may come to it. Those who hold it keep it until their level is judged to be another.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Conditions each of which is as good as the threshold.</summary>
    public IReadOnlyList<LevelCondition> AnyOf { get; init => field = value ?? []; } = [];

    /// <summary>Conditions that have to hold too.</summary>
    public IReadOnlyList<LevelCondition> AllOf { get; init => field = value ?? []; } = [];

    /// <summary>How members fall from this level; null as the programme says.</summary>
    public LevelDowngrade? Downgrade { get; init; }

    /// <summary>Where its members are being moved, after which it is removed; null while it stays. The level is not active then.</summary>
    public string? MoveTo { get; init; }

    /// <summary>The code of the package of benefits that it gives; null gives none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Package { get; init; } = StandardBenefits.Standard;

    public string NameIn(Language language) => language switch
    {
        Language.English => NameEnglish,
        Language.Chinese => NameChinese,
    };
}

/// <summary>What a tenant's members earn and how. Versioned: every entry knows the version that made it.</summary>
public sealed record Programme
{
    /// <summary>Days of validity at the most that a setting may ask for: a century.</summary>
    public const int ValidityDaysMax = 36_500;

    public int Version { get; init; } = 1;

    /// <summary>IANA name of the business time zone.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>ISO 4217. Orders in another currency are refused.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>In ascending order of thresholds; the first has threshold 0.</summary>
    public ImmutableArray<Level> Levels { get; init; } = DefaultLevels;

    /// <summary>How levels are reached, kept and lost.</summary>
    public LevelRules LevelRules { get; init => field = value ?? new(); } = new();

    /// <summary>Ladders of levels beside this one, each judged for itself. Codes are unique.</summary>
    public ImmutableArray<LevelTrack> Tracks { get; init; } = [];

    /// <summary>Units of the merchant's own beside points, growth and stored money. Codes are unique, and none is ever removed.</summary>
    public ImmutableArray<UnitDefinition> Units { get; init; } = [];

    /// <summary>What is paid for which event. Codes are unique.</summary>
    public ImmutableArray<Rule> Rules { get; init; } = StandardRules.All;

    /// <summary>Campaigns that multiply what rules pay. Codes are unique.</summary>
    public ImmutableArray<MultiplierCampaign> Campaigns { get; init; } = [];

    /// <summary>What members may have beside points. Codes are unique.</summary>
    public ImmutableArray<BenefitDefinition> Benefits { get; init; } = StandardBenefits.All;

    /// <summary>Benefits that levels give together. Codes are unique.</summary>
    public ImmutableArray<BenefitPackage> Packages { get; init; } = StandardBenefits.Packages;

    /// <summary>Memberships that are sold by the period. Codes are unique.</summary>
    public ImmutableArray<MembershipCard> Cards { get; init; } = [];

    /// <summary>What coupons are made of. Codes are unique.</summary>
    public ImmutableArray<CouponTemplate> Coupons { get; init; } = [];

    /// <summary>What is unusual and what is done about it. Codes are unique.</summary>
    public ImmutableArray<WatchRule> Watch { get; init; } = StandardWatch.All;

    /// <summary>Points of one call of <c>POST /api/points/earn</c> at the most.</summary>
    public long EarnPointsMax { get; init; } = 10_000;

    /// <summary>Days after the business day of earning on which points can still be spent; null is for ever.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? ValidityDays { get; init; } = 365;

    /// <summary>How points lapse by inactivity, where they do.</summary>
    public InactivityRules Inactivity { get; init => field = value ?? new(); } = new();

    /// <summary>What a date makes of what members have already; null leaves it as it is.</summary>
    public Carryover? Carryover { get; init; }

    /// <summary>What a refund does about points that are no longer there.</summary>
    public ShortfallPolicy Shortfall { get; init; } = ShortfallPolicy.Negative;

    /// <summary>Share of a later earning that repays a receivable, 0 to 100.</summary>
    public int ReceivableRepaymentPercent { get; init; } = 50;

    /// <summary>How long a hold lasts when its caller names no end.</summary>
    public int HoldDays { get; init; } = 7;

    /// <summary>How far ahead of the clock a business time may lie, in minutes.</summary>
    public int TimeAheadMinutesMax { get; init; } = 5;

    /// <summary>At how many days before points lapse the member is told; each number once for each lot. Empty is never.</summary>
    public ImmutableArray<int> RemindDaysBefore { get; init; } = [30, 7];

    /// <summary>How many days after they lapsed points may be brought back at the most.</summary>
    public int ReinstateDaysMax { get; init; } = 30;

    /// <summary>How long what an order earned is held after a return was asked for, in days.</summary>
    public int ReturnFreezeDays { get; init; } = 7;

    /// <summary>An adjustment by hand of more points, up or down, takes a second person; null lets one person adjust any number.</summary>
    public long? AdjustPointsAloneMax { get; init; }

    /// <summary>At what rate members give points for stored money; null does not let them.</summary>
    public ExchangeTerms? PointsToBalance { get; init; }

    /// <summary>At what rate members have points for stored money; null does not let them.</summary>
    public ExchangeTerms? PointsFromBalance { get; init; }

    /// <summary>How points pay for orders; null lets no checkout be paid with them, and sets no limit to what is spent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public PaymentTerms? PointsPayment { get; init; } = new() { Points = 100, MinorUnits = 100, ShareBasisPointsMax = 5_000 };

    /// <summary>Limits of stored money.</summary>
    public BalanceRules Balance { get; init; } = new();

    /// <summary>How prices come about, and what checkouts may do.</summary>
    public CheckoutRules Checkout { get; init; } = new();

    /// <summary>What members may tell of themselves, and when that is all.</summary>
    public ProfileRules Profile { get; init => field = value ?? new(); } = new();

    /// <summary>How members leave for good.</summary>
    public CancellationRules Cancellation { get; init => field = value ?? new(); } = new();

    /// <summary>The code of the level from which on a member who signs in has the role <c>VIP</c>; null lets no level give it.</summary>
    public string? VipFrom { get; init; }

    /// <summary>What is kept so that members are found by it.</summary>
    public SearchRules Search { get; init => field = value ?? new(); } = new();

    /// <summary>What points are worth to the books.</summary>
    public FinanceRules Finance { get; init; } = new();

    public static ImmutableArray<Level> DefaultLevels { get; } =
    [
        new() { Code = "bronze", NameEnglish = "Bronze", NameChinese = "青铜会员", Threshold = 0, MultiplierBasisPoints = 10_000, DiscountBasisPoints = 10_000, FreeShippingFrom = 9_900 },
        new() { Code = "silver", NameEnglish = "Silver", NameChinese = "白银会员", Threshold = 1_000, MultiplierBasisPoints = 11_000, DiscountBasisPoints = 9_500, FreeShippingFrom = 8_900 },
        new() { Code = "gold", NameEnglish = "Gold", NameChinese = "黄金会员", Threshold = 5_000, MultiplierBasisPoints = 12_000, DiscountBasisPoints = 9_000, FreeShippingFrom = 6_900, Package = StandardBenefits.Premium },
        new() { Code = "platinum", NameEnglish = "Platinum", NameChinese = "铂金会员", Threshold = 20_000, MultiplierBasisPoints = 15_000, DiscountBasisPoints = 8_500, FreeShippingFrom = 4_900, Package = StandardBenefits.Premium },
        new() { Code = "diamond", NameEnglish = "Diamond", NameChinese = "钻石会员", Threshold = 50_000, MultiplierBasisPoints = 20_000, DiscountBasisPoints = 8_000, FreeShippingFrom = 0, Package = StandardBenefits.Premium },
    ];

    /// <summary>Whether a level gives the role <c>VIP</c>. One that the programme no longer has gives it to nobody.</summary>
    public bool IsVip(string level) => VipFrom is { } from && RankOf(from) is >= 0 and var least && RankOf(level) >= least;

    /// <summary>The level that a lifetime sum deserves; the first level below every threshold too.</summary>
    public Level LevelFor(long lifetime) => LevelFor(Levels, lifetime);

    internal static Level LevelFor(ImmutableArray<Level> levels, long lifetime)
    {
        var level = levels[0];
        foreach (var candidate in levels)
        {
            if (candidate.Active && lifetime >= candidate.Threshold)
            {
                level = candidate;
            }
        }

        return level;
    }

    /// <summary>Whether a level of a ladder is that of the lifetime sum, given as soon as the cooldown lets it be and lost by refunds alone: as by
    /// default.</summary>
    internal static bool JudgesByLifetimeAlone(ImmutableArray<Level> levels, LevelRules rules) =>
        rules == new LevelRules { Grace = rules.Grace, Period = rules.Period, CooldownHours = rules.CooldownHours }
        && levels.All(level => level.AnyOf.Count == 0 && level.AllOf.Count == 0 && level.Downgrade is null or LevelDowngrade.OnRefund);

    /// <summary>The level of that code, or the lowest when a later version has dropped it.</summary>
    public Level LevelOf(string code)
    {
        foreach (var level in Levels)
        {
            if (level.Code == code)
            {
                return level;
            }
        }

        return Levels[0];
    }

    public int RankOf(string code)
    {
        for (var i = 0; i < Levels.Length; i++)
        {
            if (Levels[i].Code == code)
            {
                return i;
            }
        }

        return 0;
    }

    /// <summary>The coupon template of that code; null when there is none.</summary>
    public CouponTemplate? FindCoupon(string code)
    {
        foreach (var template in Coupons)
        {
            if (template.Code == code)
            {
                return template;
            }
        }

        return null;
    }

    /// <summary>The unit of that code; null when there is none.</summary>
    public UnitDefinition? FindUnit(string code) => Units.FirstOrDefault(unit => unit.Code == code);

    /// <summary>Every mistake with its place, for whoever sent the programme; empty when it can be used.</summary>
    /// <param name="kinds">The kinds of benefits there are; null is those of the house.</param>
    public IReadOnlyList<FieldError> AllMistakes(BenefitKinds? kinds = null) => ProgrammeDocument.NothingsIn(this) is { Count: > 0 } nothings ? nothings :
    [
        .. FigureMistakes.Of(this),
        .. UnitMistakes.Of(this),
        .. LevelMistakes.Of(this),
        .. RuleMistakes.Of(this),
        .. CouponMistakes.Of(this),
        .. WatchMistakes.Of(this),
        .. BenefitMistakes.Of(this, kinds ?? BenefitKinds.OfTheHouse),
        .. CardMistakes.Of(this),
        .. ProfileMistakes.Of(this),
    ];

    /// <summary>Every mistake in a sentence, after its place; empty when it can be used.</summary>
    /// <param name="kinds">The kinds of benefits there are; null is those of the house.</param>
    public IReadOnlyList<string> Mistakes(BenefitKinds? kinds = null) =>
        [.. AllMistakes(kinds).Select(mistake => $"{mistake.Location}: {mistake.Detail(Language.English)}")];

    /// <summary>Why an instant that a caller names for a lot cannot be; null when it can: it lies at the business time or later, and a
    /// century ahead at the most.</summary>
    internal static Refusal? OutOfRange(Instant? named, Instant time, string code, string pointer)
    {
        var latest = time.Plus(TimeSpan.FromDays(ValidityDaysMax));
        return named is { } instant && (instant < time || instant > latest)
            ? new Refusal(code, ("earliest", time.ToString()), ("latest", latest.ToString())) { Pointer = pointer }
            : null;
    }
}
