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

    /// <summary>Lifetime points from which it is held.</summary>
    public required long Threshold { get; init; }

    /// <summary>Factor of points for purchases.</summary>
    public required decimal Multiplier { get; init; }

    /// <summary>What remains of a price: 0.95 is five percent off.</summary>
    public required decimal DiscountRate { get; init; }

    /// <summary>Free shipping from this order amount in minor units.</summary>
    public required long FreeShippingFrom { get; init; }

    internal static LevelDetail Of(Level level, Language language) => new()
    {
        Code = level.Code,
        Name = level.NameIn(language),
        Threshold = level.Threshold,
        Multiplier = level.MultiplierBasisPoints / 10_000m,
        DiscountRate = level.DiscountBasisPoints / 10_000m,
        FreeShippingFrom = level.FreeShippingFrom,
    };
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

/// <summary>One change of level.</summary>
public sealed record LevelHistoryItem
{
    public required string Id { get; init; }

    /// <summary>Null for the first level.</summary>
    public required string? From { get; init; }

    public required string To { get; init; }

    public required string Reason { get; init; }

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

    public required LevelProgress Progress { get; init; }

    public required IReadOnlyList<LevelHistoryItem> History { get; init; }
}

/// <summary>Reads the history of levels.</summary>
public static class LevelQueries
{
    private const string ReadHistory = """
        SELECT id AS Id, from_code AS FromCode, to_code AS ToCode, reason AS Reason, lifetime AS Lifetime, occurred_at AS OccurredAt, recorded_at AS RecordedAt
        FROM level_changes WHERE tenant_id = @Tenant AND member_id = @Member ORDER BY id DESC LIMIT 100
        """;

    private sealed class Row
    {
        public long Id { get; init; }

        public string? FromCode { get; init; }

        public required string ToCode { get; init; }

        public required string Reason { get; init; }

        public long Lifetime { get; init; }

        public long OccurredAt { get; init; }

        public long RecordedAt { get; init; }
    }

    internal static async Task<IReadOnlyList<LevelHistoryItem>> HistoryAsync(Database from, TenantId tenant, MemberId member)
    {
        await using var session = await from.OpenReaderAsync(CancellationToken.None);
        using var timed = from.Times.Begin("levels.history");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(ReadHistory, arguments));
        return
        [
            .. rows.Select(row => new LevelHistoryItem
            {
                Id = row.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
                From = row.FromCode,
                To = row.ToCode,
                Reason = row.Reason,
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
            .Produces<LevelList>()
            .WithSummary("The levels of the programme.");
        routes.MapGet("/api/members/{id}/level", FindAsync)
            .RequirePermission(Permission.LevelsRead)
            .Produces<MemberLevel>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A member's level, progress and history.");
    }

    private static Task ListAsync(HttpContext context, ProgrammeKind programmes)
    {
        var language = RequestLanguage.Of(context.Request);
        var levels = programmes.Latest(context.Actor().Tenant)!.Programme.Levels;
        var reply = new LevelList { Items = [.. levels.Select(level => LevelDetail.Of(level, language))] };
        return WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.LevelList);
    }

    private static async Task FindAsync(HttpContext context, string id, MemberCache members, ProgrammeKind programmes, ReadRouter router)
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

        var language = RequestLanguage.Of(context.Request);
        var programme = programmes.Latest(tenant)!.Programme;
        var rank = programme.RankOf(view.LevelCode);
        var next = rank + 1 < programme.Levels.Length ? programme.Levels[rank + 1] : null;
        var reply = new MemberLevel
        {
            Current = LevelDetail.Of(programme.Levels[rank], language),
            Since = view.LevelSince.ToDateTimeOffset(),
            Progress = new LevelProgress
            {
                LifetimePoints = view.Lifetime,
                Next = next is null ? null : LevelDetail.Of(next, language),
                PointsToNext = next is null ? 0 : Math.Max(0, next.Threshold - view.Lifetime),
            },
            History = history,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberLevel);
    }
}
