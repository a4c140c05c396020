using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Outside;

namespace Laurel.Platform.Webhooks;

/// <summary>What <c>POST /api/webhooks</c> and <c>PATCH /api/webhooks/{id}</c> ask for; what is absent stays, or is as by default.</summary>
internal sealed record WebhookBody
{
    public const int DescriptionLengthMax = 200;

    private static readonly Wording s_eventTypes = new("names such as points.earned, points.* or *", "如 points.earned、points.* 或 * 的名称");

    public string? Url { get; init; }

    public string? Description { get; init; }

    [JsonIgnore]
    public EventFilter? Events { get; init; }

    /// <summary>Types of events: exact names, <c>points.*</c>, or <c>*</c> for all; all when absent.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    public bool? Enabled { get; init; }

    public static Func<JsonFields, WebhookBody> ReadNew(PublicUrl rule) => fields => Read(fields, rule, isNew: true);

    public static Func<JsonFields, WebhookBody> ReadChange(PublicUrl rule) => fields => Read(fields, rule, isNew: false);

    private static WebhookBody Read(JsonFields fields, PublicUrl rule, bool isNew)
    {
        var types = fields.TextsOrNull("eventTypes", EventFilter.ItemsMax, EventFilter.ItemLengthMax);
        if (types?.All(EventFilter.IsWellFormed) == false)
        {
            fields.Fail("eventTypes", FieldErrorCode.InvalidFormat, ("expected", s_eventTypes));
        }

        var body = new WebhookBody
        {
            Url = ReadUrl(fields, rule, isNew),
            Description = fields.TextOrNull("description", DescriptionLengthMax),
            EventTypes = types,
            Events = types is null || fields.HasFaults ? null : EventFilter.Of(types),
            Enabled = fields.Has("enabled") ? fields.Flag("enabled", byDefault: true) : null,
        };
        fields.RefuseUnknown();
        return body;
    }

    private static string? ReadUrl(JsonFields fields, PublicUrl rule, bool isNew)
    {
        var text = isNew ? fields.Text("url", PublicUrl.LengthMax) : fields.TextOrNull("url", PublicUrl.LengthMax);
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }

        if (rule.FaultOf(text, out var url) is { } fault)
        {
            fields.Fail("url", ErrorCode.WebhookUrlRefused, ("expected", fault));
        }

        return url?.AbsoluteUri;
    }
}

/// <summary>What <c>POST /api/webhooks/{id}/rotate-secret</c> asks for.</summary>
internal sealed record RotateSecretBody
{
    public const int GraceHoursMax = 168;

    public const int GraceHoursDefault = 24;

    /// <summary>How long the old secret signs along, 0 to 168 hours.</summary>
    public long? GraceHours { get; init; }

