using System.Globalization;
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
internal sealed class LevelDoors(ProgrammeChanges changes, LaneSet lanes, MemberBooks books, ProgrammeStore store, Database database)
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
        // Members hold the code: a level of another one is another level.
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReadLevel) is { Body.Level: { } level } request
            && !await ProgrammeChanges.IsAnotherAsync(context, level.Code, code))
        {
            await ChangeAsync(context, request, code, StatusCodes.Status200OK, programme => LevelEdits.Replaced(programme, code, _ => level));
        }
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

        var actor = context.Actor();
        var current = await store.ReadAsync(actor.Tenant, context.RequestAborted);
        var members = await LevelJob.CountAsync(database, actor.Tenant, code, !current.Cards.IsEmpty, context.RequestAborted);
        if (RemovalRefusal(current, code, moveTo, members, isPreview) is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        ProgrammeEdit Edit(Programme programme) => members == 0 ? LevelEdits.Removed(programme, code) : LevelEdits.Closed(programme, code, moveTo!);
        var removal = new LevelRemoval { Version = current.Version, Code = code, MoveTo = members == 0 ? null : moveTo, Members = members, Removed = false };
        if (isPreview)
        {
            await PreviewAsync(context, removal, members > 0 && moveTo is null ? new ProgrammeEdit.To(current) : Edit(current));
            return;
        }

        var status = members == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        var request = new WriteRequest<LevelEdit>(actor, new LevelEdit(null, reason), null);
        if (await changes.MakeAsync(context, request, reason, status, Edit, wanted => MistakesOf(wanted, code)) is { Version: var version })
        {
            await ProgrammeChanges.AnswerAsync(context, status, removal with { Version = version, Removed = members == 0 }, version);
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

    public async Task ImportAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHistory.Read) is { } request && await MemberAsync(context, id) is { } member)
        {
            var body = request.Body;
            var command = new ImportLevels(request.Actor.Tenant, MemberReference.ById(member), body.Changes, body.Operator, books)
            {
                Idempotency = request.Idempotency,
            };
            var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
            WriteResponse.TellVersion(context, outcome);
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.ImportLevelsReply);
        }
    }

    private static async Task<MemberId?> MemberAsync(HttpContext context, string id)
    {
        if (MemberId.TryParse(id, out var member))
        {
            return member;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
        return null;
    }

    private async Task ByHandAsync(HttpContext context, string id, WriteRequest<ReadLevelHand> request)
    {
        if (await MemberAsync(context, id) is not { } member)
        {
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

    private static Task PreviewAsync(HttpContext context, LevelRemoval removal, ProgrammeEdit edit) =>
        edit is ProgrammeEdit.To { Programme: var wanted } && MistakesOf(wanted, removal.Code) is { Count: > 0 } mistakes
            ? ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted)
            : ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, removal, removal.Version);

    private async Task ChangeAsync(HttpContext context, WriteRequest<LevelEdit> request, string code, int status, Func<Programme, ProgrammeEdit> edit)
    {
        if (await changes.MakeAsync(context, request, request.Body.Reason, status, edit, wanted => MistakesOf(wanted, code)) is { } programme)
        {
            var reply = new LevelChanged { Version = programme.Version, Level = programme.Levels.First(level => level.Code == code) };
            await ProgrammeChanges.AnswerAsync(context, status, reply, programme.Version);
        }
    }

    /// <summary>The mistakes that a change would make, those of its level with pointers into it.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme wanted, string code)
    {
        var rank = wanted.Levels.Select(level => level.Code).ToList().IndexOf(code);
        var at = $"/levels/{rank.ToString(CultureInfo.InvariantCulture)}/";
        return
        [
            .. wanted.AllMistakes().Select(mistake =>
                mistake.Location.StartsWith(at, StringComparison.Ordinal) ? mistake with { Location = mistake.Location[(at.Length - 1)..] } : mistake),
        ];
    }
}
