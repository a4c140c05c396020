using System.Net.Mail;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Laurel.Identity.Mail;
using Laurel.Identity.Wire;
using Laurel.UnitTests.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Mail;

public sealed class SendingMailTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 23, 30, 0, TimeSpan.Zero);
    private static readonly Letter s_letter = new("ann@example.com", "验证码 042137", "您的验证码是 042137。\n.\nFive minutes.");

    private readonly LogLines _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MailSecurity.StartTls)]
    [InlineData(MailSecurity.Tls)]
    public async Task ArrivesInSecret_When_TheServerIsTrusted(MailSecurity security)
    {
        await using var server = new SmtpListener { OffersTls = security == MailSecurity.StartTls, IsSecretAtOnce = security == MailSecurity.Tls };

        (await SendAsync(server, "localhost", security, authorities: [server.Certificate])).ShouldBe(new SendOutcome.Sent(null));

        var letter = server.Letters.ShouldHaveSingleItem();
        var headers = letter[..letter.IndexOf("\n\n", StringComparison.Ordinal)].Split('\n');
        headers.ShouldContain("From: =?utf-8?B?U2hvcA==?= <shop@example.com>");
        headers.ShouldContain("To: <ann@example.com>");
        headers.ShouldContain("Subject: =?utf-8?B?" + Convert.ToBase64String(Encoding.UTF8.GetBytes(s_letter.Subject)) + "?=");
        headers.ShouldContain("Date: Sun, 22 Nov 2026 23:30:00 +0000");
        headers.ShouldContain("Content-Transfer-Encoding: base64");
        Encoding.UTF8.GetString(Convert.FromBase64String(letter[letter.IndexOf("\n\n", StringComparison.Ordinal)..])).ShouldBe(s_letter.Text);
        server.SignIns.ShouldBe(["user:pass-4711"]);
        server.SaidInTheOpen.Select(line => line.Split(' ')[0]).ShouldBe(security == MailSecurity.Tls ? [] : ["EHLO", "STARTTLS"]);
        server.Said.ShouldContain("MAIL FROM:<shop@example.com>");
        server.Said.ShouldContain("RCPT TO:<ann@example.com>");
    }

    [Fact]
    public async Task IsReadable_When_TheSubjectIsLongAndHostile()
    {
        await using var server = new SmtpListener { OffersTls = false };
        var subject = string.Concat(Enumerable.Repeat("验证码😀", 20)) + "\r\nBcc: eve@example.com";

        var mail = new SmtpMail(Options("127.0.0.1", server.Port, MailSecurity.None, TimeSpan.FromSeconds(20)), Faults(), new FixedClock(s_now));
        (await mail.SendAsync(new Letter("ann@例子.com", subject, ""), Stop)).ShouldBe(new SendOutcome.Sent(null));

        var letter = server.Letters.ShouldHaveSingleItem();
        letter.ShouldNotContain("Bcc:");
        letter.Split('\n').ShouldAllBe(line => line.Length <= 76 && !line.StartsWith('.'));
        var header = letter[letter.IndexOf("Subject:", StringComparison.Ordinal)..letter.IndexOf("Date:", StringComparison.Ordinal)];
        var words = header.Split("=?utf-8?B?")[1..].Select(word => Convert.FromBase64String(word[..word.IndexOf('?', StringComparison.Ordinal)]));
        string.Concat(words.Select(Encoding.UTF8.GetString)).ShouldBe(subject);
        server.Said.ShouldContain("RCPT TO:<ann@xn--fsqu00a.com>");
    }

    [Fact]
    public async Task IsNotSent_When_TheCertificateIsNotTrusted()
    {
        await using var server = new SmtpListener();

        (await SendAsync(server, "localhost", MailSecurity.StartTls)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_MISCONFIGURED");

        server.Letters.ShouldBeEmpty();
        server.SignIns.ShouldBeEmpty();
        _log.Text.ShouldContain("certificate");
    }

    [Fact]
    public async Task IsNotSent_When_TheServerHasNoTls()
    {
        await using var server = new SmtpListener { OffersTls = false };

        (await SendAsync(server, "localhost", MailSecurity.StartTls)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_MISCONFIGURED");

        server.Letters.ShouldBeEmpty();
        server.SignIns.ShouldBeEmpty();
    }

    [Fact]
    public async Task ArrivesInTheOpen_When_TheSettingsSaySo()
    {
        await using var server = new SmtpListener { OffersTls = false };

        (await SendAsync(server, "127.0.0.1", MailSecurity.None)).ShouldBe(new SendOutcome.Sent(null));

        server.Letters.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("RCPT", "550 no such user", "MAIL_ADDRESS_REFUSED")]
    [InlineData("RCPT", "553 not allowed", "MAIL_ADDRESS_REFUSED")]
    [InlineData("RCPT", "550 5.7.1 relaying denied", "PROVIDER_MISCONFIGURED")]
    [InlineData("RCPT", "450 busy", "PROVIDER_BUSY")]
    [InlineData("EHLO", "502 what", "PROVIDER_MISCONFIGURED")]
    [InlineData("EHLO", "250 no AUTH here", "PROVIDER_MISCONFIGURED")]
    [InlineData("DATA", "503 bad order", "PROVIDER_MISCONFIGURED")]
    [InlineData("", "HTTP/1.1 400 Bad Request", "PROVIDER_UNAVAILABLE")]
    [InlineData("RCPT", "451 try later", "PROVIDER_BUSY")]
    [InlineData("PASSWORD", "535 wrong", "PROVIDER_MISCONFIGURED")]
    [InlineData("MAIL", "530 sign in first", "PROVIDER_MISCONFIGURED")]
    [InlineData("MAIL", "452 full", "PROVIDER_BUSY")]
    [InlineData("LETTER", "554 spam", "PROVIDER_MISCONFIGURED")]
    [InlineData("", "421 closing", "PROVIDER_BUSY")]
    public async Task IsRefused_When_TheServerSays(string command, string line, string code)
    {
        await using var server = new SmtpListener { OffersTls = false };
        server.Answer(command, line);

        (await SendAsync(server, "127.0.0.1", MailSecurity.None)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe(code);

        _log.Text.ShouldNotContain("pass-4711");
        _log.Text.ShouldNotContain("ann@example.com");
        _log.Text.ShouldNotContain("042137");
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN")]
    [InlineData("AUTH LOGIN")]
    public async Task SignsIn_When_TheServerOffers(string ways)
    {
        await using var server = new SmtpListener { OffersTls = false };
        server.Answer("EHLO", "250-localhost\r\n250 " + ways);

        (await SendAsync(server, "127.0.0.1", MailSecurity.None)).ShouldBe(new SendOutcome.Sent(null));

        server.SignIns.ShouldBe(["user:pass-4711"]);
    }

    [Fact]
    public async Task IsNotSent_When_SomebodySpeaksBeforeTheConnectionIsSecret()
    {
        await using var server = new SmtpListener();
        server.Answer("STARTTLS", "220 go ahead\r\n250 AUTH PLAIN");

        (await SendAsync(server, "localhost", MailSecurity.StartTls, authorities: [server.Certificate])).ShouldBeOfType<SendOutcome.Failed>();

        server.SignIns.ShouldBeEmpty();
    }

    [Fact]
    public async Task IsNotSent_When_TheServerFallsSilentBeforeTheLetter()
    {
        await using var server = new SmtpListener { OffersTls = false };
        server.Answer("DATA", "");

        var outcome = await SendAsync(server, "127.0.0.1", MailSecurity.None, TimeSpan.FromMilliseconds(500));

        outcome.ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task IsNotAsked_When_TheAddressIsNotAscii()
    {
        await using var server = new SmtpListener { OffersTls = false };
        var mail = new SmtpMail(Options("127.0.0.1", server.Port, MailSecurity.None, TimeSpan.FromSeconds(20)), Faults(), TimeProvider.System);

        (await mail.SendAsync(s_letter with { To = "安@example.com" }, Stop)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("MAIL_ADDRESS_REFUSED");

        server.Said.ShouldBeEmpty();
    }

    [Fact]
    public async Task IsUnknownAndNotSentAgain_When_TheServerFallsSilentAfterTheLetter()
    {
        await using var server = new SmtpListener { OffersTls = false };
        server.Answer("LETTER", "");

        (await SendAsync(server, "127.0.0.1", MailSecurity.None, TimeSpan.FromMilliseconds(500))).ShouldBeOfType<SendOutcome.Unknown>();

        server.Letters.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task IsUnavailable_When_NobodyListens()
    {
        var server = new SmtpListener();
        var port = server.Port;
        await server.DisposeAsync();

        var mail = new SmtpMail(Options("127.0.0.1", port, MailSecurity.None, TimeSpan.FromSeconds(10)), Faults(), TimeProvider.System);
        var outcome = await mail.SendAsync(s_letter, Stop);

        outcome.ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task StopsAtOnce_When_TheCallerGoesAway()
    {
        await using var server = new SmtpListener { OffersTls = false };
        server.Answer("MAIL", "");
        using var caller = new CancellationTokenSource();
        caller.CancelAfter(TimeSpan.FromMilliseconds(300));
        var mail = new SmtpMail(Options("127.0.0.1", server.Port, MailSecurity.None, TimeSpan.FromSeconds(30)), Faults(), TimeProvider.System);

        await Should.ThrowAsync<OperationCanceledException>(() => mail.SendAsync(s_letter, caller.Token));
    }

    private static MailOptions Options(string host, int port, MailSecurity security, TimeSpan timeout, X509Certificate2Collection? authorities = null) => new()
    {
        Host = host,
        Port = port,
        Security = security,
        UserName = "user",
        Password = "pass-4711",
        From = new MailAddress("shop@example.com", "Shop"),
        Timeout = timeout,
        Authorities = authorities,
    };

    private Task<SendOutcome> SendAsync(
        SmtpListener server, string host, MailSecurity security, TimeSpan? timeout = null, X509Certificate2Collection? authorities = null) =>
        new SmtpMail(Options(host, server.Port, security, timeout ?? TimeSpan.FromSeconds(20), authorities), Faults(), new FixedClock(s_now)).SendAsync(s_letter, Stop);

    private ProviderFaults Faults() => new(SmtpMail.Name, _log.CreateLogger("mail"));
}
