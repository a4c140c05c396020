namespace Laurel.Platform.Errors;

/// <content>The refusals of stored money, and of those who sign in place of a key.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfMoney() =>
    [
        new(
            ErrorCode.SignatureInvalid,
            401,
            "The signature is not valid",
            "签名无效",
            "The call must be signed in the form that is documented for it, under the secret that was agreed; nothing was changed.",
            "调用必须按文档规定的形式并使用约定的密钥签名；未做任何更改。"),
        new(
            ErrorCode.SignatureStale,
            401,
            "The signature is too old or too new",
            "签名的时间戳过旧或过新",
            "The signed timestamp may be at most {tolerance} seconds from the present time; sign again.",
            "签名的时间戳与当前时间相差不得超过 {tolerance} 秒；请重新签名。")
        {
            Values = [new("tolerance")],
        },
        new(
            ErrorCode.SignatureReplayed,
            401,
            "The signed call was made before",
            "该签名调用已被使用",
            "A call with this signature was admitted already; sign each call with a nonce of its own. Nothing was changed.",
            "具有此签名的调用已被受理；每次调用请使用新的随机数签名。未做任何更改。"),
        new(
            ErrorCode.BalanceInsufficient,
            422,
            "The balance does not suffice",
            "余额不足",
            "{required} minor units are required, {available} are available; what withdrawals hold does not count.",
            "需要 {required}（最小货币单位），可用 {available}；提现冻结的部分不计入。")
        {
            Values = [new("required"), new("available")],
        },
        new(
            ErrorCode.BalanceLimit,
            422,
            "A limit of the programme is not kept",
            "超出方案的限额",
            "{limit} is {value}; this call would come to {actual}.",
            "{limit} 为 {value}，本次调用将达到 {actual}。")
        {
            Values = [new("limit"), new("value"), new("actual")],
        },
        new(
            ErrorCode.BalanceSpendNotFound,
            404,
            "The spend does not exist",
            "该笔余额消费不存在",
            "No stored money was spent under this spendReferenceType and spendReferenceId.",
            "没有以此 spendReferenceType 与 spendReferenceId 进行的余额消费。"),
        new(
            ErrorCode.RefundExceedsSpend,
            422,
            "The refund exceeds what was spent",
            "退款超过消费金额",
            "Of {amount} spent, {refunded} were given back already; this refund exceeds the rest.",
            "消费 {amount} 中已退 {refunded}，本次退款超过余额。")
        {
            Values = [new("amount"), new("refunded")],
        },
        new(
            ErrorCode.RechargeNotFound,
            404,
            "The recharge does not exist",
            "充值单不存在",
            "No recharge has this id.",
            "没有此编号的充值单。"),
        new(
            ErrorCode.RechargeState,
            409,
            "The recharge does not wait for this",
            "充值单的状态不允许此操作",
            "The recharge is {status}. Only a created one can be paid, only a paid one given back.",
            "充值单的状态为 {status}；只有待支付的可以支付，只有已支付的可以退款。")
        {
            Values = [new("status", "rechargeStatus")],
        },
        new(
            ErrorCode.RechargeAmountMismatch,
            422,
            "The amount is not the recharge's",
            "金额与充值单不符",
            "The recharge is of {expected}, {actual} were paid; nothing was credited.",
            "充值单金额为 {expected}，支付金额为 {actual}；未入账。")
        {
            Values = [new("expected"), new("actual")],
        },
        new(
            ErrorCode.RefundExceedsRecharge,
            422,
            "The refund exceeds the recharge",
            "退款超过充值金额",
            "Of {amount} recharged, {refunded} were given back already; this refund exceeds the rest.",
            "充值 {amount} 中已退 {refunded}，本次退款超过余额。")
        {
            Values = [new("amount"), new("refunded")],
        },
        new(
            ErrorCode.WithdrawalNotFound,
            404,
            "The withdrawal does not exist",
            "提现单不存在",
            "No withdrawal has this id.",
            "没有此编号的提现单。"),
        new(
            ErrorCode.WithdrawalState,
            409,
            "The withdrawal does not wait for this",
            "提现单的状态不允许此操作",
            "The withdrawal is {status}. An applied one can be approved, an applied or approved one rejected, one that is being sent paid or failed.",
            "提现单的状态为 {status}；已申请的可以审批，已申请或已审批的可以驳回，打款中的可以标记成功或失败。")
        {
            Values = [new("status", "withdrawalStatus")],
        },
        new(
            ErrorCode.ApproverNotAnother,
            403,
            "It takes another person",
            "需要另一位审批人",
            "Whoever asked cannot approve, and nobody approves twice; this key, or one of its name, has signed already.",
            "申请人不能审批，同一人也不能审批两次；此密钥或同名密钥已签署过。"),
        new(
            ErrorCode.RealNameRequired,
            422,
            "The real name is not verified",
            "未完成实名验证",
            "Only members whose real name was verified may withdraw; the host says so with POST /api/members/ID/real-name.",
            "只有完成实名验证的会员可以提现；由业务系统以 POST /api/members/ID/real-name 标记。"),
    ];
}
