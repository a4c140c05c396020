using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Laurel.Testing;

/// <summary>A way to a server on the loopback that can be slow, silent or cut.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, byte> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _delayTicks;
    private volatile bool _holds;

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

    /// <summary>Closes every connection.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Close();
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
                var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = PassAsync(near);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var far = new TcpClient();
        try
        {
            _connections.TryAdd(near, 0);
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            _connections.TryAdd(far, 0);
            near.NoDelay = far.NoDelay = true;
            await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The server is not there: the caller's connection is closed, as the server would.
        }

        _connections.TryRemove(near, out _);
        _connections.TryRemove(far, out _);
        near.Dispose();
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            var (source, target) = (from.GetStream(), to.GetStream());
            while (await source.ReadAsync(buffer, _stop.Token) is > 0 and var length)
            {
                await Task.Delay(Delay, TimeProvider.System, _stop.Token);
                while (_holds)
                {
                    await Task.Delay(s_pause, TimeProvider.System, _stop.Token);
                }

                await target.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // One of the two has closed; so does the other.
        }
    }
}
