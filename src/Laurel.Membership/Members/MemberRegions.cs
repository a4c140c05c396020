using System.Text.Json;
using Laurel.Engine.Cache;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>How long answers about members are kept at the most: the lifetimes of the seed document <c>1-architecture.md</c>.</summary>
public sealed record MemberCacheLifetimes
{
    public TimeSpan Member { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan Points { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan Level { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>What of members is cached, and how a commit changes it.</summary>
/// <param name="keys">What Redis remembers under a master key that was dropped since is read from the database again; null believes it as it is.</param>
public sealed class MemberRegions(MemberCacheLifetimes lifetimes, MasterKeys? keys = null)
{
    /// <summary>Who the member is, with level and figures.</summary>
    internal CacheRegion<CachedMember> Members { get; } = new(
        "members", "member:info:{id}", lifetimes.Member, member => MemberCodec.Write(member.View), bytes => Read(bytes, keys));

    /// <summary>The sums over all entries of points.</summary>
    internal CacheRegion<PointsSummary> Points { get; } = new(
        "points",
        "member:points:{id}",
        lifetimes.Points,
        summary => JsonSerializer.SerializeToUtf8Bytes(summary, MembershipJson.Default.PointsSummary),
        bytes => JsonSerializer.Deserialize(bytes.Span, MembershipJson.Default.PointsSummary));

    /// <summary>How the member's level came about.</summary>
    internal CacheRegion<LevelHistory> Levels { get; } = new(
        "levels",
        "member:level:{id}",
        lifetimes.Level,
        history => JsonSerializer.SerializeToUtf8Bytes(history, MembershipJson.Default.LevelHistory),
        bytes => JsonSerializer.Deserialize(bytes.Span, MembershipJson.Default.LevelHistory));

    /// <summary>Every region, for <see cref="NodeCache"/>.</summary>
    public IReadOnlyList<CacheRegion> All => [Members, Points, Levels];

    /// <summary>Carries commits over to the cache.</summary>
    public CommitObserver ObserverOf(NodeCache cache, TimeProvider clock) => (version, changed, certain) =>
    {
        var committedAt = clock.GetTimestamp();
        try
        {
            foreach (var root in changed)
            {
                if (root.After is MemberBook after)
                {
                    Note(cache, (MemberBook?)root.Before, after, certain, Instant.Now(clock));
                }
            }

            if (certain)
            {
                cache.Wrote(version, committedAt);
            }
        }
        catch (Exception exception)
        {
            // The batch is committed whatever happens here.
            cache.Forget(exception);
        }
    };

    /// <summary>Forgets a member on every node.</summary>
    public void Drop(NodeCache cache, TenantId tenant, MemberId member)
    {
        cache.Drop(Members, tenant, member.Value);
        cache.Drop(Points, tenant, member.Value);
        cache.Drop(Levels, tenant, member.Value);
    }

    private static CachedMember? Read(ReadOnlyMemory<byte> bytes, MasterKeys? keys) =>
        MemberCodec.Read(bytes) is { } view && (view.Personal is not { } personal || keys?.Know(personal.WrappedKey) != false) ? new CachedMember(view) : null;

    private void Note(NodeCache cache, MemberBook? before, MemberBook after, bool certain, Instant now)
    {
        var (tenant, member) = (after.Identity.Tenant, after.Identity.Id);
        if (!certain)
        {
            Drop(cache, tenant, member);
            return;
        }

        Loaded<CachedMember>? Next(CachedMember known) => known.View.After(after, now) is { } view ? new(new CachedMember(view), view.Version, view.ValidUntil) : null;
        cache.Committed(Members, tenant, member.Value, after.Version + 1, Next);
        cache.Drop(Points, tenant, member.Value);
        if (before?.LevelCode != after.LevelCode || before?.LevelSince != after.LevelSince || before?.LevelState != after.LevelState)
        {
            cache.Drop(Levels, tenant, member.Value);
        }
    }
}
