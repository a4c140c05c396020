using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Tests.Execution;

/// <summary>Schemas that are executed, and what is answered.</summary>
internal static class Answers
{
    /// <summary>A schema whose fields are the properties of JSON objects, which name their type in "__typename".</summary>
    public static ExecutableSchema FromJson(Schema schema) => Bound(schema, []);

    /// <summary>The same, but for the fields that have a resolver by "Type.field".</summary>
    public static ExecutableSchema Bound(Schema schema, Dictionary<string, Resolver> resolvers) =>
        ExecutableSchema.Bind(schema, (type, field) => BindingOf(schema, type, resolvers.GetValueOrDefault($"{type}.{field.Name}") ?? Property), TypeNameOf)
            .Schema!;

    public static string Write(ExecutionResult result)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            result.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static string Normalise(string json) => JsonNode.Parse(json)!.ToJsonString();

    /// <summary>No test listens to a subscription here: each is executed for one event.</summary>
    private static FieldBinding BindingOf(Schema schema, ObjectType type, Resolver resolver) => ReferenceEquals(type, schema.SubscriptionType)
        ? FieldBinding.Streaming(static _ => new(new FieldRefusal("Nothing happens here.", null)), FieldBinding.Resolving(resolver))
        : FieldBinding.Resolving(resolver);

    private static string? TypeNameOf(object value) =>
        value is JsonElement { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("__typename", out var name) ? name.GetString() : null;

    private static ValueTask<object?> Property(FieldRequest request) =>
        new(request.Source is JsonElement { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(request.Field.Name, out var value)
            ? value
            : null);
}
