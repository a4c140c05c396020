namespace Laurel.Platform.Errors;

/// <content>The refusals of the anomaly watch.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfWatch() =>
    [
        new(
            ErrorCode.WatchHeld,
            409,
            "It waits for a review",
            "该操作等待人工审核",
            "The watch rule {rule} was hit; nothing was changed. Once the case {caseId} is released, the same call can be made again.",
            "该操作触发了监控规则 {rule}，未做任何更改。案件 {caseId} 解除后可重新发起相同的调用。")
        {
            Values = [new("rule"), new("caseId")],
        },
        new(
            ErrorCode.WatchRefused,
            409,
            "The watch refuses it",
            "该操作被监控拒绝",
            "The watch rule {rule} was hit; nothing was changed. The case {caseId} tells the figures.",
            "该操作触发了监控规则 {rule}，未做任何更改。详见案件 {caseId}。")
        {
            Values = [new("rule"), new("caseId")],
        },
        new(
            ErrorCode.WatchRuleNotFound,
            404,
            "The watch rule does not exist",
            "监控规则不存在",
            "The programme has no watch rule {rule}.",
            "会员计划中没有监控规则 {rule}。")
        {
            Values = [new("rule")],
        },
        new(
            ErrorCode.WatchRuleExists,
            409,
            "The watch rule exists already",
            "监控规则已存在",
            "The programme has a watch rule {rule}; replace it, or choose another code.",
            "会员计划中已有监控规则 {rule}；请替换它或使用其他编码。")
        {
            Values = [new("rule")],
        },
        new(
            ErrorCode.WatchCaseNotFound,
            404,
            "The case does not exist",
            "案件不存在",
            "No watch case has this id.",
            "没有此编号的监控案件。"),
        new(
            ErrorCode.WatchCaseState,
            409,
            "The case was decided already",
            "该案件已有结论",
            "The case {caseId} is {status}; only one that is open or assigned can be assigned or decided.",
            "案件 {caseId} 的状态为 {status}；只有待处理或已分派的案件可以分派或处理。")
        {
            Values = [new("caseId"), new("status", "caseStatus")],
        },
        new(
            ErrorCode.WatchNotReplayable,
            422,
            "The rule cannot be replayed",
            "该规则无法回放",
            "The rule {rule} measures {measure}, which no entry tells; only count, sum and ratio can be replayed.",
            "规则 {rule} 的度量为 {measure}，流水中没有相应数据；只有 count、sum 和 ratio 可以回放。")
        {
            Values = [new("rule"), new("measure")],
        },
        new(
            ErrorCode.LotWatched,
            409,
            "The lot waits for a watch case",
            "该批积分等待监控案件处理",
            "Its points wait for the decision of the case {caseId}, and for nothing else.",
            "该批积分等待案件 {caseId} 的处理结果，不能以其他方式生效或取消。")
        {
            Values = [new("caseId")],
        },
    ];
}