    public static RotateSecretBody Read(JsonFields fields)
    {
        var body = new RotateSecretBody { GraceHours = fields.IntegerOrNull("graceHours", 0, GraceHoursMax) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/webhooks/{id}/resend</c> asks for: one event, or a range of time.</summary>
internal sealed record ResendBody
{
    /// <summary>The event to send again, whatever the filter of the endpoint says.</summary>
    public string? EventId { get; init; }

    /// <summary>From when on events were recorded.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until before when; now when absent.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether only deliveries that were given up are sent again, and not every event that the filter wants.</summary>
    public bool FailedOnly { get; init; }

    public static ResendBody Read(JsonFields fields)
    {
        var body = new ResendBody
        {
            EventId = fields.IdentifierOrNull("eventId", EventPlace.TextLengthMax),
            From = fields.TimeOrNull("from")?.ToDateTimeOffset(),
            Until = fields.TimeOrNull("until")?.ToDateTimeOffset(),
            FailedOnly = fields.Flag("failedOnly", byDefault: false),
        };
        if (!fields.Has("eventId") && !fields.Has("from"))
        {
            fields.Fail("from", FieldErrorCode.Required);
        }

        // By id or by time: both would be two answers to one question.
        foreach (var name in fields.Has("eventId") ? new[] { "from", "until", "failedOnly" } : [])
        {
            if (fields.Has(name))
            {
                fields.Fail(name, FieldErrorCode.UnknownField);
            }
        }

        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>An endpoint as it is answered.</summary>
internal sealed record WebhookReply
{
    public required string Id { get; init; }

    public required string Url { get; init; }

    public required string? Description { get; init; }

    public required IReadOnlyList<string> EventTypes { get; init; }

    public required bool Enabled { get; init; }

    /// <summary><c>asked</c>, <c>gone</c> or <c>failing</c>; null while it is enabled.</summary>
    public required string? DisabledReason { get; init; }

    public required DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Since when nothing succeeded; null when the last attempt did.</summary>
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>Until when the secret before this one signs along.</summary>
    public required DateTimeOffset? PreviousSecretUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The secret, <c>whsec_…</c>; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>The same sealed, as an answer is stored under an idempotency key; never sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? SealedSecret { get; init; }

    public static WebhookReply Of(WebhookEndpoint endpoint) => new()
    {
        Id = endpoint.Id.ToString(CultureInfo.InvariantCulture),
        Url = endpoint.Url,
        Description = endpoint.Description,
        EventTypes = endpoint.Events.Items,
        Enabled = endpoint.Enabled,
        DisabledReason = endpoint.DisabledReason,
        DisabledAt = endpoint.DisabledAt?.ToDateTimeOffset(),
        FailingSince = endpoint.FailingSince?.ToDateTimeOffset(),
        PreviousSecretUntil = endpoint.PreviousSecretUntil?.ToDateTimeOffset(),
        CreatedAt = endpoint.CreatedAt.ToDateTimeOffset(),
    };
}

internal sealed record WebhookPage(IReadOnlyList<WebhookReply> Items, string? NextCursor);

/// <summary>What became of one event at one endpoint.</summary>
internal sealed record DeliveryReply
{
    public required string EventId { get; init; }

    public required string EventType { get; init; }

    /// <summary><c>waiting</c>, <c>delivered</c> or <c>failed</c> (given up).</summary>
    public required string State { get; init; }

    public required int Attempts { get; init; }

    /// <summary>When it is tried next; null when it is not.</summary>
    public required DateTimeOffset? NextAttemptAt { get; init; }
}

internal sealed record DeliveryPage(IReadOnlyList<DeliveryReply> Items, string? NextCursor);

/// <summary>One attempt to tell an endpoint of an event.</summary>
internal sealed record AttemptReply
{
    /// <summary>Null for a test.</summary>
    public required string? EventId { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Attempt { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    public required int DurationMilliseconds { get; init; }

    public required bool Delivered { get; init; }

    /// <summary>The HTTP status; null when no answer came.</summary>
    public required int? Status { get; init; }

    /// <summary>Why no answer came: <c>timeout</c>, <c>connection</c>, <c>tls</c>, <c>name_not_resolved</c>, <c>address_refused</c>,
    /// <c>response</c>; <c>event_not_kept</c> when there was nothing to send any more.</summary>
    public required string? Error { get; init; }

    /// <summary>The first 1,024 characters of the answer's body.</summary>
    public required string? Response { get; init; }
}

internal sealed record AttemptPage(IReadOnlyList<AttemptReply> Items, string? NextCursor);

/// <summary>How much is sent again.</summary>
/// <param name="Queued">Deliveries that were queued.</param>
/// <param name="ContinueFrom">Ask again with this <c>from</c>: there is more than one call takes. Null when that was all.</param>
internal sealed record ResendReply(int Queued, DateTimeOffset? ContinueFrom);

/// <summary>How answers are written: compiled, camelCase.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WebhookReply))]
[JsonSerializable(typeof(WebhookPage))]
[JsonSerializable(typeof(DeliveryPage))]
[JsonSerializable(typeof(AttemptPage))]
[JsonSerializable(typeof(AttemptReply))]
[JsonSerializable(typeof(ResendReply))]
internal sealed partial class WebhookJson : JsonSerializerContext;
