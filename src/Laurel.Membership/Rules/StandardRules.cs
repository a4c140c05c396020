using System.Collections.Immutable;
using Laurel.Membership.Benefits;

namespace Laurel.Membership.Rules;

/// <summary>The rules of a programme that nobody has changed: one for each source of points that shops know.</summary>
public static class StandardRules
{
    public const string Registration = "registration";
    public const string Order = "order";
    public const string FirstOrder = "first_order";
    public const string OrderGrowth = "order_growth";

    /// <summary>Caps of the same word count together: points of orders and bonus in one business day.</summary>
    private const string Orders = "order";

    /// <summary>In the order in which they pay.</summary>
    public static ImmutableArray<Rule> All { get; } =
    [
        new()
        {
            Code = Registration,
            NameEnglish = "Registration",
            NameChinese = "注册奖励",
            Trigger = EventTypes.MemberRegistered,
            Amount = RuleAmount.Of(100),
        },
        Once("profile", "Profile completed", "完善资料", EventTypes.ProfileCompleted, 50),
        new()
        {
            Code = Order,
            NameEnglish = "Order completed",
            NameChinese = "订单完成",
            Trigger = EventTypes.OrderCompleted,
            Amount = RuleAmount.Of(1, minorUnits: 100),
            LevelMultiplier = true,
            CampaignMultiplier = true,
            Caps = [new() { Period = CapPeriod.Transaction, PointsMax = 10_000 }, OrdersADay],
        },
        new()
        {
            Code = FirstOrder,
            NameEnglish = "First order",
            NameChinese = "首次购买",
            Trigger = EventTypes.OrderCompleted,
            Condition = "order.amount > 0 && !member.hasOrdered",
            Amount = RuleAmount.Of(200),
            Caps = [OrdersADay],
            Refund = RefundShare.WhenWhole,
        },
        new()
        {
            Code = OrderGrowth,
            NameEnglish = "Growth for orders",
            NameChinese = "订单成长值",
            Trigger = EventTypes.OrderCompleted,
            Unit = RuleUnits.Growth,
            Amount = RuleAmount.Of(1, minorUnits: 100),
        },
        new()
        {
            Code = "review",
            NameEnglish = "Product reviewed",
            NameChinese = "评价商品",
            Trigger = EventTypes.ProductReviewed,
            Amount = new RuleAmount
            {
                Expression = "10 + (has(event.data.photos) && event.data.photos > 0 ? 20 : 0) + (has(event.data.length) && event.data.length >= 50 ? 20 : 0)",
            },
            Caps = [UsesADay(5)],
        },
        new()
        {
            Code = "share",
            NameEnglish = "Product shared",
            NameChinese = "分享商品",
            Trigger = EventTypes.ProductShared,
            Amount = RuleAmount.Of(5),
            Caps = [UsesADay(3)],
        },
        new()
        {
            Code = "referral",
            NameEnglish = "Friend invited",
            NameChinese = "邀请好友",
            Trigger = EventTypes.ReferralCompleted,
            Amount = RuleAmount.Of(500),
        },
        Once("referral_joined", "Joined by invitation", "受邀注册", EventTypes.ReferralJoined, 100),
        new()
        {
            Code = "check_in",
            NameEnglish = "Daily check-in",
            NameChinese = "每日签到",
            Trigger = EventTypes.CheckedIn,
            Amount = new RuleAmount
            {
                Expression = "has(event.data.streak) && event.data.streak > 0 ? 5 + (event.data.streak % 7 == 0 ? 20 : 0)"
                    + " + (event.data.streak % 15 == 0 ? 50 : 0) + (event.data.streak % 30 == 0 ? 100 : 0) : 5",
            },
            Caps = [UsesADay(1)],
        },
        new()
        {
            Code = "login",
            NameEnglish = "Daily sign-in",
            NameChinese = "每日登录",
            Trigger = EventTypes.LoggedIn,
            Amount = RuleAmount.Of(1),
            Caps = [UsesADay(1)],
        },
        new()
        {
            Code = "birthday",
            NameEnglish = "Birthday",
            NameChinese = "生日福利",
            Trigger = EventTypes.Birthday,
            Amount = RuleAmount.Of(100),
            Caps = [new() { Period = CapPeriod.Year, UsesMax = 1 }],
        },
        new()
        {
            Code = "birthday_gift",
            NameEnglish = "Birthday gift",
            NameChinese = "生日礼品",
            Trigger = EventTypes.Birthday,
            Unit = RuleUnits.Benefit,
            Benefit = StandardBenefits.BirthdayGift,
            Amount = RuleAmount.Of(1),
            Caps = [new() { Period = CapPeriod.Year, UsesMax = 1 }],
            Validity = new LotValidity { Days = 30 },
        },
    ];

    private static RuleCap OrdersADay => new() { Period = CapPeriod.Day, PointsMax = 5_000, Shared = Orders };

    private static RuleCap UsesADay(long uses) => new() { Period = CapPeriod.Day, UsesMax = uses };

    private static Rule Once(string code, string english, string chinese, string trigger, long points) => new()
    {
        Code = code,
        NameEnglish = english,
        NameChinese = chinese,
        Trigger = trigger,
        Amount = RuleAmount.Of(points),
        Caps = [new() { Period = CapPeriod.Total, UsesMax = 1 }],
    };
}
