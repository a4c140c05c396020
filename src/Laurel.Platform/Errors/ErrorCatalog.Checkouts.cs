namespace Laurel.Platform.Errors;

/// <content>What is refused of checkouts.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] Checkouts =>
    [
        new(
            ErrorCode.CheckoutNotFound,
            404,
            "The checkout does not exist",
            "结算单不存在",
            "There is no checkout of this id.",
            "没有此编号的结算单。"),
        new(
            ErrorCode.CheckoutChanged,
            409,
            "The price has changed",
            "价格已变化",
            "The basket costs {payable} now and not {told}. Ask for a quote, show it to the member and reserve again under another id.",
            "当前应付金额为 {payable}，而不是 {told}。请重新试算并告知会员，再以新的编号预留。")
        {
            Values = [new("payable"), new("told")],
        },
        new(
            ErrorCode.CheckoutState,
            409,
            "The checkout is in another state",
            "结算单状态不符",
            "The checkout is {state}. One that is reserved is confirmed or cancelled; one that is confirmed is completed or refunded.",
            "结算单状态为 {state}。已预留的可以确认或取消；已确认的可以完成或退款。")
        {
            Values = [new("state")],
        },
        new(
            ErrorCode.CheckoutRefundExceeds,
            422,
            "The refund is greater than what is left of the line",
            "退款超过该行剩余部分",
            "Line {lineId} is {quantity} pieces worth {value}, of which {refunded} went back already.",
            "行 {lineId} 共 {quantity} 件、价值 {value}，其中 {refunded} 已退还。")
        {
            Values = [new("lineId"), new("quantity"), new("value"), new("refunded")],
        },
    ];
}
