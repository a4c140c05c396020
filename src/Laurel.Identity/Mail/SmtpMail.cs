using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Laurel.Identity.Wire;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Mail;

/// <summary>Sends by SMTP, one connection for each mail: they are few, and none is left half open.</summary>
/// <remarks>Why not the framework's client: docs/adr/0082. Whatever goes wrong before the end of the letter was sent means that nothing went
/// out; afterwards nobody knows.</remarks>
internal sealed class SmtpMail(MailOptions options, ProviderFaults faults, TimeProvider clock) : IMailSender
{
    public const string Name = "mail";

    private const int StartMailInput = 354;

    private static readonly byte[] s_end = ".\r\n"u8.ToArray();

    public async Task<SendOutcome> SendAsync(Letter letter, CancellationToken cancellationToken)
    {
        if (MailText.AsciiAddress(letter.To) is not { } to)
        {
            return Failed(new Refusal(ErrorCode.MailAddressRefused));
        }

        using var patience = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var delivery = new Delivery();
        try
        {
            await using var talk = new SmtpConversation();
            return await BeginAsync(talk, either.Token) is { } refusal ? Failed(refusal) : await DeliverAsync(talk, to, letter, delivery, either.Token);
        }
        catch (AuthenticationException)
        {
            return Failed(faults.Misconfigured("certificate"));
        }
        catch (Exception exception) when (
            exception is IOException or SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return delivery.HasEnded ? faults.Unknown("no_answer") : Failed(faults.Unavailable(exception is SocketException ? "no_connection" : "no_answer"));
        }
    }

    /// <summary>Connects, makes the connection secret, signs in.</summary>
    private async Task<Refusal?> BeginAsync(SmtpConversation talk, CancellationToken cancellationToken)
    {
        await talk.ConnectAsync(options.Host, options.Port, cancellationToken);
        if (options.Security == MailSecurity.Tls)
        {
            await talk.SecureAsync(options.Host, options.Authorities, cancellationToken);
        }

        var reply = await talk.HearAsync(cancellationToken);
        reply = reply.IsGood ? await talk.SayAsync($"EHLO {talk.Self}", cancellationToken) : reply;
        if (reply.IsGood && options.Security == MailSecurity.StartTls)
        {
            if (!reply.Lines.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase))
            {
                return faults.Misconfigured("no_starttls");
            }

            reply = await talk.SayAsync("STARTTLS", cancellationToken);
            if (reply.IsGood)
            {
                await talk.SecureAsync(options.Host, options.Authorities, cancellationToken);
                reply = await talk.SayAsync($"EHLO {talk.Self}", cancellationToken);
            }
        }

        return !reply.IsGood ? RefusalOf(reply) : options.UserName is { } user ? await SignInAsync(talk, reply, user, cancellationToken) : null;
    }

    private async Task<Refusal?> SignInAsync(SmtpConversation talk, SmtpReply greeting, string user, CancellationToken cancellationToken)
    {
        var ways = greeting.Lines.FirstOrDefault(line => line.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))?.ToUpperInvariant().Split(' ') ?? [];
        var password = options.Password ?? "";
        SmtpReply reply;
        if (ways.Contains("PLAIN"))
        {
            reply = await talk.SayAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", cancellationToken);
        }
        else if (ways.Contains("LOGIN"))
        {
            reply = await talk.SayAsync($"AUTH LOGIN {Base64(user)}", cancellationToken);
            reply = reply.Code == 334 ? await talk.SayAsync(Base64(password), cancellationToken) : reply;
        }
        else
        {
            return faults.Misconfigured("no_auth");
        }

        return reply.IsGood ? null : RefusalOf(reply);
    }

    private async Task<SendOutcome> DeliverAsync(SmtpConversation talk, string to, Letter letter, Delivery delivery, CancellationToken cancellationToken)
    {
        var reply = await talk.SayAsync($"MAIL FROM:<{options.From.Address}>", cancellationToken);
        if (!reply.IsGood)
        {
            return Failed(RefusalOf(reply));
        }

        reply = await talk.SayAsync($"RCPT TO:<{to}>", cancellationToken);
        if (!reply.IsGood)
        {
            // 5.7 is about who may send what to whom: our settings, not the address.
            var isAddress = reply.Code is 550 or 551 or 553 && !reply.Lines[0].StartsWith("5.7.", StringComparison.Ordinal);
            return Failed(isAddress ? new Refusal(ErrorCode.MailAddressRefused) : RefusalOf(reply));
        }

        reply = await talk.SayAsync("DATA", cancellationToken);
        if (reply.Code != StartMailInput)
        {
            return Failed(RefusalOf(reply));
        }

        await talk.SendAsync(MailText.Write(options.From, to, letter, clock.GetUtcNow()), cancellationToken);
        delivery.HasEnded = true;
        await talk.SendAsync(s_end, cancellationToken);
        reply = await talk.HearAsync(cancellationToken);
        return reply.IsGood ? new SendOutcome.Sent(null) : Failed(RefusalOf(reply));
    }

    private Refusal RefusalOf(SmtpReply reply) =>
        reply.Code is >= 400 and < 500 ? faults.Busy($"smtp_{reply.Code}") : faults.Misconfigured($"smtp_{reply.Code}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static SendOutcome.Failed Failed(Refusal refusal) => new(refusal);

    /// <summary>How far a letter got.</summary>
    private sealed class Delivery
    {
        /// <summary>The end of it was, or was about to be, sent.</summary>
        public bool HasEnded { get; set; }
    }
}
