using System.Collections.Concurrent;
using System.Text;
using Laurel.Engine.Replicas;
using Laurel.Identity.Host;
using Laurel.Identity.Providers;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Tenants;
using Laurel.Platform.Vault;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity.Apps;

/// <summary>By what a tenant's people sign in.</summary>
/// <param name="Providers">Those that are set up.</param>
/// <param name="Sms">Carries codes; null where nobody does.</param>
/// <param name="Host">Reads tokens of the tenant's own sign-in; null where it has none.</param>
public sealed record TenantSignIn(SignInProviders Providers, ISmsSender? Sms, HostTokens? Host);

/// <summary>What the installation has: the platform's own tenant falls back on it.</summary>
/// <param name="Providers">Its apps.</param>
/// <param name="Sms">Null where it sends no short messages.</param>
/// <param name="Host">Null where it trusts no sign-in of the shop's own.</param>
/// <param name="Addresses">Where providers and carriers are asked, whoever's app it is.</param>
public sealed record InstallationSignIn(SignInOptions Providers, SmsOptions? Sms, HostTokenOptions? Host, SignInAddresses Addresses);

/// <summary>By what the people of each tenant sign in, as this node remembers it.</summary>
/// <remarks>A sign-in asks memory alone: a tenant is read when somebody signs in to it for the first time, and again after it was changed
/// (<see cref="AccessChanges"/>: here with the commit, on other nodes within about a second). What is remembered keeps the tokens and keys that providers
/// have given for an app. Thread-safe.</remarks>
public sealed partial class SignInDirectory
{
    private readonly ConcurrentDictionary<TenantId, TenantSignIn> _known = [];
    private readonly InstallationSignIn _installation;
    private readonly SignInParts _parts;
    private readonly ReadRouter _router;
    private readonly SecretVault _secrets;
    private readonly ILogger<SignInDirectory> _log;
    private readonly Lock _gate = new();
    private long _changes;

    internal SignInDirectory(
        InstallationSignIn installation, SignInParts parts, ReadRouter router, SecretVault secrets, AccessChanges changes, ILogger<SignInDirectory> log)
    {
        (_installation, _parts, _router, _secrets, _log) = (installation, parts, router, secrets, log);
        changes.Subscribe(Forget);
    }

    public ValueTask<TenantSignIn> OfAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _known.TryGetValue(tenant, out var known) ? ValueTask.FromResult(known) : ReadAsync(tenant, cancellationToken);

    private void Forget(AccessChange change)
    {
        if (change.What is not (AccessSubject.SignIn or AccessSubject.Everything))
        {
            return;
        }

        lock (_gate)
        {
            _changes++;
            if (change.What == AccessSubject.Everything)
            {
                _known.Clear();
            }
            else
            {
                _known.TryRemove(change.Tenant, out _);
            }
        }
    }

