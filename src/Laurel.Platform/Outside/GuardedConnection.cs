using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace Laurel.Platform.Outside;

/// <summary>Connects only where <see cref="AddressRule"/> allows, for requests to addresses that a tenant has given.</summary>
/// <remarks>A name is resolved once for each connection; what it resolves to is judged, and the connection is made to the very address that was judged.
/// Thread-safe.</remarks>
public sealed class GuardedConnection(AddressRule rule, ResolveName resolve)
{
    /// <summary>A connection, as <see cref="SocketsHttpHandler.ConnectCallback"/> wants it.</summary>
    /// <exception cref="AddressRefusedException">When the host leads to an address, or the port is one, that is not allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);

        // One refused address refuses all: a name of the public has no business with a private one.
        if (!PublicUrl.IsPortAllowed(port) || addresses.Length == 0 || !Array.TrueForAll(addresses, rule.Allows))
        {
            throw new AddressRefusedException();
        }

        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}

/// <summary>A host leads to an address that <see cref="AddressRule"/> does not allow.</summary>
public sealed class AddressRefusedException() : Exception("The address is not one that this server may connect to.");
