using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Laurel.Identity.Mail;

/// <summary>What a mail server answered.</summary>
/// <param name="Code">Three digits: 2xx is well, 3xx waits for more, 4xx may go better later, 5xx will not.</param>
/// <param name="Lines">What it said, without the codes.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool IsGood => Code is >= 200 and < 300;
}

/// <summary>One connection to a mail server, RFC 5321: a line out, a reply back.</summary>
/// <remarks>What breaks it throws <see cref="IOException"/> or <see cref="SocketException"/>, a certificate that is not trusted
/// <see cref="System.Security.Authentication.AuthenticationException"/>.</remarks>
internal sealed class SmtpConversation : IAsyncDisposable
{
    private const int LineBytesMax = 2_048;

    private const int ReplyLinesMax = 100;

    private readonly TcpClient _connection = new() { NoDelay = true };
    private readonly byte[] _buffer = new byte[LineBytesMax];
    private Stream _stream = Stream.Null;
    private int _start;
    private int _end;

    /// <summary>What we are called: the address that we come from.</summary>
    public string Self => _connection.Client.LocalEndPoint is IPEndPoint { Address: var address }
        ? address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]"
        : "localhost";

    public async Task ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync(host, port, cancellationToken);
        _stream = _connection.GetStream();
    }

    /// <summary>Makes the connection secret from here on.</summary>
    public async Task SecureAsync(string host, X509Certificate2Collection? authorities, CancellationToken cancellationToken)
    {
        // What somebody put in before the handshake must not count as said in secret (CVE-2011-0411).
        if (_start != _end)
        {
            throw new IOException("The mail server spoke before the connection was secret.");
        }

        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        var secret = new SslStream(_stream);
        _stream = secret;
        await secret.AuthenticateAsClientAsync(options, cancellationToken);
    }

    public async Task<SmtpReply> SayAsync(string line, CancellationToken cancellationToken)
    {
        await SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken);
        return await HearAsync(cancellationToken);
    }

    public async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(bytes, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    /// <summary>Reads one reply, of one line or several.</summary>
    public async Task<SmtpReply> HearAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (lines.Count < ReplyLinesMax)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            {
                break;
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new SmtpReply(code, lines);
            }
        }

        throw new IOException("The mail server does not speak SMTP.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _connection.Dispose();
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var count = _end == LineBytesMax ? 0 : await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                throw new IOException("The mail server ended the conversation.");
            }

            _end += count;
        }
    }
}
