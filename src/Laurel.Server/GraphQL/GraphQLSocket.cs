using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Laurel.Platform.Access;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>One socket that speaks <c>graphql-transport-ws</c>, from its opening to its end. The operations on it are <see cref="SocketOperations"/>.</summary>
/// <remarks>Waits without a buffer while nothing comes, so that thousands of idle sockets take little. Answers are sent one at a time: an operation has its
/// next one made when the one before was taken, so a slow reader holds back its own events and no memory, and is let go when it stops.</remarks>
internal sealed class GraphQLSocket : IDisposable
{
    private const string Protocol = "graphql-transport-ws";

    private const string AuthorizationMember = "authorization";
    private const string TenantMember = "tenant";

    /// <summary>Of the words of a close, in bytes (RFC 6455 §5.5.1).</summary>
    private const int ReasonBytesMax = 123;

    private const int BufferBytes = 4_096;

    private readonly HttpContext _context;
    private readonly GraphQLTransport _transport;
    private readonly WebSocket _socket;
    private readonly OpenStream _handle;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly SocketOperations _operations;
    private GraphQLCaller? _caller;
    private ITimer? _timer;
    private int _closing;
    private bool _isBegun;

    private GraphQLSocket(HttpContext context, GraphQLTransport transport, WebSocket socket)
    {
        (_context, _transport, _socket) = (context, transport, socket);
        _operations = new SocketOperations(this, transport);
        _handle = new OpenStream(End);
    }

