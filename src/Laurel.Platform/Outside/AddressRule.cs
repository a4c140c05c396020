using System.Net;
using System.Net.Sockets;

namespace Laurel.Platform.Outside;

/// <summary>Which addresses this server connects to where a tenant says where: public unicast ones, and the networks that the operator has named.</summary>
/// <remarks>Whoever may register a webhook, or say where the keys of its own sign-in are, chooses where this server connects to. Without the rule that
/// reaches what only this server can reach: its own loopback, neighbours, the cloud's metadata (OWASP API7:2023; docs/adr/0032). Judged are the
/// addresses that a name resolved to, and only those are connected to, so a name that changes its mind gains nothing.</remarks>
/// <param name="allowed">Networks that are allowed although they are not public.</param>
public sealed class AddressRule(IReadOnlyList<IPNetwork> allowed)
{
    // IANA's special-purpose registry for IPv4, and what is no unicast.
    private static readonly IPNetwork[] s_refusedV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // carriers' address translation; a cloud's metadata at 100.100.100.200
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // a cloud's host, reachable from its guests alone
        IPNetwork.Parse("169.254.0.0/16"), // link-local; metadata at 169.254.169.254
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.31.196.0/24"), // AS112
        IPNetwork.Parse("192.52.193.0/24"), // AMT
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("192.175.48.0/24"), // AS112
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, broadcast
    ];

    // Only 2000::/3 is global unicast; loopback, unique-local, link-local, multicast, mapped, translated and site-local lie outside it.
    private static readonly IPNetwork s_globalV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] s_refusedV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments: Teredo, ORCHID, benchmarks
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4: leads to an IPv4 address
        IPNetwork.Parse("3ffe::/16"), // 6bone, returned
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    /// <summary>Whether a connection to this address may be made.</summary>
    public bool Allows(IPAddress address)
    {
        // ::ffff:a.b.c.d reaches a.b.c.d.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Contains(allowed, plain) || plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Contains(s_refusedV4, plain),
            AddressFamily.InterNetworkV6 => plain.ScopeId == 0 && s_globalV6.Contains(plain) && !Contains(s_refusedV6, plain),
            _ => false,
        };
    }

    private static bool Contains(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
