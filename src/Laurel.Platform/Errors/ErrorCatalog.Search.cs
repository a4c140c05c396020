namespace Laurel.Platform.Errors;

/// <content>What is refused of tags, notes and looking for members.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfSearch =>
    [
        new(
            ErrorCode.TagNotFound,
            404,
            "The tag does not exist",
            "标签不存在",
            "There is no tag or group {tag}.",
            "没有标签或分组 {tag}。")
        {
            Values = [new("tag")],
        },
        new(
            ErrorCode.TagInUse,
            409,
            "Members have the tag",
            "标签正在使用",
            "There are members with {tag}. Take it from them first.",
            "仍有会员带有 {tag}，请先从会员上移除。")
        {
            Values = [new("tag")],
        },
        new(
            ErrorCode.TagSystem,
            422,
            "The tag is given by systems alone",
            "系统标签不可手动设置",
            "Only systems with an API key give and take {tag}.",
            "{tag} 只能由持有 API 密钥的系统设置。")
        {
            Values = [new("tag")],
        },
        new(
            ErrorCode.TagLimit,
            422,
            "The member has as many tags as it may",
            "会员标签数量已达上限",
            "A member has at most {max} tags and groups. Take one away first.",
            "每位会员最多 {max} 个标签和分组，请先移除一个。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.NoteNotFound,
            404,
            "The note does not exist",
            "备注不存在",
            "The member has no note {noteId}.",
            "该会员没有备注 {noteId}。")
        {
            Values = [new("noteId")],
        },
        new(
            ErrorCode.NoteLimit,
            422,
            "The member has as many notes as it may",
            "会员备注数量已达上限",
            "A member has at most {max} notes. Remove one first.",
            "每位会员最多 {max} 条备注，请先删除一条。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.NoteOfAnother,
            403,
            "The note is another's",
            "备注由他人撰写",
            "A note is removed by who wrote it, or by who may see personal data in full.",
            "备注只能由撰写者或可查看完整个人信息者删除。"),
        new(
            ErrorCode.FilterNotFound,
            404,
            "The filter does not exist",
            "筛选条件不存在",
            "There is no saved filter {filterId} for the caller.",
            "调用方没有已保存的筛选条件 {filterId}。")
        {
            Values = [new("filterId")],
        },
        new(
            ErrorCode.FilterOfAnother,
            403,
            "The filter is another's",
            "筛选条件属于他人",
            "A saved filter is changed and removed by who made it.",
            "已保存的筛选条件只能由创建者修改和删除。"),
        new(
            ErrorCode.SearchTooBroad,
            422,
            "Too many members to sort",
            "结果过多，无法排序",
            "More than {max} members may match, and no index has them in the order of {sort}. Narrow the filter, or let the programme keep figures (search.figures).",
            "可能匹配的会员超过 {max} 位，且没有按 {sort} 排序的索引。请缩小筛选范围，或在会员方案中启用 search.figures。")
        {
            Values = [new("max"), new("sort")],
        },
    ];
}
