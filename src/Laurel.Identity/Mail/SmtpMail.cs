using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Laurel.Identity.Wire;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Mail;

/// <summary>Sends by SMTP, one connection for each mail: they are few, and none is left half open.</summary>
internal sealed class SmtpMail(MailOptions options, ProviderFaults faults) : IMailSender
{
    public const string Name = "mail";

    // RFC 4954: the server wants TLS or a sign-in first, or did not take the one it was given.
    private static readonly int[] s_signInStatuses = [454, 530, 534, 535, 538];

    public async Task<SendOutcome> SendAsync(Letter letter, CancellationToken cancellationToken)
    {
        using var message = new MailMessage(options.From, letter.To, letter.Subject, letter.Text)
        {
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
        };
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.Security == MailSecurity.StartTls };
        if (options.UserName is { } user)
        {
            client.Credentials = new NetworkCredential(user, options.Password);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Timeout);
        try
        {
            // The client's own time limit does not hold for asynchronous sending.
            await client.SendMailAsync(message, patience.Token);
            return new SendOutcome.Sent(null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return faults.Unknown("no_answer");
        }
        catch (SmtpException exception)
        {
            return OutcomeOf(exception);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException)
        {
            return OutcomeOf(new SmtpException("", exception));
        }
    }

    private SendOutcome OutcomeOf(SmtpException exception) => exception switch
    {
        { InnerException: AuthenticationException } => Failed(faults.Misconfigured("certificate")),
        _ when s_signInStatuses.Contains((int)exception.StatusCode) => Failed(faults.Misconfigured($"smtp_{(int)exception.StatusCode}")),
        _ when IsNotConnected(exception) => Failed(faults.Unavailable("no_connection")),
        SmtpFailedRecipientException { StatusCode: SmtpStatusCode.MailboxUnavailable or SmtpStatusCode.MailboxNameNotAllowed or SmtpStatusCode.UserNotLocalTryAlternatePath } =>
            Failed(new Refusal(ErrorCode.MailAddressRefused)),
        { StatusCode: SmtpStatusCode.ServiceNotAvailable or SmtpStatusCode.MailboxBusy or SmtpStatusCode.LocalErrorInProcessing or SmtpStatusCode.InsufficientStorage } =>
            Failed(faults.Busy($"smtp_{(int)exception.StatusCode}")),
        { StatusCode: > 0 } => Failed(faults.Misconfigured($"smtp_{(int)exception.StatusCode}")),

        // The server cannot be spoken to as we want, and nothing was handed over: no STARTTLS, no way of signing in that we know.
        { InnerException: null } => Failed(faults.Misconfigured("smtp_dialogue")),
        _ => faults.Unknown("connection_lost"),
    };

    private static bool IsNotConnected(Exception exception) =>
        exception.GetBaseException() is SocketException
        {
            SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                or SocketError.HostUnreachable or SocketError.NetworkUnreachable,
        };

    private static SendOutcome.Failed Failed(Refusal refusal) => new(refusal);
}
