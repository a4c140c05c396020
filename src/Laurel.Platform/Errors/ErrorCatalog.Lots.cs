namespace Laurel.Platform.Errors;

/// <summary>The refusals of the life of lots and of returns.</summary>
public static partial class ErrorCatalog
{
    private static IEnumerable<ErrorKind> OfLots =>
    [
        new(
            ErrorCode.LotNotFound,
            404,
            "The lot does not exist",
            "批次不存在",
            "The member has no lot of this id.",
            "该会员没有此编号的批次。"),
        new(
            ErrorCode.LotNotPending,
            409,
            "The lot is not pending",
            "批次并非待生效",
            "The lot is active already, or was cancelled or taken back.",
            "该批次已生效、已取消或已被收回。"),
        new(
            ErrorCode.LotNotLive,
            422,
            "The lot is not live",
            "批次当前不可用",
            "The lot {lotId} is not active yet, or has lapsed; nothing was prolonged.",
            "批次 {lotId} 尚未生效或已过期；未做任何延期。")
        {
            Values = [new("lotId")],
        },
        new(
            ErrorCode.LotHeld,
            409,
            "Points of the lot are held",
            "批次中有冻结积分",
            "{held} points of the lot are held; it can be cancelled once they are released.",
            "该批次有 {held} 积分被冻结；释放之后才能取消。")
        {
            Values = [new("held")],
        },
        new(
            ErrorCode.ActivationOutOfRange,
            422,
            "The activation lies out of range",
            "生效时间超出范围",
            "activeAt and cancelAt must lie between {earliest} and {latest}.",
            "activeAt 与 cancelAt 必须介于 {earliest} 与 {latest} 之间。")
        {
            Values = [new("earliest"), new("latest")],
        },
        new(
            ErrorCode.ExpiryOutOfRange,
            422,
            "The expiry lies out of range",
            "过期时间超出范围",
            "expiresAt must lie between {earliest} and {latest}.",
            "expiresAt 必须介于 {earliest} 与 {latest} 之间。")
        {
            Values = [new("earliest"), new("latest")],
        },
        new(
            ErrorCode.ReinstatementTooLate,
            422,
            "Points that lapsed so long ago do not come back",
            "过期过久的积分无法恢复",
            "Points come back for {daysMax} days after they lapsed.",
            "积分过期后 {daysMax} 天内可以恢复。")
        {
            Values = [new("daysMax")],
        },
        new(
            ErrorCode.NothingToReinstate,
            422,
            "There is nothing to bring back",
            "没有可恢复的积分",
            "Nothing lapsed since {since} that did not come back, and was not counted by a refund.",
            "自 {since} 起没有尚未恢复且未计入退款的过期积分。")
        {
            Values = [new("since")],
        },
        new(
            ErrorCode.ReturnNotFound,
            404,
            "The return does not exist",
            "退货申请不存在",
            "No return of this id was asked for with this order yet.",
            "此订单尚无该编号的退货申请。"),
        new(
            ErrorCode.ReturnClosed,
            409,
            "The return is closed",
            "退货已结束",
            "The return is {status} and can no longer be rejected.",
            "退货的状态为 {status}，不能再拒绝。")
        {
            Values = [new("status", "returnStatus")],
        },
    ];
}
