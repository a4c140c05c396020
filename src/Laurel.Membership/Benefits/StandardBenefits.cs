using System.Collections.Immutable;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>The benefits of a programme that says nothing else. What a discount, shipping and points come to is the level's.</summary>
public static class StandardBenefits
{
    /// <summary>The package of a level that names none.</summary>
    public const string Standard = "standard";

    /// <summary>The benefit that the birthday rule grants.</summary>
    public const string BirthdayGift = "birthday_gift";

    /// <summary>The package from gold on.</summary>
    public const string Premium = "premium";

    public static ImmutableArray<BenefitDefinition> All { get; } =
    [
        new() { Code = "level_discount", NameEnglish = "Member discount", NameChinese = "会员折扣", Kind = "discount" },
        new() { Code = "level_free_shipping", NameEnglish = "Free shipping", NameChinese = "免邮门槛降低", Kind = "free_shipping" },
        new() { Code = "level_points", NameEnglish = "More points", NameChinese = "积分倍率", Kind = "points_multiplier" },
        new()
        {
            Code = BirthdayGift,
            NameEnglish = "Birthday gift",
            NameChinese = "生日礼品",
            Kind = "birthday_gift",
            Limits = [new() { Period = CapPeriod.Year, UsesMax = 1 }],
        },
        new() { Code = "priority_service", NameEnglish = "Personal service", NameChinese = "专属客服", Kind = "priority_service" },
        new() { Code = "priority_shipping", NameEnglish = "Priority shipping", NameChinese = "优先发货", Kind = "priority_shipping" },
    ];

    public static ImmutableArray<BenefitPackage> Packages { get; } =
    [
        new()
        {
            Code = Standard,
            NameEnglish = "Standard",
            NameChinese = "基础权益包",
            Benefits = ["level_discount", "level_free_shipping", "level_points", BirthdayGift],
        },
        new()
        {
            Code = Premium,
            NameEnglish = "Premium",
            NameChinese = "高级权益包",
            Benefits = ["level_discount", "level_free_shipping", "level_points", BirthdayGift, "priority_service", "priority_shipping"],
        },
    ];
}
