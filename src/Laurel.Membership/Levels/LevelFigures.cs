using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Levels;

/// <summary>What a member's level is judged by.</summary>
internal readonly record struct LevelFigures
{
    public required LevelSums Lifetime { get; init; }

    /// <summary>The balance of points.</summary>
    public required long Points { get; init; }

    /// <summary>Of the member's own level: what it would be without cards.</summary>
    public required string LevelCode { get; init; }

    /// <summary>Of the level held: cards count.</summary>
    public required string HeldCode { get; init; }

    /// <summary>Since when the own level is held.</summary>
    public required Instant Since { get; init; }

    /// <summary>Since when the level held is.</summary>
    public required Instant HeldSince { get; init; }

    public required Instant JoinedAt { get; init; }

    public required LevelState State { get; init; }

    /// <summary>What was gained when; null for nothing.</summary>
    public required IReadOnlyList<LevelBucket>? Days { get; init; }

    public static LevelFigures Of(MemberBook book, LevelJudge ladder) =>
        Of(ladder, book.LevelState, book.LevelCode, book.LevelSince, book.Identity.RegisteredAt) with
        {
            Lifetime = LevelSums.Of(book),
            Points = book.Points.Balance,
        };

    public static LevelFigures Of(MemberView view, LevelJudge ladder) =>
        Of(ladder, LevelState.Parse(view.LevelState), view.LevelCode, view.LevelSince, view.RegisteredAt) with
        {
            Lifetime = new LevelSums(view.Lifetime, view.Growth, view.TotalAmount, view.TotalOrders),
            Points = view.PointsBalance,
        };

    /// <summary>Where a member stands, without what was gained: enough to know when something falls due.</summary>
    /// <param name="level">Held of the main ladder.</param>
    /// <param name="since">Since when.</param>
    public static LevelFigures Of(LevelJudge ladder, LevelState state, string level, Instant since, Instant joinedAt)
    {
        var standing = ladder.Track is { } track ? state.InTrack(track) ?? new TrackStanding(track, ladder.Lowest, joinedAt.UnixMicroseconds, LevelState.None) : null;
        return new LevelFigures
        {
            Lifetime = default,
            Points = 0,
            LevelCode = standing?.Level ?? state.Own?.Code ?? level,
            HeldCode = standing?.Level ?? level,
            Since = (standing?.Since ?? state.Own?.Since) is { } at ? new Instant(at) : since,
            HeldSince = standing is null ? since : new Instant(standing.Since),
            JoinedAt = joinedAt,
            State = standing?.State ?? state,
            Days = state.Days,
        };
    }
}
