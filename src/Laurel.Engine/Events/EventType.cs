using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>A kind of event: its name, and the fields of its data. Its JSON Schema is made of the same.</summary>
public abstract class EventType(string name, string meaning)
{
    /// <summary>Lower case, two words with a dot: <c>points.earned</c>.</summary>
    public string Name { get; } = name;

    /// <summary>What it says happened, a sentence.</summary>
    public string Meaning { get; } = meaning;

    public abstract IReadOnlyList<EventField> Fields { get; }

    /// <summary>Where every Laurel serves its JSON Schema.</summary>
    public string SchemaPath => $"/schemas/events/{Name}.json";

    /// <summary>The name of its JSON Schema, the <c>dataschema</c> of its events: CloudEvents asks for an absolute URI there, the same
    /// whichever Laurel sent the event.</summary>
    public string SchemaUri => "https://laurel.dev" + SchemaPath;

    internal JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(name);

    internal JsonEncodedText EncodedSchemaUri { get; } = JsonEncodedText.Encode($"https://laurel.dev/schemas/events/{name}.json");
}

/// <summary>A kind of event that tells of a fact of type <typeparamref name="TFact"/>.</summary>
public sealed class EventType<TFact>(string name, string meaning, params EventField<TFact>[] fields) : EventType(name, meaning)
{
    public override IReadOnlyList<EventField> Fields => fields;

    internal void WriteData(Utf8JsonWriter json, TFact fact)
    {
        json.WriteStartObject();
        foreach (var field in fields)
        {
            field.Write(json, fact);
        }

        json.WriteEndObject();
    }
}

/// <summary>One field of the data of an event, for whoever describes it. Always written; null where it may be.</summary>
public abstract class EventField(string name, string meaning, string jsonType)
{
    public string Name { get; } = name;

    /// <summary>A sentence without its full stop.</summary>
    public string Meaning { get; } = meaning;

    /// <summary><c>string</c> or <c>integer</c>.</summary>
    public string JsonType { get; } = jsonType;

    public bool Nullable { get; init; }

    /// <summary>The format of a string as JSON Schema names it; null for none.</summary>
    public string? Format { get; init; }

    /// <summary>The pattern of a string; null for none.</summary>
    public string? Pattern { get; init; }
}

/// <summary>One field of the data of an event and where its value comes from.</summary>
public abstract class EventField<TFact>(string name, string meaning, string jsonType) : EventField(name, meaning, jsonType)
{
    private const string IdPattern = "^[0-9]+$";

    private readonly JsonEncodedText _name = JsonEncodedText.Encode(name);

    /// <summary>A 64-bit id, a decimal string: not every reader of JSON keeps such numbers exact.</summary>
    public static EventField<TFact> Id(string name, string meaning, Func<TFact, long> value) =>
        new IdField(name, meaning, fact => value(fact)) { Pattern = IdPattern };

    public static EventField<TFact> NullableId(string name, string meaning, Func<TFact, long?> value) =>
        new IdField(name, meaning, value) { Pattern = IdPattern, Nullable = true };

    public static EventField<TFact> Integer(string name, string meaning, Func<TFact, long> value) => new IntegerField(name, meaning, value);

    public static EventField<TFact> Text(string name, string meaning, Func<TFact, string> value) => new TextField(name, meaning, value);

    public static EventField<TFact> NullableText(string name, string meaning, Func<TFact, string?> value) =>
        new TextField(name, meaning, value) { Nullable = true };

    /// <summary>An instant in UTC, RFC 3339; null also stands for never.</summary>
    public static EventField<TFact> NullableTime(string name, string meaning, Func<TFact, Instant?> value) =>
        new TimeField(name, meaning, value) { Format = "date-time", Nullable = true };

    internal abstract void Write(Utf8JsonWriter json, TFact fact);

    private sealed class IdField(string name, string meaning, Func<TFact, long?> value) : EventField<TFact>(name, meaning, "string")
    {
        internal override void Write(Utf8JsonWriter json, TFact fact)
        {
            if (value(fact) is not { } id)
            {
                json.WriteNull(_name);
                return;
            }

            Span<byte> digits = stackalloc byte[20];
            id.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
            json.WriteString(_name, digits[..length]);
        }
    }

    private sealed class IntegerField(string name, string meaning, Func<TFact, long> value) : EventField<TFact>(name, meaning, "integer")
    {
        internal override void Write(Utf8JsonWriter json, TFact fact) => json.WriteNumber(_name, value(fact));
    }

    private sealed class TextField(string name, string meaning, Func<TFact, string?> value) : EventField<TFact>(name, meaning, "string")
    {
        internal override void Write(Utf8JsonWriter json, TFact fact) => json.WriteString(_name, value(fact));
    }

    private sealed class TimeField(string name, string meaning, Func<TFact, Instant?> value) : EventField<TFact>(name, meaning, "string")
    {
        internal override void Write(Utf8JsonWriter json, TFact fact)
        {
            if (value(fact) is { IsNever: false, IsWhenInactive: false } time)
            {
                json.WriteString(_name, time.ToDateTimeOffset().UtcDateTime);
            }
            else
            {
                json.WriteNull(_name);
            }
        }
    }
}

/// <summary>An event on its way into its batch.</summary>
internal abstract class RaisedEvent(EventSubject subject)
{
    internal EventSubject Subject { get; } = subject;

    internal abstract EventType Type { get; }

    internal abstract void WriteData(Utf8JsonWriter json);
}

internal sealed class RaisedEvent<TFact>(EventType<TFact> type, EventSubject subject, TFact fact) : RaisedEvent(subject)
{
    internal override EventType Type => type;

    internal override void WriteData(Utf8JsonWriter json) => type.WriteData(json, fact);
}
