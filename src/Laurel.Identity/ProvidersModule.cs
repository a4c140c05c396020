using Laurel.Identity.Host;
using Laurel.Identity.Mail;
using Laurel.Identity.Providers;
using Laurel.Identity.RealNames;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Laurel.Membership.RealNames;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity;

/// <summary>Brings together those outside who vouch for people and carry messages to them.</summary>
public static class ProvidersModule
{
    /// <summary>Adds <see cref="SignInProviders"/>, and <see cref="ISmsSender"/>, <see cref="IMailSender"/> and <see cref="HostTokens"/> where they are
    /// set up.</summary>
    /// <remarks>Nothing is asked for before the first sign-in. Whoever wants one of the last three takes it as optional.</remarks>
    /// <param name="sms">Null where no short messages are sent.</param>
    /// <param name="mail">Null where no mail is sent.</param>
    /// <param name="host">Null where the shop's own sign-in is not trusted.</param>
    public static void AddProviders(this IServiceCollection services, SignInOptions signIn, SmsOptions? sms, MailOptions? mail, HostTokenOptions? host)
    {
        services.AddSingleton(_ => new ProviderClient(signIn.Timeout));
        services.AddSingleton(provider => new SignInProviders(
            signIn, provider.GetRequiredService<ProviderClient>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        if (sms is not null)
        {
            services.AddSingleton(provider => SenderOf(sms, provider));
        }

        if (host is not null)
        {
            services.AddSingleton(provider => new HostTokens(host, KeysOf(host, provider), provider.GetRequiredService<TimeProvider>()));
        }

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

    private static HostKeys KeysOf(HostTokenOptions host, IServiceProvider provider) => new(
        host.KeysAddress,
        provider.GetRequiredService<ProviderClient>(),
        new ProviderFaults(HostKeys.Name, provider.GetRequiredService<ILogger<HostTokens>>()),
        provider.GetRequiredService<TimeProvider>());

    private static ISmsSender SenderOf(SmsOptions sms, IServiceProvider provider)
    {
        var (client, clock) = (provider.GetRequiredService<ProviderClient>(), provider.GetRequiredService<TimeProvider>());
        return sms.Provider switch
        {
            SmsProvider.Log => new LoggedSms(provider.GetRequiredService<ILogger<LoggedSms>>()),
            SmsProvider.Aliyun => new AliyunSms(sms, client, new ProviderFaults(AliyunSms.Name, provider.GetRequiredService<ILogger<AliyunSms>>()), clock),
            SmsProvider.Tencent => new TencentSms(sms, client, new ProviderFaults(TencentSms.Name, provider.GetRequiredService<ILogger<TencentSms>>()), clock),
        };
    }
}
