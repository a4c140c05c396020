using Laurel.Engine.Replicas;
using Laurel.Identity.Apps;
using Laurel.Identity.Mail;
using Laurel.Identity.RealNames;
using Laurel.Identity.Wire;
using Laurel.Membership.RealNames;
using Laurel.Platform.Access;
using Laurel.Platform.Outside;
using Laurel.Platform.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity;

/// <summary>Brings together those outside who vouch for people and carry messages to them.</summary>
public static class ProvidersModule
{
    /// <summary>Adds <see cref="SignInDirectory"/>, and <see cref="IMailSender"/> where it is set up.</summary>
    /// <remarks>Nothing is asked for before the first sign-in. Whoever wants to send mail takes its sender as optional.</remarks>
    /// <param name="installation">What the platform's own tenant falls back on.</param>
    /// <param name="mail">Null where no mail is sent.</param>
    public static void AddProviders(this IServiceCollection services, InstallationSignIn installation, MailOptions? mail)
    {
        services.AddSingleton(_ => new ProviderClient(installation.Providers.Timeout));
        services.AddSingleton(provider => new SignInDirectory(
            installation,
            PartsOf(installation, provider),
            provider.GetRequiredService<ReadRouter>(),
            provider.GetRequiredService<SecretVault>(),
            provider.GetRequiredService<AccessChanges>(),
            provider.GetRequiredService<ILogger<SignInDirectory>>()));
        if (mail is not null)
        {
            services.AddSingleton<IMailSender>(provider => new SmtpMail(
                mail, new ProviderFaults(SmtpMail.Name, provider.GetRequiredService<ILogger<SmtpMail>>()), provider.GetRequiredService<TimeProvider>()));
        }
    }

    /// <summary>Adds who is asked for real names.</summary>
    /// <param name="tencent">Null where staff looks at them.</param>
    public static void AddRealNames(this IServiceCollection services, RealNameLimits limits, TencentRealNameOptions? tencent)
    {
        services.AddSingleton(limits);
        services.AddSingleton<IRealNameProvider>(provider => tencent is null ? new StaffRealNames() : new TencentRealNames(
            tencent,
            provider.GetRequiredService<ProviderClient>(),
            new ProviderFaults(TencentRealNames.ProviderName, provider.GetRequiredService<ILogger<TencentRealNames>>()),
            provider.GetRequiredService<TimeProvider>()));
    }

    private static SignInParts PartsOf(InstallationSignIn installation, IServiceProvider provider)
    {
        var guard = new GuardedConnection(provider.GetRequiredService<AddressRule>(), provider.GetRequiredService<ResolveName>());
        return new SignInParts(
            provider.GetRequiredService<ProviderClient>(),
            new ProviderClient(installation.Providers.Timeout, guard),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>());
    }
}
