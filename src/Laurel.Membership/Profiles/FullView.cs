using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Profiles;

/// <summary>Shows a member with its personal data in the open, to whom may see it, and records that before it does.</summary>
/// <param name="reader">Shows what everybody sees.</param>
/// <param name="exports">Opens the rest.</param>
/// <param name="programmes">Say which attributes there are.</param>
/// <param name="reads">Records.</param>
internal sealed class FullView(MemberReader reader, MemberExports exports, ProgrammeKind programmes, ReadRecorder reads)
{
    /// <summary>The name of the query parameter that asks for it.</summary>
    public const string Name = "view";

    /// <summary>Its only value.</summary>
    public const string Full = "full";

    public static Refusal Forbidden { get; } = new(ErrorCode.Forbidden, ("permission", Permission.MembersReveal));

    /// <summary>Answers <c>GET /api/members/{id}?view=full</c>.</summary>
    public async Task AnswerAsync(HttpContext context, MemberId member, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        _ = query.ChoiceOrNull(Name, Full);
        var reason = ReadInFull.ReasonOf(query, isOwner: false);
        query.RefuseUnknown();
        var actor = context.Actor();
        if (!actor.May(Permission.MembersReveal))
        {
            await ProblemResponse.WriteAsync(context, Forbidden, context.RequestAborted);
            return;
        }

        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var programme = programmes.Latest(actor.Tenant)!.Programme;
        var found = await context.ReadAsync(router, async from => await reader.FindAsync(from, actor.Tenant, member, programme) is { } reply
            ? await exports.InFullAsync(from, actor.Tenant, member, reply.Named(programme, RequestLanguage.Of(context.Request)), context.RequestAborted)
            : null);
        if (found is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        if (await reads.RecordAsync(context, member, "member", reason))
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.MemberReply);
        }
    }
}
