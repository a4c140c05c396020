namespace Laurel.Platform.Errors;

/// <content>The refusals of adjustments that wait for a second person, of exchanges, and of what points may pay.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfAdjustments() =>
    [
        new(
            ErrorCode.ApprovalRequired,
            409,
            "The adjustment waits for a second person",
            "该调整需要另一人审批",
            "The adjustment was kept as request {requestId} and changes nothing until another person approves it.",
            "该调整已登记为申请 {requestId}，在另一人审批之前不会生效。")
        {
            Values = [new("requestId")],
        },
        new(
            ErrorCode.AdjustmentNotFound,
            404,
            "The request does not exist",
            "调整申请不存在",
            "No request of an adjustment has this id.",
            "没有此编号的调整申请。"),
        new(
            ErrorCode.AdjustmentState,
            409,
            "The request was decided already",
            "该调整申请已有结论",
            "The request {requestId} is {status}; only a pending one can be decided. To adjust after all, ask with another reference.",
            "申请 {requestId} 的状态为 {status}；只有待审批的申请可以处理。如仍需调整，请使用新的引用编号重新申请。")
        {
            Values = [new("requestId"), new("status", "requestStatus")],
        },
        new(
            ErrorCode.ExchangeOff,
            422,
            "The programme does not exchange",
            "会员计划未开放兑换",
            "The programme sets no rate for this direction between points and stored money.",
            "会员计划未设置积分与余额之间该方向的兑换比例。"),
        new(
            ErrorCode.ExchangeStep,
            422,
            "Not so many points can be exchanged",
            "兑换的积分数量不符合规则",
            "Points are exchanged from {min} on, in multiples of {step}.",
            "至少兑换 {min} 积分，且须为 {step} 的整数倍。")
        {
            Values = [new("min"), new("step")],
        },
        new(
            ErrorCode.PointsShareExceeded,
            422,
            "More points than may pay for the order",
            "超出订单可用积分上限",
            "At most {max} points may pay for an order of {orderAmount} minor units.",
            "金额为 {orderAmount}（最小货币单位）的订单最多可使用 {max} 积分。")
        {
            Values = [new("max"), new("orderAmount")],
        },
    ];
}
