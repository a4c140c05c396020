using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Orders;

/// <summary>The door by which the shop tells what happened: CloudEvents 1.0 in JSON, one or a batch.</summary>
internal static class EventsModule
{
    public static void MapEvents(this IEndpointRouteBuilder routes) => routes.MapPost("/api/events", ReceiveAsync)
        .RequirePermission(Permission.EventsWrite)
        .Accepts<EventBody[]>("application/cloudevents-batch+json", "application/cloudevents+json", "application/json")
        .Produces<EventResults>()
        .WithSummary("Orders completed and refunded. Each event is atomic, a batch is not; one result for each, in order.");

    private static async Task ReceiveAsync(HttpContext context, EventIntake intake)
    {
        var cancellationToken = context.RequestAborted;
        var message = await EventMessage.ReadAsync(context.Actor().Tenant, context, namesTenant: false, cancellationToken);
        if (message.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, cancellationToken);
            return;
        }

        await intake.RunAsync([message], cancellationToken);
        WriteResponse.TellVersion(context, [.. message.Results.Select(result => result.Outcome).OfType<Outcome>()]);
        await intake.ReadEarlierAsync(message, cancellationToken);
        context.Response.StatusCode = StatusCodes.Status200OK;
        var language = RequestLanguage.Of(context.Request);
        await JsonScratch.SendAsync(
            context.Response,
            "application/json; charset=utf-8",
            (message, language),
            static (writer, state) => state.message.WriteResults(writer, state.language),
            cancellationToken);
    }
}

/// <summary>What became of one event.</summary>
internal sealed record EventResult(string? Id)
{
    public RequestFailure? Failure { get; init; }

    public Outcome? Outcome { get; init; }

    /// <summary>For a duplicate: what the first did.</summary>
    public PostingReply? Earlier { get; init; }

    /// <summary>Why it was not applied; null when it was, now or before.</summary>
    public RequestFailure? Problem => Outcome switch
    {
        Outcome.Refused refused => new RequestFailure(refused.Refusal),
        Outcome.Failed failed => new RequestFailure(failed.Refusal),
        _ => Failure,
    };

    /// <summary>Whether it was refused for what is not there yet.</summary>
    public bool MayBeAppliedLater => Outcome is Outcome.Refused { Refusal: var refusal } && !ErrorCatalog.Get(refusal.Code).Definitive;

    public static void Write(Utf8JsonWriter writer, EventResult[] results, Language language)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("results"u8);
        foreach (var result in results)
        {
            result.Write(writer, language);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Write(Utf8JsonWriter writer, Language language)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        switch (Outcome)
        {
            case Outcome.Applied applied:
                writer.WriteString("status"u8, "applied"u8);
                WritePosting(writer, (PostingReply)applied.Reply);
                break;
            case Outcome.Duplicate:
                writer.WriteString("status"u8, "duplicate"u8);
                WritePosting(writer, Earlier!);
                break;
            case Outcome.Failed failed:
                WriteRefusal(writer, "failed", new RequestFailure(failed.Refusal), language);
                break;
            case Outcome.Refused refused:
                WriteRefusal(writer, "refused", new RequestFailure(refused.Refusal), language);
                break;
            case Outcome.Replayed:
                throw new InvariantBrokenException("Events carry no idempotency key.");
            case null:
                WriteRefusal(writer, "refused", Failure!, language);
                break;
            default:
                throw new InvariantBrokenException("Every outcome has its result.");
        }

        writer.WriteEndObject();
    }

    private static void WriteRefusal(Utf8JsonWriter writer, string status, RequestFailure failure, Language language)
    {
        writer.WriteString("status"u8, status);
        ProblemResponse.WriteMembers(writer, failure, language);
        writer.WriteStartArray("entries"u8);
        writer.WriteEndArray();
    }

    private static void WritePosting(Utf8JsonWriter writer, PostingReply posting)
    {
        writer.WriteString("memberId"u8, posting.MemberId);
        writer.WritePropertyName("entries"u8);
        JsonSerializer.Serialize(writer, posting.Entries, MembershipJson.Default.IReadOnlyListEntryReply);
        if (posting.Detached is { } detached)
        {
            writer.WritePropertyName("detached"u8);
            JsonSerializer.Serialize(writer, detached, MembershipJson.Default.DetachedEntries);
        }

        if (posting.Level is { } level)
        {
            writer.WritePropertyName("level"u8);
            JsonSerializer.Serialize(writer, level, MembershipJson.Default.LevelMove);
        }
    }
}

/// <summary>One result, for the documentation of the API.</summary>
public sealed record EventResultItem
{
    public required string Id { get; init; }

    /// <summary><c>applied</c>, <c>duplicate</c>, <c>refused</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why not, where it was not applied.</summary>
    public string? Code { get; init; }

    public bool? Retryable { get; init; }

    public string? MemberId { get; init; }

    public required IReadOnlyList<EntryReply> Entries { get; init; }

    /// <inheritdoc cref="PostingReply.Detached"/>
    public DetachedEntries? Detached { get; init; }

    public LevelMove? Level { get; init; }
}

/// <summary>One result for each event, in order.</summary>
public sealed record EventResults
{
    public required IReadOnlyList<EventResultItem> Results { get; init; }
}

/// <summary>A CloudEvent 1.0, for the documentation of the API.</summary>
public sealed record EventBody
{
    /// <summary>With the source, names the event once and for all.</summary>
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary><c>1.0</c>.</summary>
    public required string SpecVersion { get; init; }

    /// <summary><c>order.completed</c>, <c>order.refunded</c>, <c>order.return_requested</c> or <c>order.return_rejected</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>order.completed: orderId, memberId or externalId, currency, amount, lines[lineId, sku, quantity, amount, eligible].
    /// order.refunded: orderId, refundId, returnId, amount or lines[lineId, amount]. order.return_requested: orderId, returnId, amount or
    /// lines[lineId, amount]. order.return_rejected: orderId, returnId. Amounts in minor units.</summary>
    public required JsonElement Data { get; init; }
}
