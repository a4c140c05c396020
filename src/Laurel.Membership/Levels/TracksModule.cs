using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Levels;

/// <summary>A track of the programme, as callers see it.</summary>
public sealed record TrackDetail
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    /// <summary>The lowest first.</summary>
    public required IReadOnlyList<LevelDetail> Levels { get; init; }
}

/// <summary>All tracks, in the order of the programme.</summary>
public sealed record TrackList
{
    public required IReadOnlyList<TrackDetail> Items { get; init; }
}

/// <summary>Where a member stands in a track.</summary>
public sealed record MemberTrack
{
    /// <summary>The code of the track.</summary>
    public required string Track { get; init; }

    public required string Name { get; init; }

    public required LevelDetail Current { get; init; }

    /// <summary>Of a level that was never changed: since registration.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Whether somebody set it by hand and the rules leave it alone.</summary>
    public required bool Pinned { get; init; }

    /// <summary>Until when; null for ever, and where they do not.</summary>
    public required DateTimeOffset? PinnedUntil { get; init; }

    public required LevelForecastReply Forecast { get; init; }

    internal static MemberTrack Of(LevelTrack track, LevelJudge ladder, MemberView view, Language language, Instant now)
    {
        var figures = LevelFigures.Of(view, ladder);
        return new MemberTrack
        {
            Track = track.Code,
            Name = track.NameIn(language),
            Current = LevelDetail.Of(ladder.Levels, ladder.RankOf(figures.HeldCode), language),
            Since = figures.HeldSince.ToDateTimeOffset(),
            Pinned = figures.State.IsPinned,
            PinnedUntil = figures.State.Pinned is { } pinned ? new Instant(pinned).ToNullable() : null,
            Forecast = LevelForecastReply.Of(ladder, ladder.Forecast(figures, now)),
        };
    }
}

/// <summary>Where a member stands in every track of the programme, in its order.</summary>
public sealed record MemberTracks
{
    public required IReadOnlyList<MemberTrack> Items { get; init; }
}

