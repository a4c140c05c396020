using System.Collections.Immutable;
using Dapper;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
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

/// <summary>A level of the programme, as callers see it.</summary>
public sealed record LevelDetail
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    /// <summary>Null for none.</summary>
    public required string? Description { get; init; }

    /// <summary>Null for none.</summary>
    public required string? Icon { get; init; }

    /// <summary>Null for none.</summary>
    public required string? Color { get; init; }

    /// <summary>Whether members may come to it.</summary>
    public required bool Active { get; init; }

    /// <summary>Its place, the lowest level first: 0 and up.</summary>
    public required int SortOrder { get; init; }

    /// <summary>From which it is held: lifetime points, unless the level rules of the programme measure something else.</summary>
    public required long Threshold { get; init; }

    /// <summary>Factor of points for purchases.</summary>
    public required decimal Multiplier { get; init; }

    /// <summary>What remains of a price: 0.95 is five percent off.</summary>
    public required decimal DiscountRate { get; init; }

    /// <summary>Free shipping from this order amount in minor units.</summary>
    public required long FreeShippingFrom { get; init; }

    internal static IReadOnlyList<LevelDetail> Of(ImmutableArray<Level> levels, Language language) =>
        [.. Enumerable.Range(0, levels.Length).Select(rank => Of(levels, rank, language))];

    internal static LevelDetail Of(ImmutableArray<Level> levels, int rank, Language language)
    {
        var level = levels[rank];
        return new LevelDetail
        {
            Code = level.Code,
            Name = level.NameIn(language),
            Description = level.Description,
            Icon = level.Icon,
            Color = level.Color,
            Active = level.Active,
            SortOrder = rank,
            Threshold = level.Threshold,
            Multiplier = level.MultiplierBasisPoints / 10_000m,
            DiscountRate = level.DiscountBasisPoints / 10_000m,
            FreeShippingFrom = level.FreeShippingFrom,
        };
    }
}

/// <summary>All levels, lowest first.</summary>
public sealed record LevelList
{
    public required IReadOnlyList<LevelDetail> Items { get; init; }
}

/// <summary>How far a member is on the way to the next level.</summary>
public sealed record LevelProgress
{
    public required long LifetimePoints { get; init; }

    /// <summary>Null on the highest level.</summary>
    public required LevelDetail? Next { get; init; }

    /// <summary>Lifetime points still missing; 0 on the highest level.</summary>
    public required long PointsToNext { get; init; }
}

/// <summary>What becomes of the level when nothing more is earned.</summary>
public sealed record LevelForecastReply
{
    /// <summary>The code of the level after the next judgement.</summary>
    public required string ProjectedLevel { get; init; }

    /// <summary>What is missing, of what the programme measures, to keep the level; 0 where it is safe.</summary>
    public required long PointsToStay { get; init; }

    /// <summary>What is missing to the next level that is active; 0 on the highest.</summary>
    public required long PointsToNext { get; init; }

    /// <summary>When the level is judged next by time alone; null for never.</summary>
    public required DateTimeOffset? EvaluatedOn { get; init; }

    internal static LevelForecastReply Of(LevelJudge ladder, LevelForecast forecast) => new()
    {
        ProjectedLevel = ladder.Levels[forecast.Projected].Code,
        PointsToStay = forecast.ToStay,
        PointsToNext = forecast.ToNext,
        EvaluatedOn = forecast.EvaluatedOn?.ToNullable(),
    };
}

/// <summary>One change of level.</summary>
public sealed record LevelHistoryItem
{
    public required string Id { get; init; }

    /// <summary>Null for the first level.</summary>
    public required string? From { get; init; }

