using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.RealNames;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Profiles;

/// <summary>The doors of this capability.</summary>
internal static class ProfileModule
{
    public static void MapProfiles(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/api/members/{id}", UpdateAsync)
            .RequirePermission(Permission.MembersWrite)
            .OpenToOwner(Permission.UpdateSelf)
            .Accepts<ProfileBody>("application/json")
            .Produces<ProfileReceipt>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Changes what is given of a member's profile and leaves the rest.");
        routes.MapPost("/api/members/{id}/consents", ConsentAsync)
            .RequirePermission(Permission.MembersWrite)
            .OpenToOwner(Permission.UpdateSelf)
            .Accepts<ConsentBody>("application/json")
            .Produces<ConsentReply>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Notes what a member agrees to, or withdraws.");
        routes.MapGet("/api/members/{id}/consents", ConsentsAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<ConsentPage>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What a member agreed to and withdrew, newest first.");
        routes.MapGet("/api/members/{id}/export", ExportAsync)
            .RequirePermission(Permission.MembersReveal)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberExport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Everything that is kept of a person, in the open.");
    }

    /// <summary>The version of the profile, for <c>If-Match</c>.</summary>
    internal static string ETagOf(MemberView view) => string.Create(CultureInfo.InvariantCulture, $"\"{view.Personal?.Version ?? 0}\"");

    private static async Task UpdateAsync(
        HttpContext context, string id, LaneSet lanes, MemberBooks books, ProgrammeStore programmes, RealNameQueries checks, TimeProvider clock)
    {
        var actor = context.Actor();
        var isKnown = MemberId.TryParse(id, out var member);

        // Whoever works for the shop tells of itself as every member does.
        var (isStaff, mayVouch) = (actor.May(Permission.MembersWrite) && !actor.Is(member), actor.May(Permission.MembersVouch) && !actor.Is(member));
        var programme = await programmes.LatestAsync(actor.Tenant, context.RequestAborted);
        var reading = new ProfileReading(programme.Programme.Profile, isStaff, mayVouch, programme.Calendar.DayOf(Instant.Now(clock)), actor.Name);
        if (await VersionMatch.ReadAsync(context) is not { } match || await WriteRequests.ReadAsync(context, reading.Read) is not { } request)
        {
            return;
        }

        if (!isKnown)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var change = request.Body with { BaseVersion = match.Version, ByStaff = isStaff };
        var command = new UpdateProfile(actor.Tenant, MemberReference.ById(member), change, books)
        {
            Idempotency = request.Idempotency,
            Seen = change.IsOfRealName ? await checks.SeenAsync(actor.Tenant, member, context.RequestAborted) : null,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (ReceiptOf(outcome) is { Complete: true } receipt)
        {
            var completed = new MemberId(long.Parse(receipt.MemberId, CultureInfo.InvariantCulture));
            await lanes.SubmitAsync(ProfileCompletions.Of(actor.Tenant, completed, books), CancellationToken.None);
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.ProfileReceipt);
    }

    private static ProfileReceipt? ReceiptOf(Outcome outcome) => outcome switch
    {
        Outcome.Applied applied => (ProfileReceipt)applied.Reply,
        Outcome.Replayed { Reply: { Applied: true } frozen } => JsonSerializer.Deserialize(frozen.Body, MembershipJson.Default.ProfileReceipt),
        _ => null,
    };

    private static async Task ConsentAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        var actor = context.Actor();
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var purpose = fields.Identifier("purpose", 64);
            if (purpose.Length > 0 && purpose.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_."))
            {
                fields.Fail("purpose", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.EventType));
            }

            if (!fields.Has("given"))
            {
                fields.Fail("given", FieldErrorCode.Required);
            }

            var consent = new ConsentGiven(
                purpose,
                fields.Identifier("textVersion", ConsentBody.TextVersionLengthMax),
                fields.Flag("given", byDefault: false),
                actor.Name,
                fields.IdentifierOrNull("origin", ConsentBody.OriginLengthMax));
            fields.RefuseUnknown();
            return consent;
        });
        if (read is not { } request)
        {
            return;
        }

        if (!MemberId.TryParse(id, out var member))
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        // Where the member itself calls, the call is the proof.
        var isStaff = actor.May(Permission.MembersWrite) && !actor.Is(member);
        var consent = isStaff ? request.Body : request.Body with { Origin = request.Body.Origin ?? context.Connection.RemoteIpAddress?.ToString() };
        var command = new GiveConsent(actor.Tenant, MemberReference.ById(member), consent, books) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status201Created, MembershipJson.Default.ConsentReply);
    }

    private static async Task ConsentsAsync(HttpContext context, string id, MemberCache members, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var (limit, cursor) = (query.Limit(), query.CursorOrNull(1));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        if (!MemberId.TryParse(id, out var member) || await members.FindReplyAsync(tenant, member) is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var page = await context.ReadAsync(router, from => ConsentQueries.PageAsync(from, tenant, member, cursor?[0], limit, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.ConsentPage);
    }

    private static async Task ExportAsync(
        HttpContext context, string id, MemberReader reader, MemberExports exports, ProgrammeKind programmes, ReadRouter router, ReadRecorder reads)
    {
        var query = new QueryFields(context.Request);
        var isKnown = MemberId.TryParse(id, out var member);
        var reason = ReadInFull.ReasonOf(query, isOwner: isKnown && context.Actor().Is(member));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var programme = programmes.Latest(tenant)!.Programme;
        var found = isKnown
            ? await context.ReadAsync(router, async from => await reader.FindAsync(from, tenant, member, programme) is { } reply
                ? await exports.OfAsync(from, tenant, member, reply.Named(programme, RequestLanguage.Of(context.Request)), context.RequestAborted)
                : null)
            : null;
        if (found is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        if (!await reads.RecordAsync(context, member, "export", reason))
        {
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.MemberExport);
    }
}
