using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Rules;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Programmes;

/// <summary>A version of the programme, without its document.</summary>
public sealed record ProgrammeVersionItem
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that made it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }
}

/// <summary>The versions of the programme, newest first.</summary>
public sealed record ProgrammeVersionList
{
    public required IReadOnlyList<ProgrammeVersionItem> Items { get; init; }
}

/// <summary>What a draft would change.</summary>
public sealed record ProgrammeDifferenceList
{
    /// <summary>The version it was compared with.</summary>
    public required int Version { get; init; }

    public required IReadOnlyList<ProgrammeDifference> Items { get; init; }
}

/// <summary>The doors of the programme as a whole: read, compare and change it as one document.</summary>
internal static class ProgrammeModule
{
    /// <summary>Bytes of a programme at the most.</summary>
    public const long BytesMax = 2 * 1024 * 1024;

    private const string ReasonParameter = "reason";

    private static readonly BodyRules s_rules = new() { BytesMax = BytesMax };

    public static void MapProgramme(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/programme", ReadAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<Programme>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The programme in force, or a version of it.");
        routes.MapGet("/api/programme/versions", VersionsAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Produces<ProgrammeVersionList>()
            .WithSummary("How the programme came to be as it is: at most 1,000 versions, newest first.");
        routes.MapPost("/api/programme/diff", DiffAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Accepts<Programme>("application/json")
            .Produces<ProgrammeDifferenceList>()
            .WithSummary("What a draft would change. Changes nothing.");
        routes.MapPost("/api/programme/carryover/preview", PreviewAsync)
            .RequirePermission(Permission.ProgrammeRead)
            .Accepts<Programme>("application/json")
            .Produces<CarryoverPreview>()
            .WithSummary("What the carryover of a draft would do to what members have now. Changes nothing.");
        routes.MapPut("/api/programme", ReplaceAsync)
            .RequirePermission(Permission.ProgrammeWrite)
            .Accepts<Programme>("application/json")
            .Produces<ProgrammeVersion>()
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .WithSummary("Puts another programme in force. What is absent is as by default.");
        routes.MapGet("/schemas/programme.json", (HttpContext context) => WriteResponse.WriteBytesAsync(context, StatusCodes.Status200OK, ProgrammeDocument.Schema()))
            .AllowAnonymousAccess()
            .WithSummary("The JSON Schema of a programme, for editors.");
    }

    private static async Task ReadAsync(HttpContext context, ProgrammeStore store)
    {
        var query = new QueryFields(context.Request);
        var version = (int?)query.IntegerOrNull("version", 1, int.MaxValue);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var programme = version is { } wanted
            ? await store.FindAsync(tenant, wanted, context.RequestAborted)
            : await store.ReadAsync(tenant, context.RequestAborted);
        if (programme is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.ProgrammeVersionNotFound, ("version", version)), context.RequestAborted);
            return;
        }

        context.Response.Headers.ETag = ETagOf(programme.Version);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, programme, ProgrammeDocument.TypeOf<Programme>());
    }

    private static async Task VersionsAsync(HttpContext context, ProgrammeHistoryQueries queries) => await WriteResponse.WriteAsync(
        context, StatusCodes.Status200OK, await queries.VersionsAsync(context.Actor().Tenant, context.RequestAborted), ProgrammeDocument.TypeOf<ProgrammeVersionList>());

    private static async Task DiffAsync(HttpContext context, ProgrammeStore store, MemberBooks books)
    {
        if (await ReadDraftAsync(context, books) is { } draft)
        {
            var current = await store.ReadAsync(context.Actor().Tenant, context.RequestAborted);
            var list = new ProgrammeDifferenceList { Version = current.Version, Items = ProgrammeDiff.Between(current, draft.Programme) };
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, ProgrammeDocument.TypeOf<ProgrammeDifferenceList>());
        }
    }

    private static async Task PreviewAsync(HttpContext context, Database database, MemberBooks books, TimeProvider clock)
    {
        if (await ReadDraftAsync(context, books) is { } draft)
        {
            var programme = new ActiveProgramme(draft.Programme, books.Programmes.Benefits);
            var preview = await CarryoverPreview.ReadAsync(database, context.Actor().Tenant, programme, Instant.Now(clock), context.RequestAborted);
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, preview, ProgrammeDocument.TypeOf<CarryoverPreview>());
        }
    }

    private static async Task ReplaceAsync(HttpContext context, LaneSet lanes, MemberBooks books)
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull(ReasonParameter, PartSwitch.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (await VersionMatch.ReadAsync(context) is not { } match || await ReadDraftAsync(context, books) is not { } draft)
        {
            return;
        }

        var actor = context.Actor();
        var command = new ChangeProgramme(actor.Tenant, _ => new ProgrammeEdit.To(draft.Programme), books.Programmes)
        {
            BaseVersion = match.Version,
            ChangedBy = actor.Name,
            Reason = reason,
            Idempotency = draft.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, ProgrammeDocument.TypeOf<ProgrammeVersion>());
    }

    /// <summary>Reads a whole programme; when it cannot be, or has mistakes, the problem is answered already and the result is null.</summary>
    private static async Task<(Programme Programme, IdempotencyKey? Idempotency)?> ReadDraftAsync(HttpContext context, MemberBooks books)
    {
        var body = await WriteRequests.ReadDocumentAsync(context, s_rules, ProgrammeDocument.Sent);
        if (body is not { } read)
        {
            return null;
        }

        if (read.Body.AllMistakes(books.Programmes.Benefits) is { Count: > 0 } mistakes)
        {
            await ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted);
            return null;
        }

        return (read.Body, read.Idempotency);
    }

    internal static string ETagOf(int version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
}
