using System.Collections.Frozen;
using Laurel.Kernel;

namespace Laurel.Platform.Errors;

/// <summary>The closed table of the ways in which a call is refused: code, status and words in both
/// languages.</summary>
/// <remarks><c>docs/reference/errors.md</c> is generated from it by <see cref="ErrorReference"/>.</remarks>
public static partial class ErrorCatalog
{
    public static IReadOnlyList<ErrorKind> All { get; } =
    [
        new(
            ErrorCode.ValidationFailed,
            400,
            "The request is invalid",
            "请求无效",
            "{count} field(s) are at fault; errors names each of them.",
            "有 {count} 处字段错误，详见 errors。")
        {
            Values = [new("count")],
        },
        new(
            ErrorCode.BodyMalformed,
            400,
            "The body is not valid JSON",
            "请求体不是有效的 JSON",
            "The body must be one JSON value in UTF-8, at most {depthMax} deep; reading stopped at byte {offset}.",
            "请求体必须是一个 UTF-8 编码、嵌套不超过 {depthMax} 层的 JSON 值；读取停在第 {offset} 字节。")
        {
            Values = [new("depthMax"), new("offset")],
        },
        new(
            ErrorCode.BodyTooLarge,
            413,
            "The body is too large",
            "请求体过大",
            "The body may have at most {bytesMax} bytes.",
            "请求体最多 {bytesMax} 字节。")
        {
            Values = [new("bytesMax")],
        },
        new(
            ErrorCode.MediaTypeUnsupported,
            415,
            "The media type is not supported",
            "不支持的媒体类型",
            "The body must be sent as {expected} in UTF-8, without Content-Encoding.",
            "请求体必须以 UTF-8 编码的 {expected} 发送，且不带 Content-Encoding。")
        {
            Values = [new("expected")],
        },
        new(
            ErrorCode.Unauthorized,
            401,
            "A valid API key or access token is required",
            "需要有效的 API 密钥或访问令牌",
            "Send a valid key, or the token of a session that is not over, as Authorization: Bearer KEY.",
            "请以 Authorization: Bearer KEY 发送有效的密钥，或未结束会话的访问令牌。"),
        new(
            ErrorCode.Forbidden,
            403,
            "The caller lacks a permission",
            "调用者权限不足",
            "This call needs the permission {permission}.",
            "此调用需要权限 {permission}。")
        {
            Values = [new("permission")],
        },
        new(
            ErrorCode.NotFound,
            404,
            "Nothing is here",
            "此处没有资源",
            "The path names nothing that exists.",
            "该路径没有对应的资源。"),
        new(
            ErrorCode.MethodNotAllowed,
            405,
            "The method is not allowed here",
            "不允许使用该方法",
            "The path exists; the Allow header lists its methods.",
            "该路径存在，可用的方法见 Allow 响应头。"),
        new(
            ErrorCode.MemberNotFound,
            404,
            "The member does not exist",
            "会员不存在",
            "No member has the id or externalId given.",
            "没有会员与所给的 id 或 externalId 对应。"),
        new(
            ErrorCode.MemberExists,
            409,
            "The member exists already",
            "会员已存在",
            "The member {memberId} has one of these identifiers already.",
            "会员 {memberId} 已使用其中的标识。")
        {
            Values = [new("memberId")],
        },
        new(
            ErrorCode.MemberInactive,
            422,
            "The member is not active",
            "会员未处于有效状态",
            "The member is suspended or has left; nothing was changed.",
            "会员已被停用或已注销，未做任何更改。"),
        new(
            ErrorCode.OrderNotFound,
            404,
            "The order does not exist",
            "订单不存在",
            "No completed order has this id yet; the call may be repeated once it has arrived.",
            "尚无此编号的已完成订单；订单到达后可以重试。"),
        new(
            ErrorCode.OrderLineNotFound,
            422,
            "The order has no such line",
            "订单没有该行",
            "The order has no line {lineId}.",
            "订单没有行 {lineId}。")
        {
            Values = [new("lineId")],
        },
        new(
            ErrorCode.OrderLinesExceedAmount,
            422,
            "The lines exceed the order",
            "订单行合计超过订单金额",
            "The lines sum to {lines}, more than the amount {amount} of the order.",
            "订单行合计 {lines}，超过订单金额 {amount}。")
        {
            Values = [new("amount"), new("lines")],
        },
        new(
            ErrorCode.RefundExceedsOrder,
            422,
            "The refund exceeds the order",
            "退款超过订单",
            "Of {amount}, {refunded} were refunded already; this refund exceeds the rest.",
            "总额 {amount} 中已退 {refunded}，本次退款超过余额。")
        {
            Values = [new("refunded"), new("amount")],
        },
        new(
            ErrorCode.CurrencyMismatch,
            422,
            "The currency differs",
            "币种不一致",
            "The currency must be {expected}, not {actual}.",
            "币种必须是 {expected}，而不是 {actual}。")
        {
            Values = [new("expected"), new("actual")],
        },
        new(
            ErrorCode.PointsInsufficient,
            422,
            "The points do not suffice",
            "积分不足",
            "{required} points are required, {available} are available.",
            "需要 {required} 积分，可用 {available} 积分。")
        {
            Values = [new("required"), new("available")],
        },
        new(
            ErrorCode.PointsOverLimit,
            422,
            "The points exceed the limit",
            "积分超过上限",
            "One call may move at most {limit} points.",
            "一次最多 {limit} 积分。")
        {
            Values = [new("limit")],
        },
        new(
            ErrorCode.HoldNotFound,
            404,
            "The hold does not exist",
            "冻结不存在",
            "No hold has this id.",
            "没有此编号的冻结。"),
        new(
            ErrorCode.HoldClosed,
            409,
            "The hold is closed",
            "冻结已结束",
            "The hold is {status} and can no longer be captured or released.",
            "冻结的状态为 {status}，不能再扣除或释放。")
        {
            Values = [new("status", "holdStatus")],
        },
        new(
            ErrorCode.HoldExceeded,
            422,
            "The hold is smaller",
            "超过冻结数量",
            "{requested} points were requested, {held} are held.",
            "请求 {requested} 积分，冻结 {held} 积分。")
        {
            Values = [new("held"), new("requested")],
        },
        new(
            ErrorCode.HoldEndsBeforeItBegins,
            422,
            "The hold would end before it begins",
            "冻结的结束早于开始",
            "expiresAt must lie after the time of the hold.",
            "expiresAt 必须晚于冻结的时间。"),
        new(
            ErrorCode.TransferToSelf,
            422,
            "A transfer needs two members",
            "转赠需要两个会员",
            "The giving and the receiving member are the same.",
            "转出与转入是同一会员。"),
        new(
            ErrorCode.AsOfTooEarly,
            422,
            "Balances reach back less far",
            "余额无法追溯到该时刻",
            "The entries of then are detached and opening balances stand for them; the earliest instant that can be told is {earliest}.",
            "该时段的流水已被拆离，由期初余额代替；可查询的最早时刻是 {earliest}。")
        {
            Values = [new("earliest")],
        },
        new(
            ErrorCode.TimeInFuture,
            422,
            "The time lies in the future",
            "时间在未来",
            "The time may be at most {latest}.",
            "时间不得晚于 {latest}。")
        {
            Values = [new("latest")],
        },
        new(
            ErrorCode.Conflict,
            409,
            "The call conflicts with an earlier one",
            "与先前的调用冲突",
            "The same reference was used before with other content.",
            "同一引用此前已用于不同的内容。"),
        new(
            ErrorCode.IdempotencyKeyReused,
            422,
            "The idempotency key was used before",
            "幂等键已被使用",
            "This Idempotency-Key was used with another body; nothing was changed.",
            "该 Idempotency-Key 已用于其他请求体，未做任何更改。"),
        new(
            ErrorCode.AmountOverflow,
            422,
            "The amount is too large",
            "数额过大",
            "The result would not fit a 64-bit integer; nothing was changed.",
            "结果超出 64 位整数的范围，未做任何更改。"),
        .. OfMoney(),
        .. OfTenants(),
        .. OfAdjustments(),
        .. OfMerges(),
        .. OfWatch(),
        .. OfKeys(),
        new(
            ErrorCode.EventTypeUnknown,
            422,
            "The event type is not known",
            "未知的事件类型",
            "Nothing here handles events of the type {type}.",
            "此处不处理类型为 {type} 的事件。")
        {
            Values = [new("type", "eventType")],
        },
        new(
            ErrorCode.EventNotFound,
            404,
            "The event does not exist",
            "事件不存在",
            "No event has this id, or it is no longer kept.",
            "没有此编号的事件，或该事件已不再保留。"),
        new(
            ErrorCode.WebhookNotFound,
            404,
            "The webhook endpoint does not exist",
            "Webhook 端点不存在",
            "No webhook endpoint has this id.",
            "没有此编号的 Webhook 端点。"),
        new(
            ErrorCode.WebhookUrlRefused,
            422,
            "The URL is not one that webhooks may be sent to",
            "不允许向此 URL 发送 Webhook",
            "It must be {expected}.",
            "必须是{expected}。")
        {
            Values = [new("expected")],
        },
        new(
            ErrorCode.WebhookLimitReached,
            422,
            "There are too many webhook endpoints",
            "Webhook 端点过多",
            "A tenant may have at most {max}; delete one that is not needed.",
            "每个商户最多 {max} 个；请删除不需要的端点。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.Busy,
            503,
            "The server is busy",
            "服务器繁忙",
            "The queue is full or the wait was too long; nothing was changed, try again.",
            "队列已满或等待过久；未做任何更改，请重试。"),
        new(
            ErrorCode.QuotaMemberBusy,
            503,
            "Too many calls wait for one member or tenant",
            "同一会员或商户等待的调用过多",
            "The share of the queue for one member or tenant is used up; nothing was changed, try again.",
            "单个会员或商户的队列份额已用完；未做任何更改，请重试。"),
        new(
            ErrorCode.DatabaseUnavailable,
            503,
            "The database is not available",
            "数据库不可用",
            "The database did not answer; the call may be repeated with the same key.",
            "数据库没有响应；可以用同一个键重试。"),
        new(
            ErrorCode.ReadOnly,
            503,
            "Laurel takes no writes now",
            "系统目前处于只读模式",
            "Nothing was changed ({reason}); reads go on, and the call may be repeated with the same key.",
            "未做任何更改（{reason}）；查询不受影响，可以稍后用同一个键重试。")
        {
            Values = [new("reason")],
            RetryAfterSeconds = 10,
        },
        new(
            ErrorCode.LeaseLost,
            503,
            "Another node does this work now",
            "此项工作已由其他节点接管",
            "The lease {lease} has passed to another node; nothing was changed.",
            "租约 {lease} 已转移到其他节点；未做任何更改。")
        {
            Values = [new("lease")],
        },
        new(
            ErrorCode.Internal,
            500,
            "Something went wrong",
            "内部错误",
            "The fault is recorded under the trace id.",
            "错误已按跟踪编号记录。"),
        .. Programmes,
        .. OfLots,
        .. OfBenefits,
        .. OfCards,
        .. OfUnits,
        .. OfMembers,
        .. OfSearch,
        .. OfIdentity,
        .. Coupons,
        .. Checkouts,
        .. OfProviders,
        .. OfGraphQL,
    ];

    private static readonly FrozenDictionary<string, ErrorKind> s_byCode = All.ToFrozenDictionary(k => k.Code);

    /// <summary>The kind of a code; null when the table does not know it.</summary>
    public static ErrorKind? Find(string code) => s_byCode.GetValueOrDefault(code);

    /// <summary>The kind of a code that must be known.</summary>
    /// <exception cref="InvariantBrokenException">When the table does not know it: whoever made the refusal forgot to
    /// list it.</exception>
    public static ErrorKind Get(string code)
    {
        var kind = Find(code);
        Invariant.Require(kind is not null, $"Every error code stands in the catalogue; {code} does not.");
        return kind;
    }
}
