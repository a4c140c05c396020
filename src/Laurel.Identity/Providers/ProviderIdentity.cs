namespace Laurel.Identity.Providers;

/// <summary>Whom a provider vouches for.</summary>
/// <param name="Provider">One of <see cref="ProviderName"/>.</param>
/// <param name="AppId">Our app with the provider: an <paramref name="OpenId"/> means nothing in another one.</param>
/// <param name="OpenId">The user within the app, 1 to 128 visible ASCII characters.</param>
public sealed record ProviderIdentity(string Provider, string AppId, string OpenId)
{
    /// <summary>The user over all apps of one owner; null where the provider does not tell.</summary>
    public string? UnionId { get; init; }

    /// <summary>What the user calls itself, 1 to 64 characters without control characters; null where not told.</summary>
    public string? Nickname { get; init; }

    /// <summary>An absolute http or https address on the provider's side, or null. It may stop working.</summary>
    public string? AvatarUrl { get; init; }

    /// <summary>What the provider says; null where it does not.</summary>
    public ProviderGender? Gender { get; init; }
}

public enum ProviderGender
{
    Female,
    Male,
}

/// <summary>The names of the providers in paths, settings, rows and refusals. They are for good.</summary>
public static class ProviderName
{
    /// <summary>A WeChat mini program.</summary>
    public const string WeChatMini = "wechat_mini";

    /// <summary>A WeChat official account: pages inside WeChat.</summary>
    public const string WeChat = "wechat";

    /// <summary>A website of the WeChat Open Platform: a QR code on a page outside WeChat.</summary>
    public const string WeChatWeb = "wechat_web";

    public const string Alipay = "alipay";

    public const string Qq = "qq";

    public const string Weibo = "weibo";

    /// <summary>The kind of what a provider knows somebody by in all apps of one owner, whichever of them it comes from.</summary>
    public static string UnionOf(string provider) => (provider is WeChatMini or WeChatWeb ? WeChat : provider) + "_union";
}
