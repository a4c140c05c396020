using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.RealNames;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Reads;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Members;

/// <summary>What <c>POST /api/members</c> asks for.</summary>
public sealed record RegisterMemberBody
{
    public const int ExternalIdLengthMax = 128;

    public const int NicknameLengthMax = 64;

    /// <summary>The shop's own id of the member, unique within the tenant.</summary>
    public required string ExternalId { get; init; }

    public string? Nickname { get; init; }

    /// <summary>Digits, with a leading + for other countries; kept encrypted, answered masked.</summary>
    public string? Phone { get; init; }

    /// <summary>Whether the shop has verified the phone by a code of its own; takes the permission <c>members:vouch</c>.</summary>
    public bool PhoneVerified { get; init; }

    /// <summary>Kept encrypted, answered masked.</summary>
    public string? Email { get; init; }

    /// <summary>When the member enrolled; now when absent. History may be given.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>Whether the host has verified the member's real name; false when absent.</summary>
    public bool RealNameVerified { get; init; }

    /// <param name="mayVouch">Whether the caller's word on telephone numbers counts.</param>
    internal static RegisterMemberBody Read(JsonFields fields, bool mayVouch)
    {
        var body = new RegisterMemberBody
        {
            ExternalId = fields.Identifier("externalId", ExternalIdLengthMax),
            Nickname = fields.IdentifierOrNull("nickname", NicknameLengthMax),
            Phone = PhoneOrNull(fields),
            PhoneVerified = PhoneVerifiedOrNull(fields, mayVouch) ?? false,
            Email = EmailOrNull(fields),
            RegisteredAt = fields.TimeOrNull("registeredAt")?.ToDateTimeOffset(),
            RealNameVerified = fields.Flag("realNameVerified", byDefault: false),
        };
        fields.RefuseUnknown();
        return body;
    }

    internal static string? PhoneOrNull(JsonFields fields) => Normalised(fields, "phone", PhoneNumber.TextLengthMax, PhoneNumber.Expected, PhoneNumber.Normalise);

    /// <summary>What the shop says of the phone in the same call; null where it says nothing.</summary>
    internal static bool? PhoneVerifiedOrNull(JsonFields fields, bool mayVouch)
    {
        if (!fields.Has("phoneVerified"))
        {
            return null;
        }

        if (!mayVouch)
        {
            fields.Fail("phoneVerified", FieldErrorCode.StaffOnly);
        }

        if (!fields.Has("phone"))
        {
            fields.Fail("phone", FieldErrorCode.Required);
        }

        return fields.Flag("phoneVerified", byDefault: false);
    }

    internal static string? EmailOrNull(JsonFields fields) => Normalised(fields, "email", EmailAddress.LengthMax, EmailAddress.Expected, EmailAddress.Normalise);

    private delegate string? Normaliser(string text, out string normalised);

    private static string? Normalised(JsonFields fields, string name, int lengthMax, Wording expected, Normaliser normalise)
    {
        if (fields.TextOrNull(name, lengthMax) is not { } text)
        {
            return null;
        }

        if (normalise(text, out var normalised) is { } code)
        {
            fields.Fail(name, code, ("expected", expected), ("max", lengthMax));
        }

        return normalised;
    }
}

