using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Programmes;

/// <summary>Makes the changes of the programme that doors are asked for, all in the same way.</summary>
internal sealed class ProgrammeChanges(LaneSet lanes, MemberBooks books, ProgrammeStore store)
{
    private static readonly Wording s_sameCode = new("the code that the address names", "与地址中相同的编码");

    /// <summary>Looks at a change before it is made, so that every mistake is named with its place, and makes it.</summary>
    /// <param name="status">Of the answer to a change that was made.</param>
    /// <param name="mistakesOf">The mistakes of the programme as it would be, with pointers into what the caller sent.</param>
    /// <returns>The programme in force then; null when the request is answered already.</returns>
    public async Task<Programme?> MakeAsync<T>(
        HttpContext context,
        WriteRequest<T> request,
        string? reason,
        int status,
        Func<Programme, ProgrammeEdit> edit,
        Func<Programme, IReadOnlyList<FieldError>> mistakesOf)
    {
        var tenant = request.Actor.Tenant;
        if (await VersionMatch.ReadAsync(context) is not { } match)
        {
            return null;
        }

        var current = await store.ReadAsync(tenant, context.RequestAborted);
        if (edit(current) is ProgrammeEdit.To { Programme: var wanted } && MistakesOf(wanted) is { Count: > 0 } mistakes)
        {
            await ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted);
            return null;
        }

        var command = new ChangeProgramme(tenant, edit, books.Programmes)
        {
            BaseVersion = match.Version,
            ChangedBy = request.Actor.Name,
            Reason = reason,
            Idempotency = request.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        var version = outcome switch
        {
            Outcome.Applied { Reply: ProgrammeVersion made } => made.Version,
            Outcome.Replayed { Reply: { Applied: true } reply } => JsonSerializer.Deserialize(reply.Body, ProgrammeDocument.TypeOf<ProgrammeVersion>())!.Version,
            _ => (int?)null,
        };
        if (version is not { } inForce)
        {
            await WriteResponse.WriteAsync(context, outcome, status, ProgrammeDocument.TypeOf<ProgrammeVersion>());
            return null;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        // So that this node's next answers show it, even before its next write.
        await store.ReadAsync(tenant, context.RequestAborted);
        return await store.ReadAsync(tenant, inForce, context.RequestAborted);

        IReadOnlyList<FieldError> MistakesOf(Programme programme) =>
            ProgrammeDocument.NothingsIn(programme) is { Count: > 0 } nothings ? nothings : mistakesOf(programme);
    }

    /// <summary>Whether what is sent has another code than the one its path names; it is answered then.</summary>
    public static async Task<bool> IsAnotherAsync(HttpContext context, string sent, string named)
    {
        if (sent == named)
        {
            return false;
        }

        await ProblemResponse.WriteAsync(context, [new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Body, "/code", ("expected", s_sameCode))], context.RequestAborted);
        return true;
    }

    /// <summary>The mistakes of one part, with pointers into it; of the whole programme where the part is not named.</summary>
    /// <param name="at">The pointer of the part, or nothing.</param>
    public static IReadOnlyList<FieldError> Within(IReadOnlyList<FieldError> mistakes, string at) =>
    [
        .. mistakes.Where(mistake => mistake.Location.StartsWith(at + "/", StringComparison.Ordinal))
            .Select(mistake => mistake with { Location = mistake.Location[at.Length..] }),
    ];

    /// <summary>Answers with a part of a programme and, as the ETag, the version it belongs to.</summary>
    public static Task AnswerAsync<T>(HttpContext context, int status, T reply, int version)
    {
        context.Response.Headers.ETag = ProgrammeModule.ETagOf(version);
        return WriteResponse.WriteAsync(context, status, reply, ProgrammeDocument.TypeOf<T>());
    }
}
