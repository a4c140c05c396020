using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Programmes;

/// <summary>A programme as it is stored and sent: JSON.</summary>
public static class ProgrammeDocument
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>For documents that callers send: nothing unknown, nothing twice.</summary>
    private static readonly JsonSerializerOptions s_strict = new(Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    private static byte[]? s_schema;

    /// <summary>What older documents have or lack: figures that became amounts of the standard rules, and how levels are judged.</summary>
    private sealed record Figures
    {
        public long? MinorUnitsPerPoint { get; init; }

        public long? RegistrationPoints { get; init; }

        public long? FirstOrderPoints { get; init; }

        public long? OrderPointsMax { get; init; }

        public long? DayPointsMax { get; init; }

        public JsonElement? Rules { get; init; }

        public JsonElement? LevelRules { get; init; }
    }

    /// <exception cref="InvariantBrokenException">When it is no programme: no version stored such a document.</exception>
    public static Programme Read(string document)
    {
        var programme = JsonSerializer.Deserialize<Programme>(document, Options);
        var figures = JsonSerializer.Deserialize<Figures>(document, Options);
        Invariant.Require(programme is not null && figures is not null, "A stored programme is an object.");
        programme = figures.Rules is null ? programme with { Rules = Standard(figures) } : programme;

        // There was no cooldown before there were rules of levels, and what runs goes on as it did.
        return figures.LevelRules is null ? programme with { LevelRules = new LevelRules { CooldownHours = 0 } } : programme;
    }

    /// <summary>How a programme is read that somebody sends.</summary>
    public static JsonTypeInfo<Programme> Sent => (JsonTypeInfo<Programme>)s_strict.GetTypeInfo(typeof(Programme));

    /// <summary>How a part of a programme is read that somebody sends.</summary>
    public static JsonTypeInfo<T> SentAs<T>() => (JsonTypeInfo<T>)s_strict.GetTypeInfo(typeof(T));

    /// <summary>The JSON Schema (2020-12) of a programme.</summary>
    public static byte[] Schema() => s_schema ??= Encoding.UTF8.GetBytes(SchemaNode().ToJsonString(Options));

    private static JsonObject SchemaNode()
    {
        var schema = (JsonObject)Options.GetJsonSchemaAsNode(typeof(Programme), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Laurel programme");
        return schema;
    }

    /// <summary>Lists that have a null where something should stand, each place with its pointer. JSON can say that, and whoever looks at a list expects none.</summary>
    internal static IReadOnlyList<FieldError> NothingsIn(Programme programme) =>
        [.. NothingsIn(JsonSerializer.SerializeToNode(programme, Options), "").Select(at => new FieldError(FieldErrorCode.Required, FieldOrigin.Body, at))];

    private static IEnumerable<string> NothingsIn(JsonNode? node, string at) => node switch
    {
        JsonObject fields => fields.SelectMany(field => NothingsIn(field.Value, $"{at}/{field.Key}")),
        JsonArray items => items.SelectMany((item, i) =>
            $"{at}/{i.ToString(CultureInfo.InvariantCulture)}" is var place && item is null ? [place] : NothingsIn(item, place)),
        _ => [],
    };

    public static string Write<T>(T programme) => JsonSerializer.Serialize(programme, Options);

    /// <summary>How an answer is written that holds parts of a programme.</summary>
    internal static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    /// <summary>An answer that holds parts of a programme, as it is frozen.</summary>
    internal static byte[] WriteBytes(object reply) => JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), Options);

    private static ImmutableArray<Rule> Standard(Figures figures) => StandardFigures.Apply(StandardRules.All, new StandardFigures
    {
        MinorUnitsPerPoint = figures.MinorUnitsPerPoint,
        RegistrationPoints = figures.RegistrationPoints,
        FirstOrderPoints = figures.FirstOrderPoints,
        OrderPointsMax = figures.OrderPointsMax,
        DayPointsMax = figures.DayPointsMax,
    });
}
