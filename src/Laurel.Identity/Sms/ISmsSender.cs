using Laurel.Identity.Wire;

namespace Laurel.Identity.Sms;

/// <summary>What a code is for. Each has a template with the carrier, because what it says differs.</summary>
public enum SmsPurpose
{
    Login,
    Register,
    Reset,
    Bind,
}

/// <summary>A code on its way to a phone.</summary>
/// <param name="Phone">E.164, such as <c>+8613800138000</c>.</param>
/// <param name="Code">Digits.</param>
/// <param name="Validity">How long the code is good; templates may name it in whole minutes.</param>
public sealed record SmsCode(string Phone, string Code, SmsPurpose Purpose, TimeSpan Validity)
{
    /// <summary>Neither number nor code.</summary>
    public override string ToString() => $"{nameof(SmsCode)} {Purpose}";
}

/// <summary>Carries codes to phones. Thread-safe.</summary>
public interface ISmsSender
{
    /// <summary>Sends once, and never again by itself: carriers do not notice that a message is the same.</summary>
    Task<SendOutcome> SendAsync(SmsCode code, CancellationToken cancellationToken);
}
