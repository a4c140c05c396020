using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Laurel.Bench.Load;

/// <summary>Where a connection stands.</summary>
internal enum ConnectionState
{
    /// <summary>Has no socket; may try again at <see cref="HttpConnection.RetryAt"/>.</summary>
    Broken,

    /// <summary>Waits for the server to accept it.</summary>
    Connecting,

    /// <summary>Can send.</summary>
    Idle,

    /// <summary>Has a request under way.</summary>
    Busy,
}

/// <summary>One keep-alive connection with at most one request under way. Never blocks once opened.</summary>
internal sealed class HttpConnection(int index, IPEndPoint server, EventPoll poll, ConnectionRequests requests)
    : IDisposable
{
    private const int ReceiveBytesStart = 4096;
    private const int ReceiveBytesMax = 1 << 20;

    private static readonly long s_retryTicks = Stopwatch.Frequency / 10;

    private byte[] _received = new byte[ReceiveBytesStart];
    private int _receivedCount;
    private Socket? _socket;
    private int _descriptor;

    public int Index { get; } = index;

    public ConnectionRequests Requests { get; } = requests;

    public ConnectionState State { get; private set; } = ConnectionState.Broken;

    /// <summary>When the request under way should have been sent.</summary>
    public long DueAt { get; private set; }

    /// <summary>When it was sent.</summary>
    public long SentAt { get; private set; }

    public long RetryAt { get; private set; }

    /// <summary>The bytes of the answer last received whole.</summary>
    public ReadOnlySpan<byte> Answer => _received.AsSpan(0, _receivedCount);

    /// <summary>Connects and waits for it; used before the clock runs.</summary>
    public void Open()
    {
        _socket = NewSocket();
        _socket.Connect(server);
        _socket.Blocking = false;
        Register(ConnectionState.Idle);
    }

    /// <summary>Begins to connect again; <see cref="FinishReopen"/> follows when the socket is ready.</summary>
    public void Reopen(long now)
    {
        _socket = NewSocket();
        _socket.Blocking = false;
        try
        {
            _socket.Connect(server);
            Register(ConnectionState.Idle);
        }
        catch (SocketException pending)
            when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            Register(ConnectionState.Connecting);
        }
        catch (SocketException)
        {
            Break(now);
        }
    }

    /// <summary>False when the server did not take the connection.</summary>
    public bool FinishReopen(long now)
    {
        if (_socket!.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is not 0)
        {
            Break(now);
            return false;
        }

        poll.Modify(_descriptor, Index, untilWritable: false);
        State = ConnectionState.Idle;
        return true;
    }

    /// <summary>Sends a filled request; false when the connection broke.</summary>
    public unsafe bool Send(RequestTemplate request, long dueAt, long now)
    {
        (DueAt, SentAt, _receivedCount, State) = (dueAt, now, 0, ConnectionState.Busy);
        var bytes = request.Bytes;
        fixed (byte* first = bytes)
        {
            // The last answer was read whole, so the socket's buffer is empty and takes a small request at once.
            return Native.Send(_descriptor, first, (nuint)bytes.Length, Native.SendNoSignal) == bytes.Length;
        }
    }

    /// <summary>Reads what has come. False when the connection broke or the bytes are no answer.</summary>
    /// <param name="status">The status when the answer is whole, else 0.</param>
    public unsafe bool Receive(out int status)
    {
        status = 0;
        if (_receivedCount == _received.Length)
        {
            Array.Resize(ref _received, Math.Min(ReceiveBytesMax, _received.Length * 2));
        }

        nint count;
        fixed (byte* first = _received)
        {
            var room = (nuint)(_received.Length - _receivedCount);
            count = Native.Receive(_descriptor, first + _receivedCount, room, 0);
        }

        if (count <= 0)
        {
            return count < 0 && Marshal.GetLastPInvokeError() is Native.Again or Native.Interrupted;
        }

        _receivedCount += (int)count;
        return State == ConnectionState.Busy && TryFinish(out status);
    }

    /// <summary>Gives the connection up until <see cref="RetryAt"/>.</summary>
    public void Break(long now)
    {
        _socket?.Dispose();
        (_socket, State, RetryAt) = (null, ConnectionState.Broken, now + s_retryTicks);
    }

    public void Dispose() => _socket?.Dispose();

    private bool TryFinish(out int status)
    {
        status = 0;
        try
        {
            if (!HttpAnswer.TryRead(Answer, out var answer))
            {
                return true;
            }

            // Bytes after the answer, or a server that leaves, make the connection unusable.
            status = answer.Status;
            State = answer.Closes || answer.Length != _receivedCount ? ConnectionState.Broken : ConnectionState.Idle;
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private void Register(ConnectionState state)
    {
        _descriptor = (int)_socket!.Handle;
        poll.Add(_descriptor, Index, untilWritable: state == ConnectionState.Connecting);
        State = state;
    }

    private Socket NewSocket() => new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
