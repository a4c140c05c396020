using Laurel.Engine.Cache;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;

namespace Laurel.Membership.Members;

/// <summary>Reads of members that may be answered from the cache: what a caller sees, never what a command decides on. What is not
/// remembered is read from the primary: a replica's answer may be older than what was forgotten a moment ago.</summary>
public sealed class MemberCache(NodeCache cache, MemberRegions regions, MemberReader reader, Database primary)
{
    /// <summary>The member from memory. False asks for <see cref="FindAsync"/>; null is that there is none.</summary>
    internal bool TryFind(TenantId tenant, MemberId id, out CachedMember? member) => cache.TryFind(regions.Members, tenant, id.Value, out member);

    /// <summary>The member as of now.</summary>
    internal ValueTask<CacheAnswer<CachedMember>> FindAsync(TenantId tenant, MemberId id) =>
        cache.FindAsync(regions.Members, tenant, id.Value, 0, () => LoadAsync(tenant, id));

    /// <summary>The member as of now, for lists; null when there is none.</summary>
    public async Task<MemberReply?> FindReplyAsync(TenantId tenant, MemberId id) =>
        (await FindAsync(tenant, id)).Value is { } found ? reader.ReplyOf(found.View) : null;

    /// <summary>The sums over the entries of a member.</summary>
    /// <param name="version">Of the member that the caller has read: older sums would contradict it.</param>
    internal async Task<PointsSummary> SummaryAsync(TenantId tenant, MemberId id, long version)
    {
        async Task<Loaded<PointsSummary>?> LoadSummaryAsync() => new(await PointsQueries.SummaryAsync(primary, tenant, id), version, Instant.Never);
        return (await cache.FindAsync(regions.Points, tenant, id.Value, version, LoadSummaryAsync)).Value!;
    }

    /// <summary>How a member's level came about, newest first.</summary>
    /// <param name="version">Of the member that the caller has read.</param>
    internal ValueTask<CacheAnswer<LevelHistory>> HistoryAsync(TenantId tenant, MemberId id, long version)
    {
        async Task<Loaded<LevelHistory>?> LoadHistoryAsync() => new(new LevelHistory(await LevelQueries.HistoryAsync(primary, tenant, id)), version, Instant.Never);
        return cache.FindAsync(regions.Levels, tenant, id.Value, 0, LoadHistoryAsync);
    }

    /// <summary>Forgets members on every node; without any named, the whole tenant.</summary>
    internal async Task ClearAsync(TenantId tenant, IReadOnlyList<MemberId>? members)
    {
        if (members is null)
        {
            await cache.DropAsync(tenant);
            return;
        }

        foreach (var member in members)
        {
            regions.Drop(cache, tenant, member);
        }
    }

    /// <summary>Reads a member into the cache for no caller.</summary>
    internal async Task WarmAsync(TenantId tenant, MemberId id) => await FindAsync(tenant, id);

    private async Task<Loaded<CachedMember>?> LoadAsync(TenantId tenant, MemberId id) =>
        await reader.FindViewAsync(primary, tenant, id) is { } view ? new Loaded<CachedMember>(new CachedMember(view), view.Version, view.ValidUntil) : null;
}
