using System.Collections.Frozen;
using Laurel.Identity.Wire;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity.Providers;

/// <summary>The providers that a tenant has, by their names.</summary>
public sealed class SignInProviders
{
    private readonly FrozenDictionary<string, ISignInProvider> _byName;

    internal SignInProviders(SignInOptions options, ProviderClient client, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<SignInProviders>();
        var providers = new List<ISignInProvider>();
        if (options.WeChatMini is { } mini)
        {
            WeChatMini = new WeChatMiniProgram(mini, client, Faults(ProviderName.WeChatMini), clock);
            providers.Add(WeChatMini);
        }

        if (options.WeChat is { } account)
        {
            providers.Add(new WeChatAccount(ProviderName.WeChat, account, client, Faults(ProviderName.WeChat)));
        }

        if (options.WeChatWeb is { } website)
        {
            providers.Add(new WeChatAccount(ProviderName.WeChatWeb, website, client, Faults(ProviderName.WeChatWeb)));
        }

        if (options.Alipay is { } alipay)
        {
            providers.Add(new Alipay(alipay, client, Faults(ProviderName.Alipay), clock));
        }

        if (options.Qq is { } qq)
        {
            providers.Add(new Qq(qq, client, Faults(ProviderName.Qq)));
        }

        if (options.Weibo is { } weibo)
        {
            providers.Add(new Weibo(weibo, client, Faults(ProviderName.Weibo)));
        }

        _byName = providers.ToFrozenDictionary(provider => provider.Name);

        ProviderFaults Faults(string name) => new(name, logger);
    }

    /// <summary>What only the mini program can do besides; null where it is not set up.</summary>
    public WeChatMiniProgram? WeChatMini { get; }

    /// <summary>The names of those that are set up, in alphabetical order.</summary>
    public IReadOnlyList<string> Names => [.. _byName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The provider of a name; null where it is not set up.</summary>
    public ISignInProvider? Find(string name) => _byName.GetValueOrDefault(name);
}
