using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Levels;

/// <summary>A level and the version of the programme it belongs to.</summary>
public sealed record LevelChanged
{
    public required int Version { get; init; }

    public required Level Level { get; init; }
}

/// <summary>What removing a level does.</summary>
public sealed record LevelRemoval
{
    /// <summary>Of the programme that is in force; of a preview the one it was made from.</summary>
    public required int Version { get; init; }

    public required string Code { get; init; }

    /// <summary>The code of the level that its members go to; null where it has none.</summary>
    public required string? MoveTo { get; init; }

    /// <summary>How many held it when it was asked.</summary>
    public required long Members { get; init; }

    /// <summary>Whether it is gone. It goes once its members have moved, which a job begins within a minute.</summary>
    public required bool Removed { get; init; }
}

/// <summary>Answers calls that change levels, and the level of a member by hand.</summary>
internal sealed class LevelDoors(LaneSet lanes, MemberBooks books, ProgrammeStore store, Database database)
{
    public async Task CreateAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReadLevel) is { Body.Level: { } level } request)
        {
            await ChangeAsync(context, request, level.Code, StatusCodes.Status201Created, programme => LevelEdits.Added(programme, level));
        }
    }

    public async Task ReplaceAsync(HttpContext context, string code)
    {
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReadLevel) is not { Body.Level: { } level } request)
        {
            return;
        }

        if (level.Code != code)
        {
            // Members hold the code: a level of another one is another level.
            FieldError error = new(FieldErrorCode.InvalidFormat, FieldOrigin.Body, "/code", ("expected", FieldFormats.OneOf([code])));
            await ProblemResponse.WriteAsync(context, [error], context.RequestAborted);
            return;
        }

        await ChangeAsync(context, request, code, StatusCodes.Status200OK, programme => LevelEdits.Replaced(programme, code, _ => level));
    }

    /// <summary>Closes a level, or opens it again; a removal that has begun is given up.</summary>
    public async Task SwitchAsync(HttpContext context, string code, bool active)
    {
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReadSwitch) is { } request)
        {
            await ChangeAsync(context, request, code, StatusCodes.Status200OK, programme =>
                LevelEdits.Replaced(programme, code, level => level with { Active = active, MoveTo = null }));
        }
    }

    public async Task DeleteAsync(HttpContext context, string code)
    {
        var query = new QueryFields(context.Request);
        var (moveTo, reason) = (query.IdentifierOrNull("moveTo", 64), query.TextOrNull("reason", LevelEdit.ReasonLengthMax));
        var isPreview = query.Flag("preview", byDefault: false);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var current = await store.ReadAsync(tenant, context.RequestAborted);
        var members = await LevelJob.CountAsync(database, tenant, code, context.RequestAborted);
        if (RemovalRefusal(current, code, moveTo, members, isPreview) is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        ProgrammeEdit Edit(Programme programme) => members == 0 ? LevelEdits.Removed(programme, code) : LevelEdits.Closed(programme, code, moveTo!);
        var preview = new LevelRemoval { Version = current.Version, Code = code, MoveTo = members == 0 ? null : moveTo, Members = members, Removed = false };
        if ((members == 0 || moveTo is not null) && await AnswerMistakesAsync(context, current, Edit, code))
        {
            return;
        }

        if (isPreview)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, preview, current.Version);
            return;
        }

        if (await VersionMatch.ReadAsync(context) is { } match)
        {
            var command = new ChangeProgramme(tenant, Edit, books.Programmes) { BaseVersion = match.Version, ChangedBy = context.Actor().Name, Reason = reason };
            var status = members == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
            await SubmitAsync(context, command, status, version => Task.FromResult(preview with { Version = version, Removed = members == 0 }));
        }
    }

    public async Task SetAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHand.Set) is { } request)
        {
            await ByHandAsync(context, id, request);
        }
    }

    public async Task ReleaseAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHand.Release) is { } request)
        {
            await ByHandAsync(context, id, request);
        }
    }

    private async Task ByHandAsync(HttpContext context, string id, WriteRequest<ReadLevelHand> request)
    {
        if (!MemberId.TryParse(id, out var member))
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var (tenant, body) = (request.Actor.Tenant, request.Body);
        var command = new SetLevel(tenant, MemberReference.ById(member), body.Level, body.Hand, books)
        {
            Until = body.Until,
            Time = body.Time,
            Idempotency = request.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.LevelHandReply);
    }

    private static Refusal? RemovalRefusal(Programme current, string code, string? moveTo, long members, bool isPreview)
    {
        if (current.Levels.All(level => level.Code != code))
        {
            return LevelEdits.NotFound(code);
        }

        if (moveTo is not null && current.Levels.All(level => level.Code != moveTo))
        {
            return LevelEdits.NotFound(moveTo);
        }

        return members > 0 && moveTo is null && !isPreview
            ? new Refusal(ErrorCode.LevelInUse, ("levelCode", code), ("members", members))
            : null;
    }

    /// <summary>Looks at the change before it is made, so that every mistake is named with its place, and makes it.</summary>
    private async Task ChangeAsync(HttpContext context, WriteRequest<LevelEdit> request, string code, int status, Func<Programme, ProgrammeEdit> edit)
    {
        var tenant = request.Actor.Tenant;
        if (await VersionMatch.ReadAsync(context) is not { } match)
        {
            return;
        }

        if (await AnswerMistakesAsync(context, await store.ReadAsync(tenant, context.RequestAborted), edit, code))
        {
            return;
        }

        var command = new ChangeProgramme(tenant, edit, books.Programmes)
        {
            BaseVersion = match.Version,
            ChangedBy = request.Actor.Name,
            Reason = request.Body.Reason,
            Idempotency = request.Idempotency,
        };
        await SubmitAsync(context, command, status, async version =>
        {
            var stored = await store.ReadAsync(tenant, version, context.RequestAborted);
            return new LevelChanged { Version = version, Level = stored.Levels.First(level => level.Code == code) };
        });
    }

    /// <summary>Answers the mistakes that a change would make, those of its level with pointers into it. False where it makes none.</summary>
    private static async Task<bool> AnswerMistakesAsync(HttpContext context, Programme current, Func<Programme, ProgrammeEdit> edit, string code)
    {
        if (edit(current) is not ProgrammeEdit.To { Programme: var wanted } || wanted.AllMistakes() is not { Count: > 0 } mistakes)
        {
            return false;
        }

        var rank = wanted.Levels.Select(level => level.Code).ToList().IndexOf(code);
        var at = $"/levels/{rank.ToString(CultureInfo.InvariantCulture)}/";
        IReadOnlyList<FieldError> told =
            [.. mistakes.Select(mistake => mistake.Location.StartsWith(at, StringComparison.Ordinal) ? mistake with { Location = mistake.Location[(at.Length - 1)..] } : mistake)];
        await ProblemResponse.WriteAsync(context, told, context.RequestAborted);
        return true;
    }

    private async Task SubmitAsync<TReply>(HttpContext context, ChangeProgramme command, int status, Func<int, Task<TReply>> answer)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        var version = outcome switch
        {
            Outcome.Applied { Reply: ProgrammeVersion made } => made.Version,
            Outcome.Replayed { Reply: { Applied: true } reply } =>
                JsonSerializer.Deserialize(reply.Body, ProgrammeDocument.TypeOf<ProgrammeVersion>())!.Version,
            _ => (int?)null,
        };
        if (version is not { } inForce)
        {
            await WriteResponse.WriteAsync(context, outcome, status, ProgrammeDocument.TypeOf<ProgrammeVersion>());
            return;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        // So that this node's next answers show it, even before its next write.
        await store.ReadAsync(command.Tenant, context.RequestAborted);
        await AnswerAsync(context, status, await answer(inForce), inForce);
    }

    private static Task AnswerAsync<T>(HttpContext context, int status, T reply, int version)
    {
        context.Response.Headers.ETag = ProgrammeModule.ETagOf(version);
        return WriteResponse.WriteAsync(context, status, reply, ProgrammeDocument.TypeOf<T>());
    }
}
