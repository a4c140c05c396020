using System.Net.Mail;
using System.Security.Cryptography.X509Certificates;

namespace Laurel.Identity.Mail;

public enum MailSecurity
{
    /// <summary>The connection is made secret by <c>STARTTLS</c> before anything else is said; a server that cannot is not used.</summary>
    StartTls,

    /// <summary>The connection is secret from its first byte.</summary>
    Tls,

    /// <summary>Everything can be read on the way: for a server on the same machine.</summary>
    None,
}

/// <summary>The mail server. No record: its text would show the password.</summary>
public sealed class MailOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>Null sends without signing in.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Whom mail comes from. The address is ASCII.</summary>
    public required MailAddress From { get; init; }

    /// <summary>Who must have signed the server's certificate; null trusts whom the machine trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>For all of one mail.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
