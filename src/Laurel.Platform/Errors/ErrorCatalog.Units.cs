namespace Laurel.Platform.Errors;

/// <content>The refusals of units that programmes define.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfUnits =>
    [
        new(
            ErrorCode.UnitNotFound,
            404,
            "The unit does not exist",
            "计量单位不存在",
            "The programme in force defines no unit {unit}.",
            "当前会员计划中没有定义单位 {unit}。")
        {
            Values = [new("unit")],
        },
        new(
            ErrorCode.UnitClosed,
            422,
            "The unit is not earned any more",
            "该单位已停止发放",
            "{unit} is not active: nothing is earned of it. What members have can be spent and adjusted.",
            "{unit} 已停用：不能再获得。会员已有的部分仍可消费或调整。")
        {
            Values = [new("unit")],
        },
        new(
            ErrorCode.UnitNotSpendable,
            422,
            "The unit cannot be spent",
            "该单位不可消费",
            "{unit} is earned and not spent, as the programme says.",
            "根据会员计划，{unit} 只能获得，不能消费。")
        {
            Values = [new("unit")],
        },
        new(
            ErrorCode.UnitInsufficient,
            422,
            "The member has not enough of the unit",
            "该单位数量不足",
            "{required} of {unit} are required, {available} are available.",
            "需要 {required} 个 {unit}，可用 {available} 个。")
        {
            Values = [new("unit"), new("required"), new("available")],
        },
        new(
            ErrorCode.UnitRemoved,
            422,
            "A unit cannot be removed",
            "单位不可删除",
            "{unit} is missing in the programme that was sent: entries carry it for good. Send it with \"active\": false instead.",
            "提交的会员计划中缺少 {unit}：流水会永久引用该单位。请改为提交 \"active\": false。")
        {
            Values = [new("unit")],
        },
    ];
}
