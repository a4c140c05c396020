using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Statuses;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Bulk;

/// <summary>The doors for one change of many members: each member by a command of its own, answered for itself.</summary>
internal static class BulkModule
{
    /// <summary>Members of one call.</summary>
    public const int MembersMax = 1_000;

    /// <summary>Members whom one call asks to leave: what goes wrong then stays small enough to be put right by hand.</summary>
    public const int LeaversMax = 100;

    private static readonly Wording s_attributes = new("attributes.CODE of an attribute that the programme defines", "方案所定义属性的 attributes.编码");

    public static void MapBulk(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members/bulk/status", SetStatusAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.MembersStatus)
            .Accepts<BulkStatusBody>("application/json")
            .Produces<BulkReply>()
            .WithSummary("Gives many members another status by hand; each is answered for itself.");
        routes.MapPost("/api/members/bulk/attributes", SetAttributesAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.MembersWrite)
            .Accepts<BulkAttributesBody>("application/json")
            .Produces<BulkReply>()
            .WithSummary("Sets attributes of many members' profiles; each is answered for itself.");
        routes.MapPost("/api/members/bulk/delete", DeleteAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.MembersDelete)
            .Accepts<BulkDeleteBody>("application/json")
            .Produces<BulkReply>()
            .WithSummary("Asks that many members leave for good, once their cooling-off has ended; each is answered for itself.");
        routes.MapPost("/api/members/bulk/delete/confirm", ConfirmDeleteAsync)
            .RequirePermission(Permission.MembersBulk)
            .RequirePermission(Permission.MembersDelete)
            .Accepts<BulkDeleteBody>("application/json")
            .Produces<BulkReply>()
            .WithSummary("Says as a second person that many members are to leave; each is answered for itself.");
    }

    private static async Task SetStatusAsync(HttpContext context, LaneSet lanes, MemberBooks books)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var ids = ReadIds(fields, MembersMax);
            var status = fields.ChoiceOrNull("status", "active", "inactive", "frozen", "banned");
            Require(fields, "status");
            var reason = fields.Text("reason", PointsLimits.ReasonLengthMax);
            fields.RefuseUnknown();
            return (Ids: ids, Status: status is null ? MemberStatus.Active : MemberKind.StatusOf(status), Reason: reason);
        });
        if (read is { } request)
        {
            var why = new StatusCause(request.Body.Reason, request.Actor.Name);
            await RunAsync(context, lanes, request, request.Body.Ids, (member, key) =>
                new SetStatus(request.Actor.Tenant, member, request.Body.Status, why, books) { Idempotency = key });
        }
    }

    private static async Task SetAttributesAsync(HttpContext context, LaneSet lanes, MemberBooks books, ProgrammeStore programmes, TimeProvider clock)
    {
        var programme = await programmes.LatestAsync(context.Actor().Tenant, context.RequestAborted);
        var reading = new ProfileReading(programme.Programme.Profile, isStaff: true, mayVouch: false, programme.Calendar.DayOf(Instant.Now(clock)), context.Actor().Name);
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var ids = ReadIds(fields, MembersMax);
            if (!fields.Has("attributes") && !fields.Has("clear"))
            {
                fields.Fail("attributes", FieldErrorCode.Required);
            }

            var change = reading.ReadAttributes(fields);
            if (change.Clear.Any(name => !name.StartsWith(ProfileReading.AttributePrefix, StringComparison.Ordinal)))
            {
                fields.Fail("clear", FieldErrorCode.InvalidFormat, ("expected", s_attributes));
            }

            fields.RefuseUnknown();
            return (Ids: ids, Change: change with { ByStaff = true });
        });
        if (read is { } request)
        {
            await RunAsync(context, lanes, request, request.Body.Ids, (member, key) =>
                new UpdateProfile(request.Actor.Tenant, member, request.Body.Change, books) { Idempotency = key });
        }
    }

    private static Task DeleteAsync(HttpContext context, LaneSet lanes, MemberBooks books) =>
        LeaveAsync(context, lanes, (actor, member, why, key) => new RequestCancellation(actor.Tenant, member, why, books) { AskedBy = actor.Hands, Idempotency = key });

    private static Task ConfirmDeleteAsync(HttpContext context, LaneSet lanes, MemberBooks books) =>
        LeaveAsync(context, lanes, (actor, member, why, key) => new ConfirmCancellation(actor.Tenant, member, why, actor.Hands, books) { Idempotency = key });

    private static async Task LeaveAsync(HttpContext context, LaneSet lanes, Func<Actor, MemberReference, StatusCause, IdempotencyKey?, Command> command)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var body = (Ids: ReadIds(fields, LeaversMax), Reason: fields.Text("reason", PointsLimits.ReasonLengthMax));
            fields.RefuseUnknown();
            return body;
        });
        if (read is { } request)
        {
            var why = new StatusCause(request.Body.Reason, request.Actor.Name);
            await RunAsync(context, lanes, request, request.Body.Ids, (member, key) => command(request.Actor, member, why, key));
        }
    }

    private static IReadOnlyList<string> ReadIds(JsonFields fields, int countMax)
    {
        var ids = fields.TextsOrNull("memberIds", countMax, 20);
        if (ids is null or { Count: 0 })
        {
            fields.Fail("memberIds", FieldErrorCode.Required);
        }
        else if (ids.GroupBy(id => id).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
        {
            fields.Fail("memberIds", FieldErrorCode.NotUnique, ("value", twice));
        }

        return ids ?? [];
    }

    private static void Require(JsonFields fields, string name)
    {
        if (!fields.Has(name))
        {
            fields.Fail(name, FieldErrorCode.Required);
        }
    }

    private static async Task RunAsync<T>(
        HttpContext context, LaneSet lanes, WriteRequest<T> request, IReadOnlyList<string> ids, Func<MemberReference, IdempotencyKey?, Command> command)
    {
        var language = RequestLanguage.Of(context.Request);
        var results = new BulkResult[ids.Count];
        var (places, commands) = (new List<int>(ids.Count), new List<Command>(ids.Count));
        for (var i = 0; i < ids.Count; i++)
        {
            if (MemberId.TryParse(ids[i], out var member))
            {
                places.Add(i);
                commands.Add(command(MemberReference.ById(member), KeyOf(request, ids[i])));
            }
            else
            {
                results[i] = BulkResult.Of(ids[i], new Refusal(ErrorCode.MemberNotFound), retryable: false, replayed: false, language);
            }
        }

        var outcomes = new List<Outcome>(commands.Count);
        await lanes.SubmitManyAsync(
            commands,
            Sweep.MembersInFlight,
            (place, outcome) =>
            {
                outcomes.Add(outcome);
                results[places[place]] = BulkResult.Of(ids[places[place]], outcome, language);
            },
            context.RequestAborted);
        WriteResponse.TellVersion(context, [.. outcomes]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, BulkReply.Of(results), MembershipJson.Default.BulkReply);
    }

    /// <summary>The key of the call and of one member: what was done for a member before the call broke off is not done again.</summary>
    private static IdempotencyKey? KeyOf<T>(WriteRequest<T> request, string member) => request.Idempotency is { } key
        ? new IdempotencyKey(Hash128.Of(request.Actor.Tenant.Value, "bulk", $"{key.Key.High:x}-{key.Key.Low:x}", member), key.Request)
        : null;
}
