namespace Laurel.Identity.Providers;

/// <summary>Where providers and carriers are asked, and where browsers are sent: the operator's to say, for the apps of all tenants.</summary>
/// <remarks>Whoever could say it for a tenant could have this server connect to its own network, and be told by whom it pleases who signs in
/// (docs/adr/0109).</remarks>
public sealed record SignInAddresses
{
    public Uri WeChatMini { get; init; } = new("https://api.weixin.qq.com");

    public Uri WeChat { get; init; } = new("https://api.weixin.qq.com");

    public Uri WeChatAuthorize { get; init; } = new("https://open.weixin.qq.com");

    public Uri WeChatWeb { get; init; } = new("https://api.weixin.qq.com");

    public Uri WeChatWebAuthorize { get; init; } = new("https://open.weixin.qq.com");

    public Uri Alipay { get; init; } = new("https://openapi.alipay.com");

    public Uri AlipayAuthorize { get; init; } = new("https://openauth.alipay.com");

    public Uri Qq { get; init; } = new("https://graph.qq.com");

    public Uri Weibo { get; init; } = new("https://api.weibo.com");

    public Uri AliyunSms { get; init; } = new("https://dysmsapi.aliyuncs.com");

    public Uri TencentSms { get; init; } = new("https://sms.tencentcloudapi.com");
}