/// <summary>The doors of levels beside the main ladder: those of <see cref="LevelsModule"/> once more, for a track.</summary>
internal static class TracksModule
{
    public static void MapTracks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tracks", ListAsync)
            .RequirePermission(Permission.LevelsRead)
            .OpenToCaller(Permission.ReadSelf)
            .Produces<TrackList>()
            .WithSummary("The tracks of the programme, with their levels.");
        routes.MapGet("/api/members/{id}/tracks", MemberAsync)
            .RequirePermission(Permission.LevelsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberTracks>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Where a member stands in each track.");
        routes.MapGet("/api/members/{id}/tracks/{track}", FindAsync)
            .RequirePermission(Permission.LevelsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberLevel>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A member's level in a track, progress, forecast and history.");
        MapHands(routes);
        MapLevels(routes);
    }

    private static void MapHands(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members/{id}/tracks/{track}", (HttpContext context, string id, string track, LevelDoors doors) => doors.SetAsync(context, id, track))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<SetLevelBody>("application/json")
            .Produces<LevelHandReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Sets a member's level in a track by hand, until an instant or for ever.");
        routes.MapPost("/api/members/{id}/tracks/{track}/release", (HttpContext context, string id, string track, LevelDoors doors) =>
                doors.ReleaseAsync(context, id, track))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<ReleaseLevelBody>("application/json")
            .Produces<LevelHandReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Lets the rules judge a member's level in a track again.");
        routes.MapPost("/api/members/{id}/tracks/{track}/history", (HttpContext context, string id, string track, LevelDoors doors) =>
                doors.ImportAsync(context, id, track))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<ImportLevelsBody>("application/json")
            .Produces<ImportLevelsReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Imports the changes of a member's level in a track that another system made.");
    }

    private static void MapLevels(IEndpointRouteBuilder routes)
    {
        LevelsModule.Write<Level>(
            routes.MapPost("/api/tracks/{track}/levels", (HttpContext context, string track, LevelDoors doors) => doors.CreateAsync(context, track)),
            StatusCodes.Status201Created, "Adds a level to a track, in the order of the thresholds.");
        LevelsModule.Write<Level>(
            routes.MapPut("/api/tracks/{track}/levels/{code}", (HttpContext context, string track, string code, LevelDoors doors) =>
                doors.ReplaceAsync(context, new LevelPlace(track, code))),
            StatusCodes.Status200OK, "Puts a level of a track in the place of the one of its code.");
        LevelsModule.Write<PartSwitch>(
            routes.MapPost("/api/tracks/{track}/levels/{code}/disable", (HttpContext context, string track, string code, LevelDoors doors) =>
                doors.SwitchAsync(context, new LevelPlace(track, code), active: false)),
            StatusCodes.Status200OK, "Lets nobody come to a level of a track from now on.");
        LevelsModule.Write<PartSwitch>(
            routes.MapPost("/api/tracks/{track}/levels/{code}/enable", (HttpContext context, string track, string code, LevelDoors doors) =>
                doors.SwitchAsync(context, new LevelPlace(track, code), active: true)),
            StatusCodes.Status200OK, "Lets members come to a level of a track again.");
        LevelsModule.Removes(
            routes.MapDelete("/api/tracks/{track}/levels/{code}", (HttpContext context, string track, string code, LevelDoors doors) =>
                doors.DeleteAsync(context, new LevelPlace(track, code))),
            "Removes a level of a track; one that has members needs moveTo, and preview=true tells how many.");
    }

    // The newest programme: a track that was put in force is there for the next question, on whichever node.
    private static async Task ListAsync(HttpContext context, ProgrammeStore programmes)
    {
        var language = RequestLanguage.Of(context.Request);
        var tracks = (await programmes.LatestAsync(context.Actor().Tenant, context.RequestAborted)).Programme.Tracks;
        var reply = new TrackList
        {
            Items = [.. tracks.Select(track => new TrackDetail { Code = track.Code, Name = track.NameIn(language), Levels = LevelDetail.Of(track.Levels, language) })],
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.TrackList);
    }

    private static async Task MemberAsync(HttpContext context, string id, MemberCache members, ProgrammeStore programmes, ReadRouter router, TimeProvider clock)
    {
        if (await ViewAsync(context, id, members, router) is not { } view)
        {
            return;
        }

        var active = await programmes.LatestAsync(context.Actor().Tenant, context.RequestAborted);
        var (language, now) = (RequestLanguage.Of(context.Request), Instant.Now(clock));
        var reply = new MemberTracks
        {
            Items = [.. active.Programme.Tracks.Select(track => MemberTrack.Of(track, active.FindLadder(track.Code)!, view, language, now))],
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberTracks);
    }

    private static async Task FindAsync(
        HttpContext context, string id, string track, MemberCache members, ProgrammeStore programmes, ReadRouter router, TimeProvider clock)
    {
        var active = await programmes.LatestAsync(context.Actor().Tenant, context.RequestAborted);
        if (active.FindLadder(track) is not { } ladder)
        {
            await ProblemResponse.WriteAsync(context, LevelEdits.TrackNotFound(track), context.RequestAborted);
            return;
        }

        if (await ViewAsync(context, id, members, router) is { } view)
        {
            var history = await context.ReadAsync(router, from => LevelQueries.HistoryAsync(from, view.Tenant, view.Id, track));
            var reply = MemberLevel.Of(active, ladder, view, history, RequestLanguage.Of(context.Request), Instant.Now(clock));
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberLevel);
        }
    }

    private static async Task<MemberView?> ViewAsync(HttpContext context, string id, MemberCache members, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var view = MemberId.TryParse(id, out var member)
            ? await context.ReadMemberAsync(members, router, tenant, member, from => from.ViewAsync(tenant, member))
            : null;
        if (view is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
        }

        return view;
    }
}
