using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Tags;

/// <summary>The doors of tags, groups and notes.</summary>
internal static class TagsModule
{
    public static void MapTags(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tags", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<TagList>()
            .WithSummary("The tags and groups that members may have.");
        routes.MapPut("/api/tags/{code}", WriteAsync)
            .RequirePermission(Permission.ProgrammeWrite)
            .Accepts<TagBody>("application/json")
            .Produces<TagReply>()
            .WithSummary("Makes a tag or a group, or changes one.");
        routes.MapDelete("/api/tags/{code}", RemoveAsync)
            .RequirePermission(Permission.ProgrammeWrite)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Removes a tag or a group that no member has.");
        TagMember(routes.MapPut("/api/members/{id}/tags/{code}", (HttpContext context, string id, string code, LaneSet lanes, MemberBooks books) =>
            TagAsync(context, id, code, given: true, lanes, books)), "Gives a member a tag, or puts it into a group.");
        TagMember(routes.MapDelete("/api/members/{id}/tags/{code}", (HttpContext context, string id, string code, LaneSet lanes, MemberBooks books) =>
            TagAsync(context, id, code, given: false, lanes, books)), "Takes a tag from a member, or takes it out of a group.");
    }

    private static void TagMember(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.MembersWrite)
        .Produces<MemberTagsReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task ListAsync(HttpContext context, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var list = await context.ReadAsync(router, from => TagQueries.AllAsync(from, tenant, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, MembershipJson.Default.TagList);
    }

    private static async Task WriteAsync(HttpContext context, string code, LaneSet lanes)
    {
        if (!await IsCodeAsync(context, code) || await WriteRequests.ReadAsync(context, Read) is not { } request)
        {
            return;
        }

        var command = new WriteTag(request.Actor.Tenant, code, request.Body) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.TagReply);
    }

    private static async Task RemoveAsync(HttpContext context, string code, LaneSet lanes)
    {
        var outcome = await lanes.SubmitAsync(new WriteTag(context.Actor().Tenant, code, body: null), context.RequestAborted);
        if (outcome is Outcome.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.TagReply);
    }

    // The same asked again changes nothing, so it takes no body and no key.
    private static async Task TagAsync(HttpContext context, string id, string code, bool given, LaneSet lanes, MemberBooks books)
    {
        var actor = context.Actor();
        if (!MemberId.TryParse(id, out var member))
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var command = new TagMember(actor.Tenant, MemberReference.ById(member), code, given, bySystem: actor.Person is null, books);
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.MemberTagsReply);
    }

    private static TagBody Read(JsonFields fields)
    {
        var body = new TagBody
        {
            Kind = fields.ChoiceOrNull("kind", Tag.PlainKind, Tag.GroupKind),
            NameEnglish = fields.Identifier("nameEnglish", Tag.NameLengthMax),
            NameChinese = fields.Identifier("nameChinese", Tag.NameLengthMax),
            Description = fields.TextOrNull("description", Tag.DescriptionLengthMax),
            Color = fields.IdentifierOrNull("color", Tag.ColorLengthMax),
            IsSystem = fields.Flag("isSystem", byDefault: false),
        };
        fields.RefuseUnknown();
        return body;
    }

    private static async Task<bool> IsCodeAsync(HttpContext context, string code)
    {
        if (Tag.IsCode(code))
        {
            return true;
        }

        var fault = new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Query, "code", ("expected", FieldFormats.Code));
        await ProblemResponse.WriteAsync(context, [fault], context.RequestAborted);
        return false;
    }
}