    public required string To { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who changed it by hand; null for the rules.</summary>
    public string? Operator { get; init; }

    /// <summary>The lifetime sum after which it was judged.</summary>
    public required long LifetimePoints { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>How a level came about, as it is cached.</summary>
public sealed record LevelHistory(IReadOnlyList<LevelHistoryItem> Items);

/// <summary>A member's level: now, progress, and how it came about (newest first, at most 100 changes).</summary>
public sealed record MemberLevel
{
    public required LevelDetail Current { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The code of the level that the member has without cards; null where none makes a difference.</summary>
    public required string? OwnLevel { get; init; }

    /// <summary>Whether somebody set it by hand and the rules leave it alone.</summary>
    public required bool Pinned { get; init; }

    /// <summary>Until when; null for ever, and where they do not.</summary>
    public required DateTimeOffset? PinnedUntil { get; init; }

    public required LevelProgress Progress { get; init; }

    public required LevelForecastReply Forecast { get; init; }

    public required IReadOnlyList<LevelHistoryItem> History { get; init; }

    internal static MemberLevel Of(
        ActiveProgramme active, LevelJudge ladder, MemberView view, IReadOnlyList<LevelHistoryItem> history, Language language, Instant now)
    {
        var figures = LevelFigures.Of(view, ladder);
        var forecast = ladder.Forecast(figures, now);
        var held = ladder.Track is null ? active.Cards.LevelAt(view.LevelCode, figures.State, now) : figures.HeldCode;
        var rank = ladder.RankOf(held);
        var next = ladder.NextActive(rank);
        return new MemberLevel
        {
            Current = LevelDetail.Of(ladder.Levels, rank, language),
            Since = figures.HeldSince.ToDateTimeOffset(),
            OwnLevel = figures.State.Own is { } own && own.Code != held ? own.Code : null,
            Pinned = figures.State.IsPinned,
            PinnedUntil = figures.State.Pinned is { } pinned ? new Instant(pinned).ToNullable() : null,
            Progress = new LevelProgress
            {
                LifetimePoints = view.Lifetime,
                Next = next == ladder.Levels.Length ? null : LevelDetail.Of(ladder.Levels, next, language),
                PointsToNext = forecast.ToNext,
            },
            Forecast = LevelForecastReply.Of(ladder, forecast),
            History = history,
        };
    }
}

/// <summary>Reads the history of levels.</summary>
public static class LevelQueries
{
    private const string ReadHistory = """
        SELECT id AS Id, from_code AS FromCode, to_code AS ToCode, reason AS Reason, operator AS Operator, lifetime AS Lifetime,
            occurred_at AS OccurredAt, recorded_at AS RecordedAt
        FROM level_changes WHERE tenant_id = @Tenant AND member_id = @Member AND
        """;

    private const string OfMain = ReadHistory + " track IS NULL ORDER BY id DESC LIMIT 100";

    private const string OfTrack = ReadHistory + " track = @Track ORDER BY id DESC LIMIT 100";

    private sealed class Row
    {
        public long Id { get; init; }

        public string? FromCode { get; init; }

        public required string ToCode { get; init; }

        public required string Reason { get; init; }

        public string? Operator { get; init; }

        public long Lifetime { get; init; }

        public long OccurredAt { get; init; }

        public long RecordedAt { get; init; }
    }

    /// <param name="track">Null for the main ladder.</param>
    internal static async Task<IReadOnlyList<LevelHistoryItem>> HistoryAsync(Database from, TenantId tenant, MemberId member, string? track)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), CancellationToken.None);
        using var timed = from.Times.Begin("levels.history");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Track = track };
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(track is null ? OfMain : OfTrack, arguments));
        return
        [
            .. rows.Select(row => new LevelHistoryItem
            {
                Id = row.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
                From = row.FromCode,
                To = row.ToCode,
                Reason = row.Reason,
                Operator = row.Operator,
                LifetimePoints = row.Lifetime,
                Time = new Instant(row.OccurredAt).ToDateTimeOffset(),
                RecordedAt = new Instant(row.RecordedAt).ToDateTimeOffset(),
            }),
        ];
    }
}

