namespace Laurel.Identity.Mail;

public enum MailSecurity
{
    /// <summary>The connection is made secret before anything is said; a server that cannot is not used.</summary>
    StartTls,

    /// <summary>Everything can be read on the way: for a server on the same machine.</summary>
    None,
}

/// <summary>The mail server. No record: its text would show the password.</summary>
public sealed class MailOptions
{
    public const int PortDefault = 587;

    public required string Host { get; init; }

    public int Port { get; init; } = PortDefault;

    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>Null sends without signing in.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Whom mail comes from: <c>name@example.com</c> or <c>Shop &lt;name@example.com&gt;</c>.</summary>
    public required string From { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
