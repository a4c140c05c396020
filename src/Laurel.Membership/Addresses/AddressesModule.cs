using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Addresses;

/// <summary>The doors of this capability. A member who has signed in names nobody; others name the member in the query.</summary>
internal static class AddressesModule
{
    public static void MapAddresses(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/addresses", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwnerOfQuery(Permission.ReadSelf)
            .AsDangerousWith(Permission.MembersReveal, FullView.Name, FullView.Full)
            .Produces<AddressList>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The addresses of a member, the default first.");
        Change(routes.MapPost("/api/addresses", AddAsync), "Adds an address.")
            .Accepts<AddressBody>("application/json")
            .Produces<AddressReceipt>(StatusCodes.Status201Created);
        Change(routes.MapPut("/api/addresses/{id}", ChangeAsync), "Puts an address in the place of one.")
            .Accepts<AddressBody>("application/json")
            .Produces<AddressReceipt>();
        Change(routes.MapDelete("/api/addresses/{id}", RemoveAsync), "Removes an address.").Produces(StatusCodes.Status204NoContent);
        Change(routes.MapPut("/api/addresses/{id}/default", MakeDefaultAsync), "Makes an address the default.").Produces<AddressReceipt>();
    }

    private static RouteHandlerBuilder Change(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.MembersWrite)
        .OpenToOwnerOfQuery(Permission.UpdateSelf)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task ListAsync(HttpContext context, MemberCache members, AddressQueries queries, ReadRouter router, ReadRecorder reads)
    {
        var actor = context.Actor();
        var query = new QueryFields(context.Request);
        var asked = query.ChoiceOrNull(FullView.Name, FullView.Full) is not null;
        var named = query.MemberIdOrNull("memberId");
        var isOwner = named is { } own && actor.Is(own);
        var reason = asked ? ReadInFull.ReasonOf(query, isOwner) : null;
        if (await MemberOfAsync(context, query, named) is not { } member)
        {
            return;
        }

        if (asked && !isOwner && !actor.May(Permission.MembersReveal))
        {
            await ProblemResponse.WriteAsync(context, FullView.Forbidden, context.RequestAborted);
            return;
        }

        if (await members.FindReplyAsync(actor.Tenant, member) is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var inFull = asked || isOwner;
        if (asked && !await reads.RecordAsync(context, member, "addresses", reason))
        {
            return;
        }

        var list = await context.ReadAsync(router, from => queries.ListAsync(from, actor.Tenant, member, inFull, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, MembershipJson.Default.AddressList);
    }

    private static async Task AddAsync(HttpContext context, LaneSet lanes, MemberBooks books)
    {
        if (await MemberOfAsync(context) is { } member && await WriteRequests.ReadAsync(context, AddressBody.Read) is { } request)
        {
            var (text, isDefault) = request.Body;
            var command = new AddAddress(request.Actor.Tenant, MemberReference.ById(member), text, isDefault, books) { Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, StatusCodes.Status201Created);
        }
    }

    private static async Task ChangeAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        if (await MemberOfAsync(context) is { } member && await WriteRequests.ReadAsync(context, AddressBody.Read) is { } request)
        {
            var (text, isDefault) = request.Body;
            var command = new ChangeAddress(request.Actor.Tenant, MemberReference.ById(member), IdOf(id), text, isDefault, books) { Idempotency = request.Idempotency };
            await SubmitAsync(context, lanes, command, StatusCodes.Status200OK);
        }
    }

    private static async Task MakeDefaultAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        if (await MemberOfAsync(context) is { } member)
        {
            var command = new ChangeAddress(context.Actor().Tenant, MemberReference.ById(member), IdOf(id), text: null, isDefault: true, books);
            await SubmitAsync(context, lanes, command, StatusCodes.Status200OK);
        }
    }

    private static async Task RemoveAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        if (await MemberOfAsync(context) is { } member)
        {
            await SubmitAsync(context, lanes, new RemoveAddress(context.Actor().Tenant, MemberReference.ById(member), IdOf(id), books), StatusCodes.Status204NoContent);
        }
    }

    /// <summary>Whose addresses they are; when the call does not say, the problem is answered already and the result is null.</summary>
    private static Task<MemberId?> MemberOfAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        return MemberOfAsync(context, query, query.MemberIdOrNull("memberId"));
    }

    private static async Task<MemberId?> MemberOfAsync(HttpContext context, QueryFields query, MemberId? member)
    {
        query.RefuseUnknown();
        if (member is null && query.Failure is null)
        {
            query.Fail("memberId", FieldErrorCode.Required);
        }

        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return null;
        }

        return member;
    }

    // No address has the id 0, so what is no id finds none.
    private static long IdOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static async Task SubmitAsync(HttpContext context, LaneSet lanes, Command command, int status)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (status == StatusCodes.Status204NoContent && outcome is Outcome.Applied)
        {
            context.Response.StatusCode = status;
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, status, MembershipJson.Default.AddressReceipt);
    }
}
