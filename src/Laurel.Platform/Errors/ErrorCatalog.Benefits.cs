namespace Laurel.Platform.Errors;

/// <content>The refusals of benefits.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfBenefits =>
    [
        new(
            ErrorCode.BenefitNotFound,
            404,
            "The benefit does not exist",
            "权益不存在",
            "The programme in force has no benefit {benefit}.",
            "当前会员计划中没有权益 {benefit}。")
        {
            Values = [new("benefit")],
        },
        new(
            ErrorCode.BenefitExists,
            409,
            "The benefit exists already",
            "权益已存在",
            "The programme in force has a benefit {benefit}. Replace it, or choose another code.",
            "当前会员计划中已有权益 {benefit}。请替换它，或使用其他编码。")
        {
            Values = [new("benefit")],
        },
        new(
            ErrorCode.BenefitNotInForce,
            422,
            "The benefit is not in force",
            "权益未生效",
            "{benefit} is disabled, or the business time lies outside its startTime and endTime, or this server does not know its kind.",
            "{benefit} 已停用，或业务时间不在其 startTime 与 endTime 之间，或本服务器不支持其类型。")
        {
            Values = [new("benefit")],
        },
        new(
            ErrorCode.BenefitNotHeld,
            422,
            "The member does not have the benefit",
            "会员未拥有该权益",
            "The level {level} does not give {benefit}, and no grant of it is in force.",
            "等级 {level} 不包含 {benefit}，且没有生效中的发放。")
        {
            Values = [new("benefit"), new("level")],
        },
        new(
            ErrorCode.BenefitNotApplicable,
            422,
            "The benefit does not apply here",
            "权益在此不适用",
            "{benefit} does not apply: {reason} (expected {expected}, actual {actual}).",
            "{benefit} 不适用：{reason}（应为 {expected}，实际为 {actual}）。")
        {
            Values = [new("benefit"), new("reason"), new("expected"), new("actual")],
        },
        new(
            ErrorCode.BenefitLimitReached,
            422,
            "The benefit is used up",
            "权益已用完",
            "{benefit} may be used {usesMax} time(s) ({period}); {used} are used, and this call would exceed it.",
            "{benefit} 的可用次数为 {usesMax}（{period}），已用 {used}，本次调用将超出。")
        {
            Values = [new("benefit"), new("period"), new("usesMax"), new("used")],
        },
        new(
            ErrorCode.BenefitUseNotFound,
            404,
            "The use does not exist",
            "权益使用记录不存在",
            "This benefit was not used under this bizNo.",
            "没有以此 bizNo 使用过该权益。"),
        new(
            ErrorCode.BenefitGrantNotFound,
            404,
            "The grant does not exist",
            "权益发放记录不存在",
            "This benefit was not granted under this reference.",
            "没有以此 reference 发放过该权益。"),
        new(
            ErrorCode.BenefitGrantEndsBeforeItBegins,
            422,
            "The grant would end before it begins",
            "发放的结束时间早于开始时间",
            "It begins at {startTime}; endTime must lie after it.",
            "开始于 {startTime}；endTime 必须晚于它。")
        {
            Values = [new("startTime")],
        },
    ];
}
