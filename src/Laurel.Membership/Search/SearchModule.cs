using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Search;

/// <summary>The doors by which members are found.</summary>
internal static class SearchModule
{
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/members", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .LimitRate(RateLimits.Members)
            .Produces<MemberPage>()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Members by keyset cursor: all, or those that a name, a phone, a tag, a level or a figure finds.");
        routes.MapGet("/api/members/filters", FiltersAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<SavedFilterList>()
            .WithSummary("The saved filters of the caller, and those that are shared.");
        routes.MapPost("/api/members/filters", (HttpContext context, LaneSet lanes) => WriteAsync(context, 0, lanes))
            .RequirePermission(Permission.MembersRead)
            .Accepts<SavedFilterBody>("application/json")
            .Produces<SavedFilterReply>(StatusCodes.Status201Created)
            .WithSummary("Keeps a filter under a name.");
        routes.MapPut("/api/members/filters/{filterId}", (HttpContext context, string filterId, LaneSet lanes) => WriteAsync(context, IdOf(filterId), lanes))
            .RequirePermission(Permission.MembersRead)
            .Accepts<SavedFilterBody>("application/json")
            .Produces<SavedFilterReply>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Changes a saved filter of the caller's own.");
        routes.MapDelete("/api/members/filters/{filterId}", ForgetAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Forgets a saved filter of the caller's own.");
        routes.MapGet("/api/members/filters/{filterId}/members", AskAsync)
            .RequirePermission(Permission.MembersRead)
            .LimitRate(RateLimits.Members)
            .Produces<MemberPage>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Members whom a saved filter finds, by keyset cursor.");
    }

    private static Task ListAsync(HttpContext context, MemberPages pages)
    {
        var query = new QueryFields(context.Request);
        return pages.AnswerAsync(context, query, MemberFilter.Read(query));
    }

    private static async Task AskAsync(HttpContext context, string filterId, MemberPages pages, ReadRouter router)
    {
        var actor = context.Actor();
        var found = await context.ReadAsync(router, from => FilterQueries.FindAsync(from, actor.Tenant, IdOf(filterId), actor.Name, context.RequestAborted));
        if (found is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.FilterNotFound, ("filterId", filterId)), context.RequestAborted);
            return;
        }

        await pages.AnswerAsync(context, new QueryFields(context.Request), found.Filter);
    }

    private static async Task FiltersAsync(HttpContext context, ReadRouter router)
    {
        var actor = context.Actor();
        var list = await context.ReadAsync(router, from => FilterQueries.AllAsync(from, actor.Tenant, actor.Name, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, MembershipJson.Default.SavedFilterList);
    }

    private static async Task WriteAsync(HttpContext context, long id, LaneSet lanes)
    {
        if (await WriteRequests.ReadAsync(context, Read) is not { } request)
        {
            return;
        }

        var command = new WriteFilter(request.Actor.Tenant, id, request.Body, request.Actor.Name) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        var status = id == 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await WriteResponse.WriteAsync(context, outcome, status, MembershipJson.Default.SavedFilterReply);
    }

    private static async Task ForgetAsync(HttpContext context, string filterId, LaneSet lanes)
    {
        var actor = context.Actor();
        var outcome = await lanes.SubmitAsync(new WriteFilter(actor.Tenant, IdOf(filterId), body: null, actor.Name), context.RequestAborted);
        if (outcome is Outcome.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.SavedFilterReply);
    }

    private static SavedFilterBody Read(JsonFields fields)
    {
        var body = new SavedFilterBody
        {
            Name = fields.Identifier("name", SavedFilter.NameLengthMax),
            Shared = fields.Flag("shared", byDefault: false),
            Filter = fields.Object("filter") is { } filter ? MemberFilter.Read(filter) : new MemberFilter(),
        };
        fields.RefuseUnknown();
        return body;
    }

    // None has a negative id, so what is no id finds none.
    private static long IdOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : -1;
}