    /// <summary>Takes a request for a socket, and serves it until it is closed.</summary>
    public static async Task RunAsync(HttpContext context, GraphQLTransport transport)
    {
        var isSpoken = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol);
        using var web = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = isSpoken ? Protocol : null,
            KeepAliveInterval = transport.Settings.Heartbeat,
            KeepAliveTimeout = transport.Settings.Heartbeat,
        });
        using var socket = new GraphQLSocket(context, transport, web);
        await socket.RunAsync(isSpoken);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _sending.Dispose();
    }

    /// <summary>Sends one message; does nothing when the socket is being closed.</summary>
    public ValueTask SendAsync<TState>(TState state, Action<Utf8JsonWriter, TState> render) => JsonScratch.SendPieceAsync(
        (Socket: this, State: state, Render: render),
        static (writer, message) => message.Render(writer, message.State),
        static (message, json) => message.Socket.SendAsync(json));

    /// <summary>Closes the socket; the first one to do so says why.</summary>
    public async Task CloseAsync(int code, string reason)
    {
        if (Interlocked.Exchange(ref _closing, 1) == 1)
        {
            return;
        }

        // Whoever does not answer a close is let go.
        StartTimer(_transport.Settings.SendWait, CutOff);
        try
        {
            await _sending.WaitAsync(_context.RequestAborted);
            try
            {
                await _socket.CloseOutputAsync((WebSocketCloseStatus)code, Cut(reason), CancellationToken.None);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            CutOff();
        }
    }

    /// <summary>Whether it is the other end that is away, which is no fault of ours.</summary>
    public static bool IsGone(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private async Task RunAsync(bool isSpoken)
    {
        try
        {
            if (Begin(isSpoken) is var (code, reason))
            {
                await CloseAsync(code, reason);
            }

            while (await ReceiveAsync())
            {
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            CutOff();
        }
        finally
        {
            _transport.Streams.Close(_handle);
            await _operations.EndAsync();
        }
    }

    private (int Code, string Reason)? Begin(bool isSpoken)
    {
        if (!isSpoken)
        {
            return (SocketClose.SubprotocolNotAcceptable, "Subprotocol not acceptable");
        }

        if (!IsFromHere(_context.Request))
        {
            return (SocketClose.Forbidden, "Forbidden: the origin is not one of LAUREL_GRAPHQL_ORIGINS");
        }

        if (_transport.Streams.Open(_handle) is not null)
        {
            return (SocketClose.TryAgainLater, "Too many streams on this node");
        }

        StartTimer(_transport.Settings.InitWait, () => _ = CloseAsync(SocketClose.InitTimeout, "Connection initialisation timeout"));
        return null;
    }

    // Browsers tell whose page opens a socket, and let every page do it. Programs tell nothing.
    private bool IsFromHere(HttpRequest request) =>
        request.Headers.Origin is not [{ } origin]
        || _transport.Settings.Origins.Contains("*", StringComparer.Ordinal)
        || _transport.Settings.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    /// <returns>False when the socket is at its end.</returns>
    private async ValueTask<bool> ReceiveAsync()
    {
        // Waiting holds no buffer.
        var result = await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var length = 0;
            while (result.MessageType != WebSocketMessageType.Close && !result.EndOfMessage)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }

                result = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += result.Count;
                if (length > _transport.Settings.RequestBytesMax)
                {
                    await CloseAsync(SocketClose.TooLarge, "Message too large");
                    length = 0;
                }
            }

            if (result.MessageType == WebSocketMessageType.Close)
            {
                await CloseAsync(SocketClose.Normal, "");
                return false;
            }

            if (Volatile.Read(ref _closing) == 0)
            {
                await TakeAsync(result.MessageType, buffer.AsMemory(0, length));
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task TakeAsync(WebSocketMessageType type, ReadOnlyMemory<byte> bytes)
    {
        if (type != WebSocketMessageType.Text || SocketMessage.Read(bytes) is not { } message)
        {
            await CloseAsync(SocketClose.BadRequest, "Invalid message received");
            return;
        }

        using (message)
        {
            await (message.Kind switch
            {
                SocketMessageKind.ConnectionInit => BeginAsync(message),
                SocketMessageKind.Ping => SendAsync(message.Payload, SocketMessage.WritePong).AsTask(),
                SocketMessageKind.Pong => Task.CompletedTask,
                SocketMessageKind.Complete => _operations.CompleteAsync(message.Id!),
                SocketMessageKind.Subscribe => _caller is { } caller
                    ? _operations.BeginAsync(caller, message)
                    : CloseAsync(SocketClose.Unauthorized, "Unauthorized"),
            });
        }
    }

    private async Task BeginAsync(SocketMessage message)
    {
        if (_isBegun)
        {
            await CloseAsync(SocketClose.TooManyInits, "Too many initialisation requests");
            return;
        }

        _isBegun = true;
        var (caller, code) = TakeCredentials(message.Payload) ? await JudgeAsync() : (null, "Forbidden");
        if (caller is null)
        {
            await CloseAsync(SocketClose.Forbidden, code!);
            return;
        }

        if (_transport.Streams.Know(_handle, caller) is { } full)
        {
            await CloseAsync(SocketClose.TryAgainLater, full.Code);
            return;
        }

        _timer?.Dispose();
        await SendAsync(0, SocketMessage.WriteAck);
        _caller = caller;
    }

    /// <summary>Puts what the first message says in place of the headers that pages cannot send.</summary>
    /// <returns>False when it says nothing that could be meant.</returns>
    private bool TakeCredentials(JsonElement payload)
    {
        var headers = _context.Request.Headers;
        foreach (var (member, header) in new[] { (AuthorizationMember, "Authorization"), (TenantMember, TenantDirectory.Header) })
        {
            if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } text || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                return false;
            }

            headers[header] = text;
            if (member == AuthorizationMember)
            {
                _context.Features.Set<Actor>(null);
            }
        }

        return true;
    }

    private async Task<(GraphQLCaller? Caller, string? Code)> JudgeAsync()
    {
        var actor = _context.Features.Get<Actor>();
        if (_context.Request.Headers.Authorization.Count > 0 && !(actor is not null && SignedCalls.IsSigned(_context.Request)))
        {
            // The header of the opening was judged before it was accepted; a tenant that is named only now was not.
            var judged = await _transport.Credentials.JudgeCallerAsync(_context);
            if (judged.Refusal is { } refused)
            {
                return (null, refused.Code);
            }

            actor = judged.Actor;
        }

        var (caller, refusal) = await _transport.CallerOfAsync(_context, actor);
        return (caller, refusal?.Code);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        await _sending.WaitAsync(_context.RequestAborted);
        try
        {
            if (Volatile.Read(ref _closing) == 1)
            {
                return;
            }

            var sent = _socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            if (!sent.IsCompletedSuccessfully)
            {
                await SendInTimeAsync(sent.AsTask());
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task SendInTimeAsync(Task sent)
    {
        try
        {
            await sent.WaitAsync(_transport.Settings.SendWait, _transport.Clock);
        }
        catch (TimeoutException)
        {
            // It would not read a close either. The bytes are in use until the send has failed.
            CutOff();
            await sent;
        }
    }

    private void End(StreamEnd why) => _ = why switch
    {
        StreamEnd.Drained => CloseAsync(SocketClose.GoingAway, "Going away"),
        StreamEnd.Unauthorized => CloseAsync(SocketClose.Forbidden, Platform.Errors.ErrorCode.Unauthorized),
    };

    // The socket alone would leave what is being sent waiting for a reader.
    private void CutOff()
    {
        _socket.Abort();
        _context.Abort();
    }

    private void StartTimer(TimeSpan after, Action act)
    {
        _timer?.Dispose();
        _timer = _transport.Clock.CreateTimer(static state => ((Action)state!)(), act, after, Timeout.InfiniteTimeSpan);
    }

    private static string Cut(string reason)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > ReasonBytesMax)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return reason[..length];
    }
}
