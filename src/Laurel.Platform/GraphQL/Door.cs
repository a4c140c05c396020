using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Laurel.GraphQL.Execution;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Platform.GraphQL;

/// <summary>An operation of the REST interface that a field of GraphQL stands for: who may ask the field is who may call it.</summary>
/// <param name="Method">Of HTTP, in capitals.</param>
/// <param name="Route">As it is mapped, such as <c>/api/members/{id}</c>.</param>
public sealed record Door(string Method, string Route)
{
    public override string ToString() => $"{Method} {Route}";
}

/// <summary>One call of a door.</summary>
public sealed class DoorCall(Door door)
{
    private readonly RouteValueDictionary _route = [];
    private QueryString _query;
    private byte[]? _body;

    public Door Door { get; } = door;

    /// <summary>The call that a field of a mutation makes.</summary>
    public static DoorCall Of(Door door, FieldRequest field) => new(door) { Part = field.Nodes[0].ResponseName };

    /// <summary>What the call changes is told apart by this from the other changes of the same document, which has one idempotency key; null where the
    /// document changes one thing.</summary>
    public string? Part { get; init; }

    internal RouteValueDictionary Route => _route;

    internal QueryString Query => _query;

    internal byte[]? Body => _body;

    /// <summary>Fills a parameter of the route.</summary>
    public DoorCall In(string name, string value)
    {
        _route[name] = value;
        return this;
    }

    /// <summary>Adds a parameter of the query; null adds none.</summary>
    public DoorCall With(string name, string? value)
    {
        if (value is not null)
        {
            _query = _query.Add(name, value);
        }

        return this;
    }

    /// <summary>Gives it one JSON object as its body.</summary>
    public DoorCall Saying(JsonObject body) => Saying(body, DoorJson.Default.JsonObject);

    /// <inheritdoc cref="Saying(JsonObject)"/>
    public DoorCall Saying<T>(T body, JsonTypeInfo<T> type)
    {
        _body = JsonSerializer.SerializeToUtf8Bytes(body, type);
        return this;
    }

    /// <summary>Gives it one JSON object as its body.</summary>
    /// <param name="write">Writes the members of the object.</param>
    public DoorCall Saying(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        _body = buffer.WrittenSpan.ToArray();
        return this;
    }
}

/// <summary>What was said at a door.</summary>
/// <param name="Refusal">Why nothing was done; null where it was.</param>
/// <param name="Body">The answer; undefined where there is none.</param>
public readonly record struct DoorAnswer(FieldRefusal? Refusal, JsonElement Body);

/// <summary>Whether the caller may come in by a door.</summary>
/// <param name="Refusal">Why not; null when it may.</param>
/// <param name="Call">As it was let in: what stood for the caller in it is now the caller's own id.</param>
public readonly record struct Admission(FieldRefusal? Refusal, HttpContext Call);

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class DoorJson : JsonSerializerContext;
