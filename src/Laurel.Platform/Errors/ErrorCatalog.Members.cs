namespace Laurel.Platform.Errors;

/// <content>What is refused of members' profiles, statuses and addresses.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfMembers =>
    [
        new(
            ErrorCode.ProfileChanged,
            412,
            "The profile has changed",
            "会员资料已变更",
            "The change was meant for version {baseVersion}, and the profile is at {version}. Read it again and decide anew.",
            "此修改针对版本 {baseVersion}，而资料当前为版本 {version}。请重新读取后再决定。")
        {
            Values = [new("version"), new("baseVersion")],
        },
        new(
            ErrorCode.DataKeyUnreadable,
            409,
            "What is kept of the member cannot be read",
            "会员资料无法解密",
            "The data key of member {memberId}, or something under it, does not open: its master key is not here, or it was damaged. Nothing was changed.",
            "会员 {memberId} 的数据密钥或其加密的内容无法解密：主密钥不在此处，或数据已损坏。未作任何更改。")
        {
            Values = [new("memberId")],
        },
        new(
            ErrorCode.RealNameKnown,
            409,
            "The real name is verified already",
            "已完成实名认证",
            "Whoever changes its real name may have it verified again.",
            "修改真实姓名后可重新认证。"),
        new(
            ErrorCode.RealNameChanged,
            409,
            "The member has told another name meanwhile",
            "会员已重新提交实名信息",
            "What was to be decided is no longer what waits. Look at it again.",
            "待确认的信息已变更，请重新查看。"),
        new(
            ErrorCode.RealNameTriesSpent,
            429,
            "No more tries today",
            "今日认证次数已用完",
            "A real name is checked {max} times a day at the most.",
            "每日最多认证 {max} 次。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.IdentityCardUsed,
            409,
            "The identity card has verified others",
            "该身份证已用于其他会员",
            "One identity card verifies {max} members at the most.",
            "同一身份证最多认证 {max} 位会员。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.BirthdayLocked,
            422,
            "The birthday was changed a short while ago",
            "生日近期已修改过",
            "The birthday may be changed again from {until} on.",
            "生日自 {until} 起方可再次修改。")
        {
            Values = [new("until")],
        },
        new(
            ErrorCode.GuardianConsentRequired,
            422,
            "A guardian has to agree",
            "须取得监护人同意",
            "The member is younger than {age}; tell which text the guardian has agreed to.",
            "会员未满 {age} 周岁，请提供监护人同意的条款版本。")
        {
            Values = [new("age")],
        },
        new(
            ErrorCode.CancellationBlocked,
            409,
            "The member cannot leave yet",
            "会员暂时无法注销",
            "Something is still open: {obstacles}. Nothing was changed.",
            "尚有未了结的事项：{obstacles}。未做任何更改。")
        {
            Values = [new("obstacles")],
        },
        new(
            ErrorCode.CancellationNotFound,
            404,
            "The member has not asked to leave",
            "会员没有申请注销",
            "There is no request that could be withdrawn.",
            "没有可撤回的注销申请。"),
        new(
            ErrorCode.AddressNotFound,
            404,
            "The address does not exist",
            "收货地址不存在",
            "The member has no address {addressId}.",
            "该会员没有收货地址 {addressId}。")
        {
            Values = [new("addressId")],
        },
        new(
            ErrorCode.AddressLimit,
            422,
            "The member has as many addresses as it may",
            "收货地址数量已达上限",
            "A member has at most {max} addresses. Remove one first.",
            "每位会员最多 {max} 个收货地址，请先删除一个。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.PictureUnreadable,
            422,
            "The picture cannot be read",
            "图片无法识别",
            "It is no PNG, JPEG or WebP picture, or a broken or an animated one. Send the picture itself as the body.",
            "不是 PNG、JPEG 或 WebP 图片，或图片已损坏、为动图。请将图片本身作为请求体发送。"),
        new(
            ErrorCode.PictureTooLarge,
            422,
            "The picture has too many pixels",
            "图片像素过大",
            "A picture is at most {max} pixels wide, and as many high.",
            "图片的宽和高最多各为 {max} 像素。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.FileStoreUnavailable,
            503,
            "The store of files does not answer",
            "文件存储暂不可用",
            "Nothing was changed; the same call may succeed a moment later.",
            "未做任何更改；稍后可重试同一请求。"),
        new(
            ErrorCode.PassInvalid,
            422,
            "This is not a code of a member's card",
            "不是有效的会员码",
            "The code was not made here, or was read wrongly. Scan it again.",
            "此码并非本系统生成，或读取有误，请重新扫描。"),
        new(
            ErrorCode.PassExpired,
            422,
            "The code of the card is too old",
            "会员码已过期",
            "A code counts for {seconds} seconds. Have the member show its card anew.",
            "会员码 {seconds} 秒内有效，请会员刷新后再出示。")
        {
            Values = [new("seconds")],
        },
        new(
            ErrorCode.PassUsed,
            409,
            "The code of the card was scanned already",
            "会员码已被使用",
            "Each code is taken once. The next one is shown within {seconds} seconds.",
            "每个会员码只能使用一次，新码将在 {seconds} 秒内显示。")
        {
            Values = [new("seconds")],
        },
    ];
}
