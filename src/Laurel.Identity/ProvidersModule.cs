using Laurel.Identity.Mail;
using Laurel.Identity.Providers;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity;

/// <summary>Brings together those outside who vouch for people and carry messages to them.</summary>
public static class ProvidersModule
{
    /// <summary>Adds <see cref="SignInProviders"/>, and <see cref="ISmsSender"/> and <see cref="IMailSender"/> where they are set up.</summary>
    /// <remarks>Nothing is asked for before the first sign-in. Whoever wants a sender takes it as optional.</remarks>
    /// <param name="sms">Null where no short messages are sent.</param>
    /// <param name="mail">Null where no mail is sent.</param>
    public static void AddProviders(this IServiceCollection services, SignInOptions signIn, SmsOptions? sms, MailOptions? mail)
    {
        services.AddSingleton(_ => new ProviderClient(signIn.Timeout));
        services.AddSingleton(provider => new SignInProviders(
            signIn, provider.GetRequiredService<ProviderClient>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        if (sms is not null)
        {
            services.AddSingleton(provider => SenderOf(sms, provider));
        }

        if (mail is not null)
        {
            services.AddSingleton<IMailSender>(provider => new SmtpMail(
                mail, new ProviderFaults(SmtpMail.Name, provider.GetRequiredService<ILogger<SmtpMail>>())));
        }
    }

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
