using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Benefits;

/// <summary>Changes benefits and packages: each change is a new version of the programme.</summary>
internal sealed class BenefitChange(LaneSet lanes, MemberBooks books, ProgrammeStore store)
{
    private const string ReasonParameter = "reason";

    /// <summary>Bytes of a benefit or package at the most.</summary>
    private static readonly BodyRules s_rules = new() { BytesMax = 512 * 1024 };

    /// <summary>Reads a benefit or a package; when it cannot be read, the problem is answered already and the result is null.</summary>
    public static ValueTask<WriteRequest<T>?> ReadAsync<T>(HttpContext context)
        where T : class => WriteRequests.ReadDocumentAsync(context, s_rules, ProgrammeDocument.SentAs<T>());

    /// <summary>Looks at the change before it is made, so that every mistake is named with its place, makes it and answers with what it made.</summary>
    /// <param name="at">The pointer of what was sent within the programme that the edit makes; null where nothing was sent.</param>
    /// <param name="read">What the answer shows of the programme that is in force then.</param>
    public async Task MakeAsync<TReply>(
        HttpContext context,
        IdempotencyKey? idempotency,
        int status,
        Func<Programme, ProgrammeEdit> edit,
        Func<Programme, string?> at,
        Func<Programme, TReply> read)
    {
        var query = new QueryFields(context.Request);
        var reason = query.TextOrNull(ReasonParameter, RuleChange.ReasonLengthMax);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (await VersionMatch.ReadAsync(context) is not { } match)
        {
            return;
        }

        var actor = context.Actor();
        var current = await store.ReadAsync(actor.Tenant, context.RequestAborted);
        if (edit(current) is ProgrammeEdit.To { Programme: var wanted } && MistakesOf(wanted, at(wanted)) is { Count: > 0 } mistakes)
        {
            await ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted);
            return;
        }

        var command = new ChangeProgramme(actor.Tenant, edit, books.Programmes)
        {
            BaseVersion = match.Version,
            ChangedBy = actor.Name,
            Reason = reason,
            Idempotency = idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        var made = outcome switch
        {
            Outcome.Applied { Reply: ProgrammeVersion version } => version.Version,
            Outcome.Replayed { Reply: { Applied: true } reply } => JsonSerializer.Deserialize(reply.Body, ProgrammeDocument.TypeOf<ProgrammeVersion>())!.Version,
            _ => (int?)null,
        };
        if (made is not { } inForce)
        {
            await WriteResponse.WriteAsync(context, outcome, status, ProgrammeDocument.TypeOf<ProgrammeVersion>());
            return;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        // Reads of this node are to see the newest.
        await store.ReadAsync(actor.Tenant, context.RequestAborted);
        var stored = await store.ReadAsync(actor.Tenant, inForce, context.RequestAborted);
        context.Response.Headers.ETag = ProgrammeModule.ETagOf(inForce);
        await WriteResponse.WriteAsync(context, status, read(stored), ProgrammeDocument.TypeOf<TReply>());
    }

    /// <summary>The mistakes of what was sent, with pointers into it; of the whole programme where nothing was.</summary>
    private List<FieldError> MistakesOf(Programme programme, string? at)
    {
        var pointer = at ?? "";
        return
        [
            .. BenefitMistakes.Of(programme, books.Programmes.Benefits)
                .Where(mistake => mistake.Location == pointer || mistake.Location.StartsWith(pointer + "/", StringComparison.Ordinal))
                .Select(mistake => mistake with { Location = mistake.Location[pointer.Length..] }),
        ];
    }
}
