using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Programmes;

/// <summary>Makes the changes of the programme that doors are asked for, all in the same way.</summary>
internal sealed class ProgrammeChanges(LaneSet lanes, ProgrammeKind programmes, ProgrammeStore store)
{
    /// <summary>Names the version a change is meant for, as the ETag of a read told it.</summary>
    public const string MatchHeader = "If-Match";

    private static readonly Wording s_etag = new("the ETag of a read, like \"7\"", "读取时返回的 ETag，例如 \"7\"");

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
        if (!TryReadMatch(context, out var baseVersion))
        {
            var error = new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Header, MatchHeader, ("expected", s_etag));
            await ProblemResponse.WriteAsync(context, [error], context.RequestAborted);
            return null;
        }

        var current = await store.ReadAsync(tenant, context.RequestAborted);
        if (edit(current) is ProgrammeEdit.To { Programme: var wanted } && mistakesOf(wanted) is { Count: > 0 } mistakes)
        {
            await ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted);
            return null;
        }

        var command = new ChangeProgramme(tenant, edit, programmes)
        {
            BaseVersion = baseVersion,
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

        return await store.ReadAsync(tenant, inForce, context.RequestAborted);
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
        context.Response.Headers.ETag = $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
        return WriteResponse.WriteAsync(context, status, reply, ProgrammeDocument.TypeOf<T>());
    }

    private static bool TryReadMatch(HttpContext context, out int? version)
    {
        version = null;
        var text = context.Request.Headers[MatchHeader].ToString().Trim('"');
        if (text.Length == 0)
        {
            return true;
        }

        var read = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        version = number;
        return read;
    }
}
