using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Laurel.Testing;

/// <summary>Stands between a node and one of its servers on the loopback, and breaks what passes when it is told to.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<Link, byte> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Task _accepting;
    private int _repliesToLose;
    private long _delayTicks;
    private volatile bool _holds;
    private volatile bool _refuses;

    /// <param name="target">The port of the server.</param>
    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What each piece of data waits, in each direction.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Nothing passes, and nobody is told: as when a cable is drawn. What came meanwhile passes afterwards.</summary>
    public bool Holds
    {
        get => _holds;
        set => _holds = value;
    }

    /// <summary>Whether new connections are cut at once.</summary>
    public bool Refuses
    {
        get => _refuses;
        set => _refuses = value;
    }

    /// <summary>Replies that were swallowed, each with its connection.</summary>
    public int LostReplies { get; private set; }

    /// <summary>The next reply of the server does not arrive: its connection is cut instead. What was asked has reached it.</summary>
    public void LoseNextReply() => Interlocked.Exchange(ref _repliesToLose, 1);

    /// <summary>Cuts every connection that is open now.</summary>
    public void Cut()
    {
        foreach (var link in _links.Keys)
        {
            link.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // It was stopped, or the caller has gone again already.
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var link = new Link(client, server);
        _links.TryAdd(link, 0);
        try
        {
            if (Refuses)
            {
                return;
            }

            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAny(PassAsync(client, server, replies: false), PassAsync(server, client, replies: true));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is gone; so is the connection to it.
        }
        finally
        {
            link.Cut();
            _links.TryRemove(link, out _);
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool replies)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stop.Token);
                if (count == 0)
                {
                    return;
                }

                if (Delay > TimeSpan.Zero)
                {
                    await Task.Delay(Delay, TimeProvider.System, _stop.Token);
                }

                while (Holds)
                {
                    await Task.Delay(s_pause, TimeProvider.System, _stop.Token);
                }

                if (replies && Interlocked.Exchange(ref _repliesToLose, 0) == 1)
                {
                    LostReplies++;
                    return;
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side has gone; the other follows.
        }
    }

    private sealed class Link(Socket client, Socket server)
    {
        /// <summary>Ends both sides at once, with a reset instead of a farewell.</summary>
        public void Cut()
        {
            foreach (var socket in new[] { client, server })
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
                {
                    // It is closed already.
                }

                socket.Dispose();
            }
        }
    }
}