/// <summary>The doors of this capability.</summary>
internal static class LevelsModule
{
    public static void MapLevels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/levels", ListAsync)
            .RequirePermission(Permission.LevelsRead)
            .OpenToCaller(Permission.ReadSelf)
            .Produces<LevelList>()
            .WithSummary("The levels of the programme.");
        routes.MapGet("/api/members/{id}/level", FindAsync)
            .RequirePermission(Permission.LevelsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberLevel>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A member's level, progress, forecast and history.");
        routes.MapPost("/api/members/{id}/level", (HttpContext context, string id, LevelDoors doors) => doors.SetAsync(context, id, null))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<SetLevelBody>("application/json")
            .Produces<LevelHandReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Sets a member's level by hand, until an instant or for ever.");
        routes.MapPost("/api/members/{id}/level/release", (HttpContext context, string id, LevelDoors doors) => doors.ReleaseAsync(context, id, null))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<ReleaseLevelBody>("application/json")
            .Produces<LevelHandReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Lets the rules judge a member's level again.");
        routes.MapPost("/api/members/{id}/level/history", (HttpContext context, string id, LevelDoors doors) => doors.ImportAsync(context, id, null))
            .RequirePermission(Permission.LevelsWrite)
            .Accepts<ImportLevelsBody>("application/json")
            .Produces<ImportLevelsReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Imports the changes of a member's level that another system made.");
        Write<Level>(
            routes.MapPost("/api/levels", (HttpContext context, LevelDoors doors) => doors.CreateAsync(context, null)),
            StatusCodes.Status201Created, "Adds a level, in the order of the thresholds.");
        Write<Level>(
            routes.MapPut("/api/levels/{code}", (HttpContext context, string code, LevelDoors doors) => doors.ReplaceAsync(context, new LevelPlace(null, code))),
            StatusCodes.Status200OK, "Puts a level in the place of the one of its code.");
        Write<PartSwitch>(
            routes.MapPost("/api/levels/{code}/disable", (HttpContext context, string code, LevelDoors doors) =>
                doors.SwitchAsync(context, new LevelPlace(null, code), active: false)),
            StatusCodes.Status200OK, "Lets nobody come to a level from now on.");
        Write<PartSwitch>(
            routes.MapPost("/api/levels/{code}/enable", (HttpContext context, string code, LevelDoors doors) =>
                doors.SwitchAsync(context, new LevelPlace(null, code), active: true)),
            StatusCodes.Status200OK, "Lets members come to a level again.");
        Removes(
            routes.MapDelete("/api/levels/{code}", (HttpContext context, string code, LevelDoors doors) => doors.DeleteAsync(context, new LevelPlace(null, code))),
            "Removes a level; one that has members needs moveTo, and preview=true tells how many.");
    }

    /// <summary>What every removal of a level declares.</summary>
    internal static void Removes(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Produces<LevelRemoval>()
        .Produces<LevelRemoval>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .WithSummary(summary);

    /// <summary>What every change of a level declares.</summary>
    internal static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.ProgrammeWrite)
        .Accepts<TBody>("application/json")
        .Produces<LevelChanged>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .WithSummary(summary);

    private static Task ListAsync(HttpContext context, ProgrammeKind programmes)
    {
        var language = RequestLanguage.Of(context.Request);
        var programme = programmes.Latest(context.Actor().Tenant)!.Programme;
        var reply = new LevelList { Items = LevelDetail.Of(programme.Levels, language) };
        return WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.LevelList);
    }

    private static async Task FindAsync(HttpContext context, string id, MemberCache members, ProgrammeKind programmes, ReadRouter router, TimeProvider clock)
    {
        var tenant = context.Actor().Tenant;
        var (view, history) = !MemberId.TryParse(id, out var member)
            ? default
            : await context.ReadMemberAsync(members, router, tenant, member, async from =>
                await from.ViewAsync(tenant, member) is { } found ? (found, await from.HistoryAsync(found)) : default);
        if (view is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var active = programmes.Latest(tenant)!;
        var reply = MemberLevel.Of(active, active.Levels, view, history, RequestLanguage.Of(context.Request), Instant.Now(clock));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberLevel);
    }
}
