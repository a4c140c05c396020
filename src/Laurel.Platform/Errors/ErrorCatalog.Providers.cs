namespace Laurel.Platform.Errors;

/// <content>The refusals of those who sign people in for us and carry our messages.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfProviders =>
    [
        new(
            ErrorCode.ProviderNotFound,
            404,
            "The provider is not set up",
            "未配置该服务提供方",
            "This tenant has not set up {provider}: see docs/operate/sign-in.md.",
            "该租户未配置 {provider}；设置方法见 docs/operate/sign-in.zh-CN.md。")
        {
            Values = [new("provider")],
        },
        new(
            ErrorCode.SignInAddressRefused,
            422,
            "The address is not one that keys may be fetched from",
            "不允许从此地址获取密钥",
            "It must be {expected}.",
            "必须是{expected}。")
        {
            Values = [new("expected")],
        },
        new(
            ErrorCode.SignInSecretRequired,
            422,
            "The secret is missing",
            "缺少密钥",
            "secret may be left away only where one is set already for the same account or app.",
            "仅当同一账号或应用已设置密钥时，才可省略 secret。"),
        new(
            ErrorCode.ProviderCodeInvalid,
            401,
            "The provider does not accept the code",
            "提供方不接受该授权码",
            "{provider} says that the code is wrong, too old or used already; ask for a new one there.",
            "{provider} 表示授权码错误、已过期或已使用；请重新获取。")
        {
            Values = [new("provider")],
        },
        new(
            ErrorCode.ProviderRefused,
            403,
            "The provider does not let this user sign in",
            "提供方不允许该用户登录",
            "{provider} does not vouch for this user ({reason}).",
            "{provider} 不为该用户提供身份证明（{reason}）。")
        {
            Values = [new("provider"), new("reason")],
        },
        new(
            ErrorCode.ProviderBusy,
            503,
            "The provider is busy",
            "提供方繁忙",
            "{provider} has too much to do, or was asked too often; try again.",
            "{provider} 繁忙或调用过于频繁；请稍后重试。")
        {
            Values = [new("provider")],
            RetryAfterSeconds = 5,
        },
        new(
            ErrorCode.ProviderUnavailable,
            503,
            "The provider does not answer",
            "提供方没有响应",
            "{provider} gave no answer that could be understood; try again, with a new code if it is refused.",
            "{provider} 没有给出可识别的响应；请重试，若授权码被拒请重新获取。")
        {
            Values = [new("provider")],
            RetryAfterSeconds = 5,
        },
        new(
            ErrorCode.ProviderMisconfigured,
            500,
            "The provider is not set up rightly",
            "提供方配置有误",
            "{provider} does not serve this installation with its settings; the log tells the operator why.",
            "{provider} 不接受本系统的配置；原因已写入日志，请联系运维人员。")
        {
            Values = [new("provider")],
        },
        new(
            ErrorCode.SmsLimitReached,
            429,
            "Too many messages for this number",
            "该号码的短信过于频繁",
            "{provider} sends no more messages to this number for now; nothing was sent.",
            "{provider} 暂时不再向该号码发送短信；本次未发送。")
        {
            Values = [new("provider")],
            RetryAfterSeconds = 60,
        },
        new(
            ErrorCode.SmsNumberRefused,
            422,
            "No message can be sent to this number",
            "无法向该号码发送短信",
            "{provider} does not send to this number: it does not exist, cannot be reached, or wants no messages.",
            "{provider} 不向该号码发送：号码不存在、不可达或已拒收。")
        {
            Values = [new("provider")],
        },
        new(
            ErrorCode.MailAddressRefused,
            422,
            "No mail can be sent to this address",
            "无法向该邮箱发送邮件",
            "The mail server says that this mailbox does not exist or takes no mail.",
            "邮件服务器表示该邮箱不存在或不接收邮件。"),
    ];
}