/// <summary>The doors of this capability.</summary>
internal static class MembersModule
{
    public static void MapMembers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members", RegisterAsync)
            .RequirePermission(Permission.MembersWrite)
            .LimitRate(RateLimits.Members)
            .Accepts<RegisterMemberBody>("application/json")
            .Produces<MemberReply>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Enrols a member; the registration points are in the answer.");
        routes.MapPost("/api/members/{id}/real-name", RealNameAsync)
            .RequirePermission(Permission.MembersWrite)
            .LimitRate(RateLimits.Members)
            .Accepts<RealNameBody>("application/json")
            .Produces<RealNameReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Notes whether the host has verified the member's real name.");
        routes.MapGet("/api/members/{id}", FindAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf)
            .AsDangerousWith(Permission.MembersReveal, FullView.Name, FullView.Full)
            .LimitRate(RateLimits.Members)
            .Produces<MemberReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One member as of now.");
    }

    private static async Task RegisterAsync(HttpContext context, LaneSet lanes, MemberBooks books, MemberReader reader, PersonalDataVault vault, TimeProvider clock)
    {
        var mayVouch = context.Actor().May(Permission.MembersVouch);
        if (await WriteRequests.ReadAsync(context, fields => RegisterMemberBody.Read(fields, mayVouch)) is not { } request)
        {
            return;
        }

        var body = request.Body;
        var command = new RegisterMember(
            request.Actor.Tenant,
            new RegisterRequest
            {
                ExternalId = body.ExternalId,
                Nickname = body.Nickname,
                Phone = body.Phone,
                PhoneVerified = body.PhoneVerified,
                Email = body.Email,
                RegisteredAt = body.RegisteredAt is { } time ? Instant.From(time) : Instant.Now(clock),
                RealNameVerified = body.RealNameVerified,
            },
            books,
            vault)
        {
            Idempotency = request.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        var reply = outcome switch
        {
            Outcome.Applied applied => (MemberReply)applied.Reply,
            Outcome.Replayed { Reply: { Applied: true } frozen } => await ThawAsync(frozen, request.Actor.Tenant, reader),
            _ => null,
        };
        if (reply is null)
        {
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status201Created, MembershipJson.Default.MemberReply);
            return;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        context.Response.Headers.Location = "/api/members/" + reply.Id;
        await AnswerAsync(context, StatusCodes.Status201Created, reply, books.Programmes);
    }

    private static async Task RealNameAsync(
        HttpContext context, string id, LaneSet lanes, MemberBooks books, RealNameQueries checks, RealNameLimits limits)
    {
        if (await VersionMatch.ReadAsync(context) is not { } match)
        {
            return;
        }

        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var (verified, attempt) = (fields.Flag("verified", byDefault: false), fields.IdentifierOrNull("attempt", 20));
            if (!fields.Has("verified"))
            {
                fields.Fail("verified", FieldErrorCode.Required);
            }

            // What is no id names no attempt.
            fields.RefuseUnknown();
            _ = long.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var named);
            return (Verified: verified, Attempt: attempt is null ? (long?)null : named);
        });
        if (read is not { } request)
        {
            return;
        }

        if (!MemberId.TryParse(id, out var member))
        {
            await NotFoundAsync(context);
            return;
        }

        var command = new SetRealName(request.Actor.Tenant, MemberReference.ById(member), request.Body.Verified, books)
        {
            Attempt = request.Body.Attempt,
            BaseVersion = match.Version,
            Idempotency = request.Idempotency,
            Seen = await checks.SeenAsync(request.Actor.Tenant, member, context.RequestAborted),
            Limits = limits,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.RealNameReply);
    }

    /// <summary>The frozen answer with the personal data that was left out of it.</summary>
    private static async Task<MemberReply> ThawAsync(FrozenReply frozen, TenantId tenant, MemberReader reader)
    {
        var plain = JsonSerializer.Deserialize(frozen.Body, MembershipJson.Default.MemberReply);
        Invariant.Require(plain is not null, "A frozen registration is a member.");
        var current = await reader.FindAsync(tenant, new MemberId(frozen.RootId));
        return plain with { Nickname = current?.Nickname, Phone = current?.Phone, Email = current?.Email };
    }

    // What memory has is answered without waiting for anything.
    private static Task FindAsync(
        HttpContext context, string id, MemberCache members, MemberReader reader, ProgrammeKind programmes, ReadRouter router, FullView full)
    {
        var tenant = context.Actor().Tenant;
        if (!MemberId.TryParse(id, out var member))
        {
            return NotFoundAsync(context);
        }

        if (context.Request.Query.ContainsKey(FullView.Name))
        {
            return full.AnswerAsync(context, member, router);
        }

        if (!members.TryFind(context.Demand(), tenant, member, out var known))
        {
            return AskAsync(context, tenant, member, members, reader, programmes, router);
        }

        context.TellSource(router, null);
        return AnswerKnownAsync(context, known, reader, programmes);
    }

    private static async Task AskAsync(
        HttpContext context, TenantId tenant, MemberId member, MemberCache members, MemberReader reader, ProgrammeKind programmes, ReadRouter router)
    {
        var found = await context.ReadMemberAsync(members, router, tenant, member, from => from.ViewAsync(tenant, member));
        if (found is null)
        {
            await NotFoundAsync(context);
            return;
        }

        context.Response.Headers.ETag = ProfileModule.ETagOf(found);
        var programme = programmes.Latest(tenant)!.Programme;
        await AnswerAsync(context, StatusCodes.Status200OK, reader.ReplyOf(found, programme, IsOwner(context)), programmes);
    }

    // Only who is asked for again has an answer that is worth keeping. What the member itself is shown is rendered for it.
    private static Task AnswerKnownAsync(HttpContext context, CachedMember? member, MemberReader reader, ProgrammeKind programmes)
    {
        if (member is null)
        {
            return NotFoundAsync(context);
        }

        context.Response.Headers.ETag = ProfileModule.ETagOf(member.View);
        var programme = programmes.Latest(context.Actor().Tenant)!.Programme;
        if (IsOwner(context))
        {
            return AnswerAsync(context, StatusCodes.Status200OK, reader.ReplyOf(member.View, programme, forOwner: true), programmes);
        }

        var body = member.BodyIn(RequestLanguage.Of(context.Request), programme, reader);
        return WriteResponse.WriteBytesAsync(context, StatusCodes.Status200OK, body);
    }

    private static bool IsOwner(HttpContext context) => !context.Actor().May(Permission.MembersRead);

    private static Task NotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);

    private static Task AnswerAsync(HttpContext context, int status, MemberReply reply, ProgrammeKind programmes)
    {
        var programme = programmes.Latest(context.Actor().Tenant)!.Programme;
        var named = reply.Named(programme, RequestLanguage.Of(context.Request));
        return WriteResponse.WriteAsync(context, status, named, MembershipJson.Default.MemberReply);
    }
}
