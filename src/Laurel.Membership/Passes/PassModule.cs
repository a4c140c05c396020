using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Passes;

/// <summary>A member's card as its member shows it.</summary>
public sealed record PassReply
{
    public required string MemberId { get; init; }

    /// <summary>For people to read out, and as a bar code (Code 128) for tills that read no other. It never changes, so it proves nothing.</summary>
    public required string MemberCode { get; init; }

    public required LevelReply Level { get; init; }

    /// <summary>What the QR code says: good until <see cref="ExpiresAt"/>, once.</summary>
    public required string Code { get; init; }

    /// <summary>When the next code can be had.</summary>
    public required DateTimeOffset RefreshAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What <c>POST /api/members/card/scan</c> asks for.</summary>
public sealed record ScanBody
{
    /// <summary>As it was read from the QR code.</summary>
    public required string Code { get; init; }
}

/// <summary>The doors of members' cards.</summary>
internal static class PassModule
{
    private const int CodeLengthMax = 64;

    public static void MapPasses(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/members/{id}/card", ShowAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf)
            .LimitRate(RateLimits.Members)
            .Produces<PassReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("A member's card with a code that changes every minute; format=svg is its QR code.");
        routes.MapPost("/api/members/card/scan", ScanAsync)
            .RequirePermission(Permission.MembersScan)
            .LimitRate(RateLimits.Members)
            .Accepts<ScanBody>("application/json")
            .Produces<MemberReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Whose card a till has read; each code is taken once.");
    }

    private static async Task ShowAsync(HttpContext context, string id, MemberCache members, ProgrammeKind programmes, SecretVault secrets, TimeProvider clock)
    {
        var query = new QueryFields(context.Request);
        var isPicture = query.ChoiceOrNull("format", "json", "svg") == "svg";
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        if (!MemberId.TryParse(id, out var member) || await members.FindReplyAsync(tenant, member) is not { } found)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        if (!MemberKind.StatusOf(found.Status).MaySignIn())
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberInactive, ("status", found.Status)), context.RequestAborted);
            return;
        }

        var step = PassCode.StepOf(Instant.Now(clock));
        var code = PassCode.Write(secrets, tenant, member, step);
        context.Response.Headers.CacheControl = "no-store";
        if (isPicture)
        {
            context.Response.ContentType = "image/svg+xml";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";
            await context.Response.WriteAsync(PassPicture.Draw(code), context.RequestAborted);
            return;
        }

        var reply = new PassReply
        {
            MemberId = found.Id,
            MemberCode = found.MemberCode,
            Level = found.Named(programmes.Latest(tenant)!.Programme, RequestLanguage.Of(context.Request)).Level,
            Code = code,
            RefreshAt = PassCode.StartOf(step + 1).ToDateTimeOffset(),
            ExpiresAt = PassCode.StartOf(step + 2).ToDateTimeOffset(),
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.PassReply);
    }

    private static async Task ScanAsync(
        HttpContext context, LaneSet lanes, MemberCache members, ProgrammeKind programmes, SecretVault secrets, TimeProvider clock)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var code = fields.Text("code", CodeLengthMax);
            fields.RefuseUnknown();
            return code;
        });
        if (read is not { } request)
        {
            return;
        }

        // A code that is repeated under its key is answered as it was, however long that takes.
        var (verdict, member, step) = PassCode.Read(secrets, request.Actor.Tenant, request.Body, Instant.Now(clock));
        var refusal = verdict switch
        {
            PassVerdict.Invalid => new Refusal(ErrorCode.PassInvalid),
            PassVerdict.Expired when request.Idempotency is null => new Refusal(ErrorCode.PassExpired, ("seconds", PassCode.SecondsMax)),
            PassVerdict.Expired or PassVerdict.Valid => null,
        };
        if (refusal is not null)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        var command = new ScanPass(request.Actor.Tenant, member, step, isExpired: verdict == PassVerdict.Expired) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Replayed { Reply.Applied: true })
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }
        else if (outcome is not Outcome.Applied)
        {
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.PassReceipt);
            return;
        }

        if (await members.FindReplyAsync(request.Actor.Tenant, member) is not { } found)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var programme = programmes.Latest(request.Actor.Tenant)!.Programme;
        context.Response.Headers.CacheControl = "no-store";
        await WriteResponse.WriteAsync(
            context, StatusCodes.Status200OK, found.Named(programme, RequestLanguage.Of(context.Request)), MembershipJson.Default.MemberReply);
    }
}
