using Laurel.Identity.Wire;
using Laurel.Platform.Vault;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity.Sms;

/// <summary>Sends nothing and writes codes into the log, so that sign-in can be tried without a carrier.</summary>
internal sealed partial class LoggedSms(ILogger<LoggedSms> logger) : ISmsSender
{
    public Task<SendOutcome> SendAsync(SmsCode code, CancellationToken cancellationToken)
    {
        LogCode(logger, code.Purpose, PhoneNumber.Hide(code.Phone), code.Code);
        return Task.FromResult<SendOutcome>(new SendOutcome.Sent(null));
    }

    [LoggerMessage(165, LogLevel.Warning, "Development only, nothing was sent: the {Purpose} code for {Phone} is {Code}.")]
    private static partial void LogCode(ILogger logger, SmsPurpose purpose, string phone, string code);
}
