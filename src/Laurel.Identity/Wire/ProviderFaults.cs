using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.Extensions.Logging;

namespace Laurel.Identity.Wire;

/// <summary>Turns what a provider says into our refusals, and tells the operator what callers need not know.</summary>
/// <remarks>Logged are the provider's name and its error number or word, never its sentences: they may repeat what we sent.</remarks>
internal sealed partial class ProviderFaults(string provider, ILogger logger)
{
    private const int WordLengthMax = 64;

    public Refusal CodeInvalid() => new(ErrorCode.ProviderCodeInvalid, ("provider", provider));

    /// <param name="reason">A word of ours.</param>
    public Refusal Refused(string reason) => new(ErrorCode.ProviderRefused, ("provider", provider), ("reason", reason));

    /// <param name="why">The provider's error number or word, or one of ours.</param>
    public Refusal Busy(string why)
    {
        LogBusy(logger, provider, Word(why));
        return new(ErrorCode.ProviderBusy, ("provider", provider)) { Definitive = false };
    }

    public Refusal Misconfigured(string why)
    {
        LogMisconfigured(logger, provider, Word(why));
        return new(ErrorCode.ProviderMisconfigured, ("provider", provider)) { Definitive = false };
    }

    public Refusal Unavailable(string why)
    {
        LogUnavailable(logger, provider, Word(why));
        return new(ErrorCode.ProviderUnavailable, ("provider", provider)) { Definitive = false };
    }

    /// <summary>What is refused when an answer is missing or cannot be understood.</summary>
    public Refusal Unreadable(WireAnswer answer) => answer switch
    {
        { Fault: WireFault.NotSent } => Unavailable("no_connection"),
        { Fault: WireFault.Ambiguous } => Unavailable("no_answer"),
        { Status: 429 or 503 } => Busy($"http_{answer.Status}"),
        _ => Unavailable($"http_{answer.Status}_unreadable"),
    };

    public Refusal SmsLimit(string why)
    {
        LogRefusedMessage(logger, provider, Word(why));
        return new(ErrorCode.SmsLimitReached, ("provider", provider)) { Definitive = false };
    }

    public Refusal SmsNumber(string why)
    {
        LogRefusedMessage(logger, provider, Word(why));
        return new(ErrorCode.SmsNumberRefused, ("provider", provider));
    }

    /// <summary>Notes that nobody knows whether a message went out.</summary>
    public SendOutcome Unknown(string why)
    {
        LogUnknown(logger, provider, Word(why));
        return new SendOutcome.Unknown();
    }

    // Words of a provider go into the log, so they are words: no line breaks, nothing long.
    private static string Word(string text)
    {
        var kept = text.Length <= WordLengthMax ? text : text[..WordLengthMax];
        return string.Concat(kept.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '?'));
    }

    [LoggerMessage(160, LogLevel.Error, "The provider {Provider} does not accept our settings ({Why}).")]
    private static partial void LogMisconfigured(ILogger logger, string provider, string why);

    [LoggerMessage(161, LogLevel.Warning, "The provider {Provider} gave no answer that could be used ({Why}).")]
    private static partial void LogUnavailable(ILogger logger, string provider, string why);

    [LoggerMessage(162, LogLevel.Warning, "The provider {Provider} is busy or limits us ({Why}).")]
    private static partial void LogBusy(ILogger logger, string provider, string why);

    [LoggerMessage(163, LogLevel.Information, "The provider {Provider} did not take a message ({Why}).")]
    private static partial void LogRefusedMessage(ILogger logger, string provider, string why);

    [LoggerMessage(164, LogLevel.Warning, "Whether {Provider} sent a message is not known ({Why}); it is not sent again.")]
    private static partial void LogUnknown(ILogger logger, string provider, string why);
}
