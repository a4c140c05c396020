namespace Laurel.Platform.Errors;

/// <content>What is refused of coupons.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] Coupons =>
    [
        new(
            ErrorCode.CouponTemplateNotFound,
            404,
            "The coupon template does not exist",
            "优惠券模板不存在",
            "The programme has no coupon template {template}.",
            "本计划没有优惠券模板 {template}。")
        {
            Values = [new("template")],
        },
        new(
            ErrorCode.CouponTemplateExists,
            409,
            "The coupon template exists already",
            "优惠券模板已存在",
            "The programme has a coupon template {template} already; PUT changes it.",
            "本计划已有优惠券模板 {template}；请用 PUT 修改。")
        {
            Values = [new("template")],
        },
        new(
            ErrorCode.CouponNotFound,
            404,
            "The coupon does not exist",
            "优惠券不存在",
            "The member has no coupon {coupon}.",
            "该会员没有优惠券 {coupon}。")
        {
            Values = [new("coupon")],
        },
        new(
            ErrorCode.CouponNotClaimable,
            422,
            "The coupon cannot be had",
            "无法领取该优惠券",
            "No coupon {template} for this member now: {reason} (inactive, issuedOnly, notYet, over, level, notNew).",
            "该会员目前不能领取优惠券 {template}：{reason}（inactive 已停用、issuedOnly 仅限发放、notYet 未开始、over 已结束、level 等级不符、notNew 非新会员）。")
        {
            Values = [new("template"), new("reason")],
        },
        new(
            ErrorCode.CouponLimitReached,
            422,
            "The member has had all coupons of this kind",
            "已达每人限领数量",
            "Each member gets {perMember} of {template} at the most, and this one has had them.",
            "优惠券 {template} 每人限领 {perMember} 张，该会员已领完。")
        {
            Values = [new("template"), new("perMember")],
        },
        new(
            ErrorCode.CouponSoldOut,
            422,
            "All coupons are taken",
            "优惠券已领完",
            "All {stock} coupons of {template} are taken.",
            "优惠券 {template} 共 {stock} 张，已全部领完。")
        {
            Values = [new("template"), new("stock")],
        },
        new(
            ErrorCode.CouponExpired,
            422,
            "The coupon has expired",
            "优惠券已过期",
            "The coupon {coupon} came to its end at {expiresAt}.",
            "优惠券 {coupon} 已于 {expiresAt} 到期。")
        {
            Values = [new("coupon"), new("expiresAt")],
        },
        new(
            ErrorCode.CouponNotYetValid,
            422,
            "The coupon is not valid yet",
            "优惠券尚未生效",
            "The coupon {coupon} can be used from {validFrom} on.",
            "优惠券 {coupon} 自 {validFrom} 起可用。")
        {
            Values = [new("coupon"), new("validFrom")],
        },
        new(
            ErrorCode.CouponLocked,
            409,
            "The coupon is set aside for an order",
            "优惠券已被订单锁定",
            "The coupon {coupon} is set aside for order {orderId} until {until}. Release it, or use it for that order.",
            "优惠券 {coupon} 已为订单 {orderId} 锁定至 {until}。请先释放，或用于该订单。")
        {
            Values = [new("coupon"), new("orderId"), new("until")],
        },
        new(
            ErrorCode.CouponLockTimeInvalid,
            422,
            "The lock would end at a time that it cannot",
            "锁定结束时间无效",
            "A lock ends after it begins, and at most {daysMax} days later.",
            "锁定必须在开始之后结束，且最长 {daysMax} 天。")
        {
            Values = [new("daysMax")],
        },
        new(
            ErrorCode.CouponUsed,
            409,
            "The coupon is used",
            "优惠券已使用",
            "Order {orderId} has used the coupon {coupon}.",
            "优惠券 {coupon} 已用于订单 {orderId}。")
        {
            Values = [new("coupon"), new("orderId")],
        },
        new(
            ErrorCode.CouponGone,
            409,
            "The member no longer has the coupon",
            "会员已不再持有该优惠券",
            "The coupon {coupon} is {state}.",
            "优惠券 {coupon} 的状态为 {state}。")
        {
            Values = [new("coupon"), new("state")],
        },
        new(
            ErrorCode.CouponNotOfOrder,
            409,
            "The order does not have the coupon so",
            "优惠券与订单不符",
            "The coupon {coupon} is not {wanted} by this order; it is {state}.",
            "优惠券 {coupon} 相对于该订单并非 {wanted}，其状态为 {state}。")
        {
            Values = [new("coupon"), new("wanted"), new("state")],
        },
        new(
            ErrorCode.CouponNotStackable,
            422,
            "The coupons cannot be used together",
            "优惠券不可叠加",
            "The coupons {coupon} and {other} cannot be used by one order: both must be stackable and of different groups.",
            "优惠券 {coupon} 与 {other} 不能用于同一订单：两者须可叠加且分属不同组。")
        {
            Values = [new("coupon"), new("other")],
        },
        new(
            ErrorCode.CouponDiscountTooGreat,
            422,
            "The coupon gives less than that",
            "优惠金额超出优惠券面额",
            "The coupon {coupon} gives {discountMax} at the most, and {discount} was asked for.",
            "优惠券 {coupon} 最多优惠 {discountMax}，而请求为 {discount}。")
        {
            Values = [new("coupon"), new("discount"), new("discountMax")],
        },
        new(
            ErrorCode.CouponNotReturnable,
            422,
            "The coupon is not given back",
            "优惠券不予退还",
            "By its terms the coupon {coupon} is not given back when the order is refunded.",
            "按其条款，订单退款时优惠券 {coupon} 不予退还。")
        {
            Values = [new("coupon")],
        },
        new(
            ErrorCode.CouponNotTransferable,
            422,
            "The coupon cannot be given away",
            "优惠券不可转赠",
            "By its terms the coupon {coupon} stays with its member.",
            "按其条款，优惠券 {coupon} 不可转赠。")
        {
            Values = [new("coupon")],
        },
        new(
            ErrorCode.CouponCodeNotFound,
            404,
            "The code leads to no coupon",
            "兑换码无效",
            "No coupon waits under this code. Letters and hyphens may be written in any way; look at the digits.",
            "没有与此兑换码对应的优惠券。大小写与连字符不限，请核对字符。"),
        new(
            ErrorCode.CouponCodeExists,
            409,
            "A code exists already",
            "兑换码已存在",
            "A code that ends in {lastFour} is there already; none of the call was added.",
            "以 {lastFour} 结尾的兑换码已存在；本次调用未添加任何兑换码。")
        {
            Values = [new("lastFour")],
        },
        new(
            ErrorCode.CouponCodeUsed,
            409,
            "The code was redeemed",
            "兑换码已使用",
            "The coupon of this code was taken already.",
            "此兑换码的优惠券已被领取。"),
        new(
            ErrorCode.CouponBatchNotFound,
            404,
            "The batch does not exist",
            "批次不存在",
            "There is no batch {batch} of the template.",
            "该模板没有批次 {batch}。")
        {
            Values = [new("batch")],
        },
        new(
            ErrorCode.CouponBatchNotReady,
            409,
            "The codes cannot be fetched",
            "兑换码不可下载",
            "The batch {batch} is {state}: its codes are told once, when all of them are made.",
            "批次 {batch} 的状态为 {state}：全部生成后，兑换码只提供一次。")
        {
            Values = [new("batch"), new("state")],
        },
        new(
            ErrorCode.CouponShareNotFound,
            404,
            "The link does not exist",
            "分享链接不存在",
            "No coupons are shared under this token.",
            "没有以此 token 分享的优惠券。"),
        new(
            ErrorCode.CouponShareEnded,
            422,
            "The link has ended",
            "分享链接已结束",
            "The link has come to its end, was revoked, or its owner is not active.",
            "分享链接已到期、已被撤销，或分享者不是有效会员。"),
        new(
            ErrorCode.CouponShareEmpty,
            422,
            "Nothing is left of the link",
            "分享的优惠券已领完",
            "Every coupon of the link is given, used or gone.",
            "该链接的优惠券均已被领取、使用或失效。"),
        new(
            ErrorCode.CouponShareEndOutOfRange,
            422,
            "The link cannot end then",
            "分享链接的结束时间无效",
            "endTime must lie after {after} and not after {latest}.",
            "endTime 必须晚于 {after}，且不晚于 {latest}。")
        {
            Values = [new("after"), new("latest")],
        },
    ];
}
