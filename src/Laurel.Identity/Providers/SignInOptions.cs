using System.Security.Cryptography;

namespace Laurel.Identity.Providers;

/// <summary>Who signs people in for a tenant; a provider that is null is not there.</summary>
/// <remarks>These are no records on purpose: the text of a record shows what is in it.</remarks>
public sealed class SignInOptions
{
    public ProviderAppOptions? WeChatMini { get; init; }

    public WeChatAccountOptions? WeChat { get; init; }

    public WeChatAccountOptions? WeChatWeb { get; init; }

    public AlipayOptions? Alipay { get; init; }

    public ProviderAppOptions? Qq { get; init; }

    public ProviderAppOptions? Weibo { get; init; }

    /// <summary>How long one request to a provider may take; a sign-in makes up to four.</summary>
    public TimeSpan Timeout { get; init; } = Wire.ProviderClient.TimeoutDefault;
}

/// <summary>Our app with a provider.</summary>
public class ProviderAppOptions
{
    public required string AppId { get; init; }

    public required string Secret { get; init; }

    /// <summary>Where the provider is asked.</summary>
    public required Uri BaseAddress { get; init; }
}

/// <summary>An app of WeChat that has a page to send browsers to.</summary>
public sealed class WeChatAccountOptions : ProviderAppOptions
{
    /// <summary>Where browsers are sent.</summary>
    public required Uri AuthorizeAddress { get; init; }
}

/// <summary>Our app with Alipay, which has keys in a secret's place.</summary>
public sealed class AlipayOptions
{
    public required string AppId { get; init; }

    /// <summary>Of our app: signs what we ask.</summary>
    public required RSA PrivateKey { get; init; }

    /// <summary>Of Alipay for our app, which is not the public half of <see cref="PrivateKey"/>: verifies what it answers.</summary>
    public required RSA AlipayPublicKey { get; init; }

    /// <summary>Where the gateway is asked.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>Where browsers are sent.</summary>
    public required Uri AuthorizeAddress { get; init; }
}
