using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>A socket that speaks <c>graphql-transport-ws</c>, message by message.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[4 * 1024 * 1024];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<SocketClient> OpenAsync(GraphQLHost host, params (string Name, string Value)[] headers) => OpenAsync(host.Socket, headers);

    private static async Task<SocketClient> OpenAsync(Uri address, params (string Name, string Value)[] headers)
    {
        var client = new SocketClient();
        client._socket.Options.AddSubProtocol("graphql-transport-ws");
        foreach (var (name, value) in headers)
        {
            client._socket.Options.SetRequestHeader(name, value);
        }

        await client._socket.ConnectAsync(address, Cancellation);
        return client;
    }

    /// <summary>Opens a socket and has it acknowledged.</summary>
    public static Task<SocketClient> BeginAsync(GraphQLHost host, object? payload = null) => BeginAsync(host.Socket, payload);

    /// <inheritdoc cref="BeginAsync(GraphQLHost, object)"/>
    public static async Task<SocketClient> BeginAsync(Uri address, object? payload = null)
    {
        var client = await OpenAsync(address);
        await client.SayAsync(new { type = "connection_init", payload });
        (await client.HearAsync()).ShouldBe("connection_ack");
        return client;
    }

    public Task SayAsync(object message) => SayAsync(JsonSerializer.Serialize(message, JsonSerializerOptions.Web));

    public Task SayAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancellation);

    public Task SubscribeAsync(string id, string query) => SayAsync(new { id, type = "subscribe", payload = new { query } });

    /// <summary>The next message in short: its type, its id, and the data or the codes in it; or how the socket was closed.</summary>
    public async Task<string> HearAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(s_patience);
        var length = 0;
        while (true)
        {
            var result = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return $"closed {(int)_socket.CloseStatus!} {_socket.CloseStatusDescription}".TrimEnd();
            }

            length += result.Count;
            if (result.EndOfMessage)
            {
                return InShort(JsonDocument.Parse(_buffer.AsMemory(0, length)).RootElement);
            }
        }
    }

    /// <summary>Waits until the socket is closed, whatever comes before.</summary>
    public async Task<string> HearCloseAsync()
    {
        for (var message = 0; message < 100_000; message++)
        {
            if (await HearAsync() is var heard && heard.StartsWith("closed", StringComparison.Ordinal))
            {
                return heard;
            }
        }

        return "never closed";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            // The other end has cut it off already.
        }

        _socket.Dispose();
    }

    private static string InShort(JsonElement message)
    {
        var type = message.GetProperty("type").GetString()!;
        var id = message.TryGetProperty("id", out var named) ? " " + named.GetString() : "";
        if (!message.TryGetProperty("payload", out var payload))
        {
            return type + id;
        }

        var errors = payload.ValueKind == JsonValueKind.Array ? payload : payload.TryGetProperty("errors", out var inside) ? inside : default;
        var codes = errors.ValueKind == JsonValueKind.Array
            ? " " + string.Join(',', errors.EnumerateArray().Select(CodeOf))
            : "";
        var data = payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("data", out var value) ? " " + value.GetRawText() : "";
        return type + id + codes + data;
    }

    private static string? CodeOf(JsonElement error) => error.TryGetProperty("extensions", out var known) ? known.GetProperty("code").GetString() : "error";
}
