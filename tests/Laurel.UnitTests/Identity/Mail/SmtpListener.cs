using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Laurel.UnitTests.Identity.Mail;

/// <summary>A mail server on the loopback that speaks as much of RFC 5321, RFC 3207 and RFC 4954 as a client needs, and answers as told.</summary>
internal sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, string> _answers = [];
    private readonly ConcurrentQueue<string> _said = new();
    private readonly ConcurrentQueue<string> _letters = new();
    private readonly Task _serving;

    public SmtpListener()
    {
        using var key = RSA.Create(2_048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        _listener.Start();
        _serving = ServeAsync();
    }

    public X509Certificate2 Certificate { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool OffersTls { get; init; } = true;

    /// <summary>TLS from the first byte, as on port 465.</summary>
    public bool IsSecretAtOnce { get; init; }

    /// <summary>What clients said, in order; sign-ins and letters are not in it.</summary>
    public IReadOnlyList<string> Said => [.. _said];

    /// <summary>Who signed in: user name and password with a colon between.</summary>
    public ConcurrentQueue<string> SignIns { get; } = new();

    /// <summary>The letters that were handed over, headers and all.</summary>
    public IReadOnlyList<string> Letters => [.. _letters];

    /// <summary>What is said before TLS and what after it: the first that was not secret.</summary>
    public ConcurrentQueue<string> SaidInTheOpen { get; } = new();

    /// <summary>Answers a command so from now on; empty says nothing at all any more.</summary>
    public SmtpListener Answer(string command, string line)
    {
        _answers[command] = line;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Dispose();
        _stopping.Dispose();
        Certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await using var stream = client.GetStream();
                await TalkAsync(stream);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or AuthenticationException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        SslStream? secret = null;
        var talk = stream;
        if (IsSecretAtOnce)
        {
            talk = secret = new SslStream(stream);
            await secret.AuthenticateAsServerAsync(Certificate);
        }

        await SayAsync(talk, _answers.GetValueOrDefault("", "220 localhost ready"));
        try
        {
            while (await ReadLineAsync(talk) is { } line)
            {
                _said.Enqueue(line);
                if (secret is null)
                {
                    SaidInTheOpen.Enqueue(line);
                }

                var command = line.Split(' ', ':')[0].ToUpperInvariant();
                if (_answers.TryGetValue(command, out var told))
                {
                    await SayAsync(talk, told);
                    continue;
                }

                switch (command)
                {
                    case "EHLO":
                        await SayAsync(talk, secret is null && OffersTls ? "250-localhost\r\n250-STARTTLS\r\n250 AUTH LOGIN" : "250-localhost\r\n250 AUTH LOGIN");
                        break;
                    case "STARTTLS":
                        await SayAsync(talk, "220 go ahead");
                        talk = secret = new SslStream(stream);
                        await secret.AuthenticateAsServerAsync(Certificate);
                        break;
                    case "AUTH":
                        await SignInAsync(talk, line);
                        break;
                    case "DATA":
                        await SayAsync(talk, "354 go ahead");
                        await TakeLetterAsync(talk);
                        break;
                    case "QUIT":
                        await SayAsync(talk, "221 bye");
                        return;
                    default:
                        await SayAsync(talk, "250 ok");
                        break;
                }
            }
        }
        finally
        {
            await (secret?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task SignInAsync(Stream talk, string line)
    {
        if (line.Split(' ') is [_, "PLAIN", var both])
        {
            SignIns.Enqueue(Plain(both).TrimStart('\0').Replace('\0', ':'));
            await SayAsync(talk, _answers.GetValueOrDefault("PASSWORD", "235 welcome"));
            return;
        }

        var user = line.Split(' ') is [_, _, var initial] ? initial : await AskAsync(talk, "334 VXNlcm5hbWU6");
        var password = await AskAsync(talk, "334 UGFzc3dvcmQ6");
        SignIns.Enqueue($"{Plain(user)}:{Plain(password)}");
        await SayAsync(talk, _answers.GetValueOrDefault("PASSWORD", "235 welcome"));

        static string Plain(string? text) => Encoding.UTF8.GetString(Convert.FromBase64String(text ?? ""));
    }

    private async Task<string?> AskAsync(Stream talk, string question)
    {
        await SayAsync(talk, question);
        return await ReadLineAsync(talk);
    }

    private async Task TakeLetterAsync(Stream talk)
    {
        var letter = new StringBuilder();
        while (await ReadLineAsync(talk) is { } line && line != ".")
        {
            letter.Append(line).Append('\n');
        }

        _letters.Enqueue(letter.ToString());
        await SayAsync(talk, _answers.GetValueOrDefault("LETTER", "250 taken"));
    }

    private async Task SayAsync(Stream talk, string line)
    {
        if (line.Length == 0)
        {
            await Task.Delay(Timeout.Infinite, _stopping.Token);
        }

        await talk.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stopping.Token);
    }

    // One byte at a time: what comes after STARTTLS belongs to TLS.
    private async Task<string?> ReadLineAsync(Stream talk)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await talk.ReadAsync(one, _stopping.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }
}
