using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Laurel.Engine.Telemetry;
using Laurel.Identity.Apps;
using Laurel.Identity.Mail;
using Laurel.Identity.Sms;
using Laurel.Identity.Users;
using Laurel.Identity.Wire;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity.Codes;

/// <summary>Hands codes to whoever carries them, after the caller was answered: how long that takes would tell who has an account here.</summary>
/// <remarks>What is not sent is not sent again; the user asks for another code. Neither number nor code is in the log, unless that is where
/// codes go while somebody develops.</remarks>
internal sealed partial class CodeSending(ILogger<CodeSending> log, SignInDirectory signIn, IMailSender? mail = null) : BackgroundService
{
    /// <summary>How many wait at the most; more are not sent.</summary>
    private const int QueueMax = 1_000;

    private const int AtOnceMax = 8;

    private static readonly Counter<long> s_sent = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_sign_in_codes_total", description: "Codes handed to whoever carries them, by channel and outcome: sent, unknown, failed or dropped.");

    private readonly Channel<Parcel> _queue = Channel.CreateBounded<Parcel>(QueueMax);

    private readonly record struct Parcel(TenantId Tenant, string Kind, string To, string Code, SmsPurpose Purpose);

    /// <summary>Whether a tenant can send codes to names of a kind.</summary>
    public async ValueTask<bool> ReachesAsync(TenantId tenant, string kind, CancellationToken cancellationToken) => kind switch
    {
        NameKind.Phone => (await signIn.OfAsync(tenant, cancellationToken)).Sms is not null,
        NameKind.Email => mail is not null,
        _ => false,
    };

    /// <param name="isKnown">Whether somebody has the name; who comes for the first time is told that the code registers.</param>
    public void Send(TenantId tenant, string kind, string to, string code, CodePurpose purpose, bool isKnown)
    {
        if (!_queue.Writer.TryWrite(new Parcel(tenant, kind, to, code, PurposeOf(purpose, isKnown))))
        {
            Count(kind, "dropped");
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        _queue.Reader.ReadAllAsync(stoppingToken),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = stoppingToken },
        CarryAsync);

    private async ValueTask CarryAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = parcel.Kind == NameKind.Phone
                ? await SendMessageAsync(parcel, cancellationToken)
                : await mail!.SendAsync(LetterOf(parcel), cancellationToken);
            var result = outcome switch
            {
                SendOutcome.Sent => "sent",
                SendOutcome.Unknown => "unknown",
                SendOutcome.Failed => "failed",
                _ => throw new InvalidOperationException("A message is sent, perhaps sent, or not sent."),
            };
            Count(parcel.Kind, result);
            if (outcome is SendOutcome.Failed failed)
            {
                LogFailed(log, parcel.Kind, failed.Refusal.Code);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next code has nothing to do with this one.
            Count(parcel.Kind, "failed");
            LogBroken(log, parcel.Kind, exception.GetType().Name);
        }
    }

    private async Task<SendOutcome> SendMessageAsync(Parcel parcel, CancellationToken cancellationToken) =>
        (await signIn.OfAsync(parcel.Tenant, cancellationToken)).Sms is { } sms
            ? await sms.SendAsync(new SmsCode(parcel.To, parcel.Code, parcel.Purpose, SignInCode.Life), cancellationToken)
            : new SendOutcome.Failed(new Refusal(ErrorCode.SignInMethodOff, ("method", parcel.Kind)));

    private static SmsPurpose PurposeOf(CodePurpose purpose, bool isKnown) => purpose switch
    {
        CodePurpose.Login when !isKnown => SmsPurpose.Register,
        CodePurpose.Login => SmsPurpose.Login,
        CodePurpose.Reset => SmsPurpose.Reset,
        CodePurpose.Bind => SmsPurpose.Bind,
    };

    private static Letter LetterOf(Parcel parcel)
    {
        var minutes = (int)SignInCode.Life.TotalMinutes;
        return new Letter(
            parcel.To,
            $"{parcel.Code} 验证码 / verification code",
            $"""
            您的验证码是 {parcel.Code}，{minutes} 分钟内有效。请勿告诉任何人。
            Your verification code is {parcel.Code}. It is good for {minutes} minutes. Tell it to nobody.
            """);
    }

    private static void Count(string channel, string outcome) => s_sent.Add(
        1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("outcome", outcome));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A code was not sent by {Channel}: {Code}.")]
    private static partial void LogFailed(ILogger log, string channel, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "A code was not sent by {Channel}: {Fault}.")]
    private static partial void LogBroken(ILogger log, string channel, string fault);
}
