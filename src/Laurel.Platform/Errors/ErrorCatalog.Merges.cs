namespace Laurel.Platform.Errors;

/// <content>What is refused of merges of members.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfMerges() =>
    [
        new(
            ErrorCode.MemberMerged,
            409,
            "The member went into another",
            "该会员已被合并",
            "The member {memberId} was merged into {mergedInto}; name that one.",
            "会员 {memberId} 已合并到会员 {mergedInto}，请使用后者。")
        {
            Values = [new("memberId"), new("mergedInto")],
        },
        new(
            ErrorCode.MergeWithSelf,
            422,
            "A member cannot be merged with itself",
            "会员不能与自身合并",
            "Both sides name the same member; nothing was changed.",
            "双方是同一会员，未做任何更改。"),
        new(
            ErrorCode.MergeMembership,
            409,
            "Both members hold the same card",
            "两位会员持有同一种会员卡",
            "Both hold the card {card}, and no two memberships become one. Refund one of them, or wait for its end.",
            "两位会员都持有会员卡 {card}，两份付费会员资格不能合为一份。请先退款其中一份，或等待其到期。")
        {
            Values = [new("card")],
        },
        new(
            ErrorCode.MergeNotFound,
            404,
            "The merge does not exist",
            "合并记录不存在",
            "No merge of members has this id.",
            "没有此编号的会员合并记录。"),
        new(
            ErrorCode.MergeUndone,
            409,
            "The merge is undone already",
            "该合并已撤销",
            "The merge {mergeId} was undone before; the two are members of their own.",
            "合并 {mergeId} 此前已撤销，两位会员各自独立。")
        {
            Values = [new("mergeId")],
        },
        new(
            ErrorCode.MergeUndoOrder,
            409,
            "A later merge has to be undone first",
            "须先撤销较晚的合并",
            "The member {memberId}, who has everything of it, was itself merged into {mergedInto}; undo that merge first.",
            "承接的会员 {memberId} 之后又合并到会员 {mergedInto}；请先撤销那次合并。")
        {
            Values = [new("memberId"), new("mergedInto")],
        },
    ];
}
