using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Watch;

/// <summary>Replays watch rules on the whole stored history of a tenant, some members at a time.</summary>
/// <param name="programme">To which the rules belong.</param>
public sealed class WatchHistory(Database database, TenantId tenant, Programme programme)
{
    private readonly BusinessCalendar _calendar = new(TimeZoneInfo.FindSystemTimeZoneById(programme.TimeZone));

    /// <summary>Whether entries tell what a rule measures.</summary>
    public static bool CanReplay(WatchRule rule) => !WatchRules.IsOfMarks(rule.Measure);

    /// <summary>What a rule would have hit. Changes nothing.</summary>
    /// <param name="from">Business time, inclusive.</param>
    /// <param name="until">Business time, exclusive.</param>
    /// <param name="progress">Told the share of the members that is done, in hundredths; null tells nobody.</param>
    public async Task<WatchReplayReply> ReplayAsync(
        WatchRule rule, Instant from, Instant until, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var replay = new WatchReplay(database, tenant);
        var prepared = new PreparedWatchRule(rule, _calendar);
        var all = await replay.CountAsync(cancellationToken);
        var whole = ReplyOf(rule, new WatchReplay.Page(0, 0, 0, 0, null, null, null));
        long? after = 0;
        while (after is { } begin)
        {
            var page = await replay.RunAsync(prepared, from, until, begin, WatchReplay.MembersByDefault, cancellationToken);
            whole = Add(whole, ReplyOf(rule, page));
            after = page.Last;
            progress?.Report(after is null ? 100 : 100 * whole.Members / Math.Max(1, all));
        }

        return whole;
    }

    private WatchReplayReply ReplyOf(WatchRule rule, WatchReplay.Page page) => WatchReplay.ReplyOf(rule.Code, programme.Version, page);

    private static WatchReplayReply Add(WatchReplayReply whole, WatchReplayReply page) => whole with
    {
        Members = whole.Members + page.Members,
        Movements = whole.Movements + page.Movements,
        Hits = whole.Hits + page.Hits,
        MembersHit = whole.MembersHit + page.MembersHit,
        FirstHitAt = whole.FirstHitAt is { } first && page.FirstHitAt > first ? first : page.FirstHitAt ?? whole.FirstHitAt,
        LastHitAt = whole.LastHitAt is { } last && page.LastHitAt < last ? last : page.LastHitAt ?? whole.LastHitAt,
        NextCursor = null,
    };
}
