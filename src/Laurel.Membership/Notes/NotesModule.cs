using System.Globalization;
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

namespace Laurel.Membership.Notes;

/// <summary>The doors of this capability. None of them is the member's own.</summary>
internal static class NotesModule
{
    public static void MapNotes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/members/{id}/notes", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<NoteList>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What the staff has noted about a member, newest first.");
        routes.MapPost("/api/members/{id}/notes", AddAsync)
            .RequirePermission(Permission.MembersWrite)
            .Accepts<NoteBody>("application/json")
            .Produces<NoteReceipt>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Notes something about a member, which the member does not see.");
        routes.MapDelete("/api/members/{id}/notes/{noteId}", RemoveAsync)
            .RequirePermission(Permission.MembersWrite)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Removes a note: one's own, or with members:reveal any.");
    }

    private static async Task ListAsync(HttpContext context, string id, MemberCache members, NoteQueries notes, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        if (!MemberId.TryParse(id, out var member) || await members.FindReplyAsync(tenant, member) is null)
        {
            await NotFoundAsync(context);
            return;
        }

        var list = await context.ReadAsync(router, from => notes.ListAsync(from, tenant, member, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, MembershipJson.Default.NoteList);
    }

    private static async Task AddAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var text = fields.Text("text", MemberNote.TextLengthMax);
            fields.RefuseUnknown();
            return text;
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

        var command = new AddNote(request.Actor.Tenant, MemberReference.ById(member), request.Body, request.Actor.Name, books) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status201Created, MembershipJson.Default.NoteReceipt);
    }

    private static async Task RemoveAsync(HttpContext context, string id, string noteId, LaneSet lanes, MemberBooks books)
    {
        var actor = context.Actor();
        if (!MemberId.TryParse(id, out var member))
        {
            await NotFoundAsync(context);
            return;
        }

        // No note has the id 0, so what is no id finds none.
        var note = long.TryParse(noteId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var command = new RemoveNote(actor.Tenant, MemberReference.ById(member), note, actor.Name, actor.May(Permission.MembersReveal), books);
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.NoteReceipt);
    }

    private static Task NotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
}
