using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Points;

/// <summary>What became of one earning of a batch, for the documentation of the API.</summary>
public sealed record EarnResultItem
{
    public required string? ReferenceType { get; init; }

    public required string? ReferenceId { get; init; }

    /// <summary><c>applied</c>, <c>duplicate</c>, <c>refused</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Given where it was applied, now or before.</summary>
    public string? MemberId { get; init; }

    /// <summary>What it did; given where it was applied now.</summary>
    public IReadOnlyList<EntryReply>? Entries { get; init; }

    /// <summary>The first movement of a duplicate.</summary>
    public string? EntryId { get; init; }

    public LevelMove? Level { get; init; }

    /// <summary>Why not, where it was not applied.</summary>
    public string? Code { get; init; }

    public bool? Retryable { get; init; }
}

/// <summary>What became of a batch of earnings.</summary>
public sealed record EarnBatchReply
{
    public required int Applied { get; init; }

    public required int Duplicate { get; init; }

    public required int Refused { get; init; }

    public required int Failed { get; init; }

    /// <summary>One for each earning, in order.</summary>
    public required IReadOnlyList<EarnResultItem> Results { get; init; }
}

/// <summary>The door for thousands of earnings in one call. Each stands for itself, under its own reference.</summary>
internal static class EarnBatchModule
{
    /// <summary>Earnings of one call at the most.</summary>
    public const int ItemsMax = 5_000;

    /// <summary>Bytes of one call at the most.</summary>
    public const long BytesMax = 8 * 1024 * 1024;

    /// <summary>Earnings of one call that wait in the lanes at a time: less than the quarter of a queue that one member may fill.</summary>
    private const int InFlightMax = 200;

    private static readonly BodyRules s_rules = new() { BytesMax = BytesMax, Hashed = false };

    public static void MapEarnBatch(this IEndpointRouteBuilder routes) => routes.MapPost("/api/points/earn/batch", EarnAsync)
        .RequirePermission(Permission.PointsWrite)
        .Accepts<EarnPointsBody[]>("application/json")
        .Produces<EarnBatchReply>()
        .WithSummary("Grants raw points thousands at a time. Each earning is atomic, the batch is not; one result for each, in order.");

    private static async Task EarnAsync(HttpContext context, LaneSet lanes, MemberBooks books)
    {
        var cancellationToken = context.RequestAborted;
        var body = await JsonBody.ReadItemsAsync(context, s_rules, ItemsMax, ReadMovement.Earn, cancellationToken);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, cancellationToken);
            return;
        }

        var (tenant, items) = (context.Actor().Tenant, body.Value);
        var read = Enumerable.Range(0, items.Count).Where(place => items[place].Failure is null).ToList();
        var outcomes = new Outcome?[items.Count];
        await lanes.SubmitManyAsync(
            read.Select(place => items[place].Value.ToEarning(tenant, null, books)),
            InFlightMax,
            (order, outcome) => outcomes[read[order]] = outcome,
            cancellationToken);
        WriteResponse.TellVersion(context, [.. outcomes.OfType<Outcome>()]);
        context.Response.StatusCode = StatusCodes.Status200OK;
        await JsonScratch.SendAsync(
            context.Response,
            "application/json; charset=utf-8",
            new EarnResults(items, outcomes, RequestLanguage.Of(context.Request)),
            static (writer, results) => results.Write(writer),
            cancellationToken);
    }
}

/// <summary>Writes what became of a batch of earnings.</summary>
internal sealed record EarnResults(IReadOnlyList<ItemRead<ReadMovement>> Items, Outcome?[] Outcomes, Language Language)
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var status in (ReadOnlySpan<string>)["applied", "duplicate", "refused", "failed"])
        {
            writer.WriteNumber(status, Outcomes.Count(outcome => StatusOf(outcome) == status));
        }

        writer.WriteStartArray("results"u8);
        for (var i = 0; i < Outcomes.Length; i++)
        {
            writer.WriteStartObject();
            var request = Items[i].Failure is null ? Items[i].Value.Request : null;
            writer.WriteString("referenceType"u8, request?.ReferenceType);
            writer.WriteString("referenceId"u8, request?.ReferenceId);
            writer.WriteString("status"u8, StatusOf(Outcomes[i]));
            Write(writer, i);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // What could not be read was never asked of the lanes.
    private static string StatusOf(Outcome? outcome) => outcome switch
    {
        Outcome.Applied => "applied",
        Outcome.Duplicate => "duplicate",
        Outcome.Refused or null => "refused",
        Outcome.Failed => "failed",
        _ => throw new InvariantBrokenException("Earnings of a batch carry no idempotency key."),
    };

    private void Write(Utf8JsonWriter writer, int place)
    {
        switch (Outcomes[place])
        {
            case Outcome.Applied { Reply: PostingReply posting }:
                writer.WriteString("memberId"u8, posting.MemberId);
                writer.WritePropertyName("entries"u8);
                JsonSerializer.Serialize(writer, posting.Entries, MembershipJson.Default.IReadOnlyListEntryReply);
                if (posting.Level is { } level)
                {
                    writer.WritePropertyName("level"u8);
                    JsonSerializer.Serialize(writer, level, MembershipJson.Default.LevelMove);
                }

                break;
            case Outcome.Duplicate { Earlier: var earlier }:
                writer.WriteString("memberId"u8, new MemberId(earlier.RootId).ToString());
                writer.WriteString("entryId"u8, earlier.FirstId.ToString(CultureInfo.InvariantCulture));
                break;
            case Outcome.Refused { Refusal: var refusal }:
                WriteRefusal(writer, refusal, place);
                break;
            case Outcome.Failed { Refusal: var refusal }:
                WriteRefusal(writer, refusal, place);
                break;
            case null:
                ProblemResponse.WriteMembers(writer, Items[place].Failure!, Language);
                break;
            default:
                throw new InvariantBrokenException("Every outcome has its result.");
        }
    }

    // The pointer leads into the batch: to the field at fault, or to the earning as a whole.
    private void WriteRefusal(Utf8JsonWriter writer, Refusal refusal, int place) => ProblemResponse.WriteMembers(
        writer, refusal with { Pointer = string.Create(CultureInfo.InvariantCulture, $"/{place}{refusal.Pointer}") }, Language);
}
