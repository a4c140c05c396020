using Laurel.Identity.Wire;

namespace Laurel.Identity.Mail;

/// <summary>A mail of plain text.</summary>
/// <param name="To">One address, as <see cref="Platform.Vault.EmailAddress.Normalise"/> gives it.</param>
/// <param name="Subject">One line.</param>
public sealed record Letter(string To, string Subject, string Text)
{
    /// <summary>Neither address nor text.</summary>
    public override string ToString() => nameof(Letter);
}

/// <summary>Carries mail. Thread-safe.</summary>
public interface IMailSender
{
    /// <summary>Sends once, and never again by itself.</summary>
    Task<SendOutcome> SendAsync(Letter letter, CancellationToken cancellationToken);
}
