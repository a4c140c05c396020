using System.Runtime.ExceptionServices;
using Laurel.Engine.Cache;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;

namespace Laurel.Membership.Members;

/// <summary>Who tells the parts of one answer about members: what is remembered, and one database for all the rest, so that the parts do
/// not contradict each other. Without a database, old answers alone.</summary>
internal sealed class MemberSource
{
    private readonly NodeCache _cache;
    private readonly MemberRegions _regions;
    private readonly MemberReader _reader;
    private readonly ReadSource? _from;
    private readonly ReadDemand _demand;
    private readonly Exception? _failure;
    private readonly Lock _lock = new();

    public MemberSource(NodeCache cache, MemberRegions regions, MemberReader reader, ReadSource from, ReadDemand demand) =>
        (_cache, _regions, _reader, _from, _demand) = (cache, regions, reader, from, demand);

    /// <param name="failure">Why no database can be asked; thrown for what is not remembered.</param>
    public MemberSource(NodeCache cache, MemberRegions regions, MemberReader reader, Exception failure) =>
        (_cache, _regions, _reader, _failure) = (cache, regions, reader, failure);

    /// <summary>The database that told a part so far, of several the one that is behind the most; null while all was remembered.</summary>
    public ReadSource? Asked { get; private set; }

    /// <summary>How old the oldest part is where no database could be asked; otherwise null.</summary>
    public TimeSpan? StaleFor { get; private set; }

    /// <summary>For parts that are never remembered.</summary>
    /// <exception cref="Exception">Whatever keeps the database from being asked.</exception>
    public Database Database
    {
        get
        {
            Note(Reachable);
            return Reachable.Database;
        }
    }

    private ReadSource Reachable
    {
        get
        {
            if (_from is null)
            {
                ExceptionDispatchInfo.Throw(_failure!);
            }

            return _from;
        }
    }

    /// <summary>The member as of now; null when there is none.</summary>
    public async Task<MemberView?> ViewAsync(TenantId tenant, MemberId id) =>
        (await FindAsync(_regions.Members, tenant, id, 0, mayBeOld: true, async from => await _reader.FindViewAsync(from, tenant, id) is { } view
            ? new Loaded<CachedMember>(new CachedMember(view), view.Version, view.ValidUntil)
            : null))?.View;

    /// <summary>The sums over the entries of a member, never older than its view.</summary>
    public async Task<PointsSummary> SummaryAsync(MemberView view) => (await FindAsync(
        _regions.Points, view.Tenant, view.Id, view.Version, mayBeOld: false,
        async from => new(await PointsQueries.SummaryAsync(from, view.Tenant, view.Id), view.Version, Instant.Never)))!;

    /// <summary>How a member's level came about, newest first.</summary>
    public async Task<IReadOnlyList<LevelHistoryItem>> HistoryAsync(MemberView view) => (await FindAsync(
        _regions.Levels, view.Tenant, view.Id, 0, mayBeOld: true,
        async from => new(new LevelHistory(await LevelQueries.HistoryAsync(from, view.Tenant, view.Id, null)), view.Version, Instant.Never)))!.Items;

    private async Task<TValue?> FindAsync<TValue>(
        CacheRegion<TValue> region, TenantId tenant, MemberId id, long versionMin, bool mayBeOld, Func<Database, Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        if (_from is { } from)
        {
            var found = await _cache.FindAsync(region, tenant, id.Value, new CacheQuestion(from, _demand, versionMin), () => load(from.Database));
            Note(found.Source);
            return found.Value;
        }

        if (!mayBeOld || await _cache.FindOldAsync(region, tenant, id.Value) is not { } old)
        {
            ExceptionDispatchInfo.Throw(_failure!);
            return null;
        }

        StaleFor = StaleFor > old.Age ? StaleFor : old.Age;
        return old.Value;
    }

    // Members of a list are read at the same time.
    private void Note(ReadSource? asked)
    {
        lock (_lock)
        {
            if (asked is not null && (Asked is null || asked.StalenessMax > Asked.StalenessMax))
            {
                Asked = asked;
            }
        }
    }
}
