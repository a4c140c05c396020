using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Limits;

/// <summary>Tells from which address a call comes, also through proxies.</summary>
/// <param name="proxies">Networks whose <c>X-Forwarded-For</c> is believed; nobody else's is.</param>
public sealed partial class ClientAddresses(IReadOnlyList<IPNetwork> proxies, ILogger<ClientAddresses> logger)
{
    private const string Header = "X-Forwarded-For";

    private int _warned;

    /// <summary>The address of the caller: of the chain that proxies of ours told, the last that is none of them.</summary>
    public IPAddress Of(HttpContext context)
    {
        var address = Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!context.Request.Headers.TryGetValue(Header, out var told))
        {
            return address;
        }

        if (!IsProxy(address))
        {
            // Perhaps a caller who pretends; perhaps a proxy that nobody named, behind whom all callers look the same.
            if (Interlocked.Exchange(ref _warned, 1) == 0)
            {
                LogNotTrusted(logger);
            }

            return address;
        }

        var chain = told.ToString().Split(',', StringSplitOptions.TrimEntries);
        for (var i = chain.Length - 1; i >= 0 && IsProxy(address) && TryRead(chain[i], out var before); i--)
        {
            address = before;
        }

        return address;
    }

    /// <summary>What one customer has for itself of the network from which the caller comes: an address, of IPv6 the first 64 bits of it.</summary>
    public string NetworkOf(HttpContext context)
    {
        var address = Of(context);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? string.Create(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt64BigEndian(address.GetAddressBytes()):x16}/64")
            : address.ToString();
    }

    private static bool TryRead(string text, out IPAddress address)
    {
        address = IPAddress.None;
        // Some proxies tell the port too.
        if (!IPEndPoint.TryParse(text, out var end))
        {
            return false;
        }

        address = Plain(end.Address);
        return true;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private bool IsProxy(IPAddress address)
    {
        foreach (var network in proxies)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "X-Forwarded-For came from a peer that Limits:TrustedProxies does not name, and is not read. Told once.")]
    private static partial void LogNotTrusted(ILogger logger);
}
