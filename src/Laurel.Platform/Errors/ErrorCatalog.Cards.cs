namespace Laurel.Platform.Errors;

/// <content>The refusals of cards and memberships.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfCards =>
    [
        new(
            ErrorCode.CardNotFound,
            404,
            "The card does not exist",
            "会员卡不存在",
            "The programme in force has no card {card}.",
            "当前会员计划中没有会员卡 {card}。")
        {
            Values = [new("card")],
        },
        new(
            ErrorCode.CardExists,
            409,
            "The card exists already",
            "会员卡已存在",
            "The programme in force has a card {card}. Replace it, or choose another code.",
            "当前会员计划中已有会员卡 {card}。请替换它，或使用其他编码。")
        {
            Values = [new("card")],
        },
        new(
            ErrorCode.CardDisabled,
            422,
            "The card is not sold",
            "会员卡已停售",
            "{card} is disabled: it can be neither bought nor renewed. Whoever holds it keeps it to its end.",
            "{card} 已停用：不能购买或续费。已持有者可使用至到期。")
        {
            Values = [new("card")],
        },
        new(
            ErrorCode.MembershipTooLong,
            422,
            "The membership would be too long",
            "会员期过长",
            "A membership of {card} lasts {monthsMax} months or {daysMax} days at the most, all its periods together.",
            "{card} 的会员期（所有周期合计）最长 {monthsMax} 个月或 {daysMax} 天。")
        {
            Values = [new("card"), new("monthsMax"), new("daysMax")],
        },
        new(
            ErrorCode.MembershipPurchaseNotFound,
            404,
            "The purchase does not exist",
            "会员卡购买记录不存在",
            "No card was bought under this reference by this member.",
            "该会员没有以此 reference 购买过会员卡。"),
        new(
            ErrorCode.MembershipNotHeld,
            422,
            "The member does not hold the card",
            "会员未持有该会员卡",
            "No membership of {card} is in force at the business time.",
            "在该业务时间没有生效中的 {card} 会员。")
        {
            Values = [new("card")],
        },
    ];
}
