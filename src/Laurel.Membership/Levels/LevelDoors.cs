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

/// <summary>Where a level stands in the programme.</summary>
/// <param name="Track">The code of its track; null for the main ladder.</param>
public sealed record LevelPlace(string? Track, string Code);

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
    /// <param name="track">Null for the main ladder.</param>
    public async Task CreateAsync(HttpContext context, string? track)
    {
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReaderOf(track)) is { Body.Level: { } level } request)
        {
            await ChangeAsync(context, request, new LevelPlace(track, level.Code), StatusCodes.Status201Created, programme => LevelEdits.Added(programme, track, level));
        }
    }

    public async Task ReplaceAsync(HttpContext context, LevelPlace place)
    {
        // Members hold the code: a level of another one is another level.
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReaderOf(place.Track)) is { Body.Level: { } level } request
            && !await ProgrammeChanges.IsAnotherAsync(context, level.Code, place.Code))
        {
            await ChangeAsync(context, request, place, StatusCodes.Status200OK, programme => LevelEdits.Replaced(programme, place.Track, place.Code, _ => level));
        }
    }

    /// <summary>Closes a level, or opens it again; a removal that has begun is given up.</summary>
    public async Task SwitchAsync(HttpContext context, LevelPlace place, bool active)
    {
        if (await WriteRequests.ReadAsync(context, LevelEdit.ReadSwitch) is { } request)
        {
            await ChangeAsync(context, request, place, StatusCodes.Status200OK, programme =>
                LevelEdits.Replaced(programme, place.Track, place.Code, level => level with { Active = active, MoveTo = null }));
        }
    }

    public async Task DeleteAsync(HttpContext context, LevelPlace place)
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
        var (track, code) = place;
        var current = await store.ReadAsync(actor.Tenant, context.RequestAborted);
        var members = await LevelHolders.CountAsync(database, actor.Tenant, place, !current.Cards.IsEmpty, context.RequestAborted);
        if (RemovalRefusal(current, place, moveTo, members, isPreview) is { } refusal)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        ProgrammeEdit Edit(Programme programme) => members == 0 ? LevelEdits.Removed(programme, track, code) : LevelEdits.Closed(programme, track, code, moveTo!);
        var removal = new LevelRemoval { Version = current.Version, Code = code, MoveTo = members == 0 ? null : moveTo, Members = members, Removed = false };
        if (isPreview)
        {
            await PreviewAsync(context, removal, place, members > 0 && moveTo is null ? new ProgrammeEdit.To(current) : Edit(current));
            return;
        }

        var status = members == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        var request = new WriteRequest<LevelEdit>(actor, new LevelEdit(null, reason), null);
        if (await changes.MakeAsync(context, request, reason, status, Edit, wanted => MistakesOf(wanted, place)) is { Version: var version })
        {
            await ProgrammeChanges.AnswerAsync(context, status, removal with { Version = version, Removed = members == 0 }, version);
        }
    }

    /// <param name="track">Null for the main ladder.</param>
    public async Task SetAsync(HttpContext context, string id, string? track)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHand.Set) is { } request)
        {
            await ByHandAsync(context, id, track, request);
        }
    }

    /// <inheritdoc cref="SetAsync"/>
    public async Task ReleaseAsync(HttpContext context, string id, string? track)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHand.Release) is { } request)
        {
            await ByHandAsync(context, id, track, request);
        }
    }

    /// <inheritdoc cref="SetAsync"/>
    public async Task ImportAsync(HttpContext context, string id, string? track)
    {
        if (await WriteRequests.ReadAsync(context, ReadLevelHistory.Read) is { } request && await MemberAsync(context, id) is { } member)
        {
            var body = request.Body;
            var command = new ImportLevels(request.Actor.Tenant, MemberReference.ById(member), body.Changes, body.Operator, books)
            {
                Track = track,
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

    private async Task ByHandAsync(HttpContext context, string id, string? track, WriteRequest<ReadLevelHand> request)
    {
        if (await MemberAsync(context, id) is not { } member)
        {
            return;
        }

        var (tenant, body) = (request.Actor.Tenant, request.Body);
        var command = new SetLevel(tenant, MemberReference.ById(member), body.Level, body.Hand, books)
        {
            Track = track,
            Until = body.Until,
            Time = body.Time,
            Idempotency = request.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.LevelHandReply);
    }

    private static Refusal? RemovalRefusal(Programme current, LevelPlace place, string? moveTo, long members, bool isPreview)
    {
        if (LevelEdits.LevelsOf(current, place.Track) is not { } levels)
        {
            return LevelEdits.TrackNotFound(place.Track);
        }

        if (levels.All(level => level.Code != place.Code))
        {
            return LevelEdits.NotFound(place.Code);
        }

        if (moveTo is not null && levels.All(level => level.Code != moveTo))
        {
            return LevelEdits.NotFound(moveTo);
        }

        return members > 0 && moveTo is null && !isPreview
            ? new Refusal(ErrorCode.LevelInUse, ("levelCode", place.Code), ("members", members))
            : null;
    }

    private static Task PreviewAsync(HttpContext context, LevelRemoval removal, LevelPlace place, ProgrammeEdit edit) =>
        edit is ProgrammeEdit.To { Programme: var wanted } && MistakesOf(wanted, place) is { Count: > 0 } mistakes
            ? ProblemResponse.WriteAsync(context, mistakes, context.RequestAborted)
            : ProgrammeChanges.AnswerAsync(context, StatusCodes.Status200OK, removal, removal.Version);

    private async Task ChangeAsync(HttpContext context, WriteRequest<LevelEdit> request, LevelPlace place, int status, Func<Programme, ProgrammeEdit> edit)
    {
        if (await changes.MakeAsync(context, request, request.Body.Reason, status, edit, wanted => MistakesOf(wanted, place)) is { } programme)
        {
            var level = LevelEdits.LevelsOf(programme, place.Track)!.Value.First(level => level.Code == place.Code);
            await ProgrammeChanges.AnswerAsync(context, status, new LevelChanged { Version = programme.Version, Level = level }, programme.Version);
        }
    }

    /// <summary>The mistakes that a change would make, those of its level with pointers into it.</summary>
    private static IReadOnlyList<FieldError> MistakesOf(Programme wanted, LevelPlace place)
    {
        var track = wanted.Tracks.Select(one => one.Code).ToList().IndexOf(place.Track ?? "");
        var ladder = place.Track is null ? "" : $"/tracks/{track.ToString(CultureInfo.InvariantCulture)}";
        var rank = (LevelEdits.LevelsOf(wanted, place.Track) ?? []).Select(level => level.Code).ToList().IndexOf(place.Code);
        var at = $"{ladder}/levels/{rank.ToString(CultureInfo.InvariantCulture)}/";
        return
        [
            .. wanted.AllMistakes().Select(mistake =>
                mistake.Location.StartsWith(at, StringComparison.Ordinal) ? mistake with { Location = mistake.Location[(at.Length - 1)..] } : mistake),
        ];
    }
}