    private async ValueTask<TenantSignIn> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var before = Volatile.Read(ref _changes);
        var apps = await _router.ReadNewestAsync(from => SignInAppQueries.AllAsync(from, tenant, cancellationToken));
        lock (_gate)
        {
            // Of several who read at once all are given what the first one made: it holds the tokens of the apps.
            if (_known.TryGetValue(tenant, out var known))
            {
                return known;
            }

            var made = Make(tenant, apps);

            // A change that overtook the question counts: what was read may be what was before, and is good for this call alone.
            if (before == _changes)
            {
                _known[tenant] = made;
            }

            return made;
        }
    }

    private TenantSignIn Make(TenantId tenant, IReadOnlyList<SignInApp> apps)
    {
        var own = new Dictionary<string, (SignInAppSettings Settings, string Secret)>(StringComparer.Ordinal);
        foreach (var app in apps)
        {
            if (SecretOf(app) is { } secret)
            {
                own.Add(app.Code, (app.Settings, secret));
            }
        }

        var isPlatform = tenant == Tenant.Platform;
        var (at, basis) = (_installation.Addresses, isPlatform ? _installation.Providers : new SignInOptions { Timeout = _installation.Providers.Timeout });
        var providers = new SignInOptions
        {
            Timeout = basis.Timeout,
            WeChatMini = AppOf(ProviderName.WeChatMini, at.WeChatMini) ?? basis.WeChatMini,
            WeChat = AccountOf(ProviderName.WeChat, at.WeChat, at.WeChatAuthorize) ?? basis.WeChat,
            WeChatWeb = AccountOf(ProviderName.WeChatWeb, at.WeChatWeb, at.WeChatWebAuthorize) ?? basis.WeChatWeb,
            Alipay = own.TryGetValue(ProviderName.Alipay, out var alipay) ? AlipayOf(alipay.Settings, alipay.Secret, at) : basis.Alipay,
            Qq = AppOf(ProviderName.Qq, at.Qq) ?? basis.Qq,
            Weibo = AppOf(ProviderName.Weibo, at.Weibo) ?? basis.Weibo,
        };

        // Codes that are only written into the log are nobody's account: there every tenant has them.
        var ofInstallation = isPlatform || _installation.Sms?.Provider == SmsProvider.Log ? _installation.Sms : null;
        var sms = own.TryGetValue(SignInAppCode.Sms, out var carrier) ? SmsOptions.Of(carrier.Settings, carrier.Secret, at) : ofInstallation;
        var host = own.TryGetValue(SignInAppCode.Host, out var signIn) ? _parts.HostOf(HostTokenOptions.Of(signIn.Settings), isGuarded: true)
            : isPlatform && _installation.Host is { } trusted ? _parts.HostOf(trusted, isGuarded: false)
            : null;
        return new TenantSignIn(_parts.ProvidersOf(providers), sms is null ? null : _parts.SmsOf(sms), host);

        ProviderAppOptions? AppOf(string code, Uri address) => own.TryGetValue(code, out var app)
            ? new ProviderAppOptions { AppId = app.Settings.AppId!, Secret = app.Secret, BaseAddress = address }
            : null;

        WeChatAccountOptions? AccountOf(string code, Uri address, Uri authorize) => own.TryGetValue(code, out var app)
            ? new WeChatAccountOptions { AppId = app.Settings.AppId!, Secret = app.Secret, BaseAddress = address, AuthorizeAddress = authorize }
            : null;
    }

    private static AlipayOptions? AlipayOf(SignInAppSettings settings, string secret, SignInAddresses at) =>
        AlipayKeys.Read(secret, isPrivate: true) is { } own && AlipayKeys.Read(settings.AlipayPublicKey!, isPrivate: false) is { } theirs
            ? new AlipayOptions
            {
                AppId = settings.AppId!,
                PrivateKey = own,
                AlipayPublicKey = theirs,
                BaseAddress = at.Alipay,
                AuthorizeAddress = at.AlipayAuthorize,
            }
            : null;

    /// <summary>The secret in the open, empty where the kind has none; null where nobody can read it, and the app is as if it were not there.</summary>
    private string? SecretOf(SignInApp app)
    {
        if (app.Secret is not { } stored)
        {
            return "";
        }

        try
        {
            return Encoding.UTF8.GetString(_secrets.Open(app.Tenant, SignInApp.SecretPurpose, app.Id, stored));
        }
        catch (PersonalDataUnreadableException)
        {
            LogUnreadable(_log, app.Code, app.Tenant.Value);
            return null;
        }
    }

    [LoggerMessage(166, LogLevel.Error, "The secret of {Code} of the tenant {Tenant} cannot be read: its master key is not here. Nobody signs in by it.")]
    private static partial void LogUnreadable(ILogger log, string code, int tenant);
}

/// <summary>Makes what speaks to providers, carriers and issuers.</summary>
/// <param name="client">For hosts that the operator has named.</param>
/// <param name="guarded">For addresses that tenants have given.</param>
internal sealed class SignInParts(ProviderClient client, ProviderClient guarded, TimeProvider clock, ILoggerFactory loggers)
{
    public SignInProviders ProvidersOf(SignInOptions options) => new(options, client, clock, loggers);

    public ISmsSender SmsOf(SmsOptions sms) => sms.Provider switch
    {
        SmsProvider.Log => new LoggedSms(loggers.CreateLogger<LoggedSms>()),
        SmsProvider.Aliyun => new AliyunSms(sms, client, new ProviderFaults(AliyunSms.Name, loggers.CreateLogger<AliyunSms>()), clock),
        SmsProvider.Tencent => new TencentSms(sms, client, new ProviderFaults(TencentSms.Name, loggers.CreateLogger<TencentSms>()), clock),
    };

    public HostTokens HostOf(HostTokenOptions host, bool isGuarded)
    {
        var faults = new ProviderFaults(HostKeys.Name, loggers.CreateLogger<HostTokens>());
        return new HostTokens(host, new HostKeys(host.KeysAddress, isGuarded ? guarded : client, faults, clock), clock);
    }
}
