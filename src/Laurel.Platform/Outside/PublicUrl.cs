using System.Net;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Outside;

/// <summary>Finds the addresses of a name.</summary>
public delegate Task<IPAddress[]> ResolveName(string host, CancellationToken cancellationToken);

/// <summary>What a URL must be that a tenant has this server connect to: https, a public host, a port that web servers use, nothing secret in it.</summary>
/// <param name="rule">Which addresses are allowed.</param>
/// <param name="allowHttp">Whether plain http is allowed too.</param>
/// <param name="resolve">Asked for the addresses of names.</param>
public sealed class PublicUrl(AddressRule rule, bool allowHttp, ResolveName resolve)
{
    /// <summary>Characters of a URL at the most.</summary>
    public const int LengthMax = 2_048;

    private const int PortOfUsersMin = 1_024;

    // A name that nobody answers for is judged when it is connected to.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly Wording s_form = new("an absolute URL", "绝对 URL");
    private static readonly Wording s_scheme = new("a URL with the scheme https", "使用 https 的 URL");
    private static readonly Wording s_user = new("a URL without user name, password and fragment", "不含用户名、密码和片段的 URL");
    private static readonly Wording s_port = new("a URL with the port 80, 443 or one from 1024 on", "端口为 80、443 或不小于 1024 的 URL");
    private static readonly Wording s_address = new(
        "a URL of a public host: this one leads to a private, local or reserved address",
        "公网主机的 URL：此 URL 指向私有、本地或保留地址");

    public static bool IsPortAllowed(int port) => port is 80 or 443 or >= PortOfUsersMin;

    /// <summary>What is wrong with the text itself, in words that say what was expected; null when nothing is.</summary>
    /// <param name="text">As the caller wrote it.</param>
    /// <param name="url">The URL when nothing is wrong.</param>
    public Wording? FaultOf(string text, out Uri? url)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || text.Any(c => c <= ' ' || c == '\\') || url.Host.Length == 0)
        {
            return s_form;
        }

        if (url.Scheme != Uri.UriSchemeHttps && !(allowHttp && url.Scheme == Uri.UriSchemeHttp))
        {
            return s_scheme;
        }

        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return s_user;
        }

        if (!IsPortAllowed(url.Port))
        {
            return s_port;
        }

        // Uri writes 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1.
        return url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && !rule.Allows(AddressOf(url)) ? s_address : null;
    }

    /// <summary>What is wrong with where the URL leads now. The same is judged again at each connection: this only tells the caller
    /// early.</summary>
    public async Task<Wording?> FaultOfHostAsync(Uri url, CancellationToken cancellationToken)
    {
        if (url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            return rule.Allows(AddressOf(url)) ? null : s_address;
        }

        try
        {
            var addresses = await resolve(url.IdnHost, cancellationToken).WaitAsync(s_patience, cancellationToken);
            return Array.TrueForAll(addresses, rule.Allows) ? null : s_address;
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or TimeoutException or ArgumentException)
        {
            return null;
        }
    }

    private static IPAddress AddressOf(Uri url) => IPAddress.Parse(url.IdnHost);
}
