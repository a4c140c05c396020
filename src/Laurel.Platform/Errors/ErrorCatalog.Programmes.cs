namespace Laurel.Platform.Errors;

/// <content>What is refused of programmes and their rules.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] Programmes =>
    [
        new(
            ErrorCode.RecordNotFound,
            404,
            "The record does not exist",
            "流水不存在",
            "No movement has the id {record}, or its entries were detached.",
            "没有编号为 {record} 的流水，或其分录已归档。")
        {
            Values = [new("record")],
        },
        new(
            ErrorCode.RuleNotFound,
            404,
            "The rule does not exist",
            "规则不存在",
            "The programme has no rule {rule}.",
            "本计划没有规则 {rule}。")
        {
            Values = [new("rule")],
        },
        new(
            ErrorCode.RuleExists,
            409,
            "The rule exists already",
            "规则已存在",
            "The programme has a rule {rule} already; PUT changes it.",
            "本计划已有规则 {rule}；请用 PUT 修改。")
        {
            Values = [new("rule")],
        },
        new(
            ErrorCode.TrackNotFound,
            404,
            "The track does not exist",
            "等级体系不存在",
            "The programme has no track {track}.",
            "本计划没有等级体系 {track}。")
        {
            Values = [new("track")],
        },
        new(
            ErrorCode.LevelNotFound,
            404,
            "The level does not exist",
            "等级不存在",
            "The programme has no level {levelCode}.",
            "本计划没有等级 {levelCode}。")
        {
            Values = [new("levelCode")],
        },
        new(
            ErrorCode.LevelExists,
            409,
            "The level exists already",
            "等级已存在",
            "The programme has a level {levelCode} already; PUT changes it.",
            "本计划已有等级 {levelCode}；请用 PUT 修改。")
        {
            Values = [new("levelCode")],
        },
        new(
            ErrorCode.LevelInUse,
            409,
            "The level has members",
            "等级下仍有会员",
            "{members} members hold the level {levelCode}. Say with moveTo where they are to go; preview=true shows what would happen.",
            "有 {members} 名会员处于等级 {levelCode}。请用 moveTo 指定其去向；preview=true 可预览结果。")
        {
            Values = [new("levelCode"), new("members")],
        },
        new(
            ErrorCode.LevelDisabled,
            422,
            "The level is disabled",
            "等级已停用",
            "Nobody can come to the level {levelCode}: it is disabled or being removed.",
            "等级 {levelCode} 已停用或正在移除，会员无法进入。")
        {
            Values = [new("levelCode")],
        },
        new(
            ErrorCode.PinOutOfRange,
            422,
            "The end lies outside the range",
            "截止时间超出范围",
            "A level can be set until an instant from {earliest} to {latest}.",
            "等级可固定至 {earliest} 到 {latest} 之间的某一时刻。")
        {
            Values = [new("earliest"), new("latest")],
        },
        new(
            ErrorCode.LevelHistoryDisordered,
            422,
            "The history is not in order",
            "等级历史顺序有误",
            "Changes come in order of time, each after {after} and none after {latest}.",
            "等级变更须按时间先后排列，须晚于 {after}，且不晚于 {latest}。")
        {
            Values = [new("after"), new("latest")],
        },
        new(
            ErrorCode.ProgrammeVersionNotFound,
            404,
            "The programme has no such version",
            "会员计划没有该版本",
            "There is no version {version} of the programme.",
            "会员计划没有版本 {version}。")
        {
            Values = [new("version")],
        },
        new(
            ErrorCode.ProgrammeChanged,
            412,
            "The programme has changed",
            "会员计划已变更",
            "The change was meant for version {baseVersion}, and {version} is in force. Read it again and decide anew.",
            "此修改针对版本 {baseVersion}，而当前生效的是 {version}。请重新读取后再决定。")
        {
            Values = [new("version"), new("baseVersion")],
        },
        new(
            ErrorCode.ProgrammeSetBySettings,
            409,
            "The settings name this part of the programme",
            "设置文件已指定会员计划的这一部分",
            "The section Programme of the settings names something that the change would alter. Change it there, or take it out.",
            "设置中的 Programme 部分指定了此修改所涉及的内容。请在那里修改，或将其移除。"),
        new(
            ErrorCode.ProgrammeInvalid,
            422,
            "The programme would not be valid",
            "会员计划将无效",
            "With this change the programme as it stands now has a mistake: {mistake}",
            "按当前的会员计划，此修改会产生错误：{mistake}")
        {
            Values = [new("mistake")],
        },
    ];
}
