using System.Text.Json;
using Laurel.GraphQL.Execution;

namespace Laurel.Server.GraphQL;

/// <summary>Why a socket is closed: the codes of RFC 6455 §7.4 and of <c>graphql-transport-ws</c>.</summary>
internal static class SocketClose
{
    public const int Normal = 1000;

    /// <summary>The node stops; clients come back, to another one.</summary>
    public const int GoingAway = 1001;

    public const int TooLarge = 1009;
    public const int BadRequest = 4400;

    /// <summary>An operation before the connection was acknowledged.</summary>
    public const int Unauthorized = 4401;

    /// <summary>Credentials that are not taken, or no more: clients that get new ones come back with them.</summary>
    public const int Forbidden = 4403;

    public const int SubprotocolNotAcceptable = 4406;
    public const int InitTimeout = 4408;
    public const int SubscriberExists = 4409;
    public const int TooManyInits = 4429;

    /// <summary>There is no room now; clients come back by themselves.</summary>
    public const int TryAgainLater = 4499;

    public const int InternalError = 4500;
}

/// <summary>What a client may say.</summary>
internal enum SocketMessageKind
{
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    Complete,
}

/// <summary>One message of <c>graphql-transport-ws</c>.</summary>
/// <param name="Id">Of an operation; null for the others.</param>
/// <param name="Payload">An object, or undefined.</param>
internal sealed record SocketMessage(SocketMessageKind Kind, string? Id, JsonElement Payload, JsonDocument Document) : IDisposable
{
    /// <summary>Of the id of an operation, in characters.</summary>
    public const int IdLengthMax = 256;

    /// <summary>Reads a message; null when it is none that a client may send.</summary>
    public static SocketMessage? Read(ReadOnlyMemory<byte> json)
    {
        if (RequestReader.Parse(json).Document is not { } document)
        {
            return null;
        }

        if (Read(document) is { } message)
        {
            return message;
        }

        document.Dispose();
        return null;
    }

    public static void WriteAck(Utf8JsonWriter writer, int nothing)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "connection_ack"u8);
        writer.WriteEndObject();
    }

    public static void WritePong(Utf8JsonWriter writer, JsonElement payload)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "pong"u8);
        if (payload.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("payload"u8);
            payload.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    public static void WriteNext(Utf8JsonWriter writer, (string Id, ExecutionResult Result) answer)
    {
        WriteStart(writer, "next"u8, answer.Id);
        writer.WritePropertyName("payload"u8);
        answer.Result.WriteTo(writer);
        writer.WriteEndObject();
    }

    /// <param name="answer">Has errors, and no data.</param>
    public static void WriteError(Utf8JsonWriter writer, (string Id, ExecutionResult Result) answer)
    {
        using var memory = new MemoryStream();
        using (var inner = new Utf8JsonWriter(memory))
        {
            answer.Result.WriteTo(inner);
        }

        using var result = JsonDocument.Parse(memory.GetBuffer().AsMemory(0, (int)memory.Length));
        WriteStart(writer, "error"u8, answer.Id);
        writer.WritePropertyName("payload"u8);
        result.RootElement.GetProperty("errors"u8).WriteTo(writer);
        writer.WriteEndObject();
    }

    public static void WriteComplete(Utf8JsonWriter writer, string id)
    {
        WriteStart(writer, "complete"u8, id);
        writer.WriteEndObject();
    }

    public void Dispose() => Document.Dispose();

    private static SocketMessage? Read(JsonDocument document)
    {
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type"u8, out var type) || type.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var payload = root.TryGetProperty("payload"u8, out var given) && given.ValueKind != JsonValueKind.Null ? given : default;
        var id = root.TryGetProperty("id"u8, out var named) && named.ValueKind == JsonValueKind.String
            && named.GetString() is { Length: > 0 and <= IdLengthMax } text ? text : null;
        var isObject = payload.ValueKind == JsonValueKind.Object;
        var mayBeAbsent = isObject || payload.ValueKind == JsonValueKind.Undefined;
        return type.GetString() switch
        {
            "connection_init" when mayBeAbsent => new(SocketMessageKind.ConnectionInit, null, payload, document),
            "ping" when mayBeAbsent => new(SocketMessageKind.Ping, null, payload, document),
            "pong" when mayBeAbsent => new(SocketMessageKind.Pong, null, payload, document),
            "subscribe" when id is not null && isObject => new(SocketMessageKind.Subscribe, id, payload, document),
            "complete" when id is not null => new(SocketMessageKind.Complete, id, default, document),
            _ => null,
        };
    }

    private static void WriteStart(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string id)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, type);
    }
}
