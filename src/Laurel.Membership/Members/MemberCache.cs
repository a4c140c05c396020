using Laurel.Engine.Cache;
using Laurel.Engine.Replicas;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>Reads of members: what a caller sees, never what a command decides on. The one place that chooses who answers: what this node
/// remembers, or the database that the router names (docs/adr/0045).</summary>
public sealed class MemberCache(NodeCache cache, MemberRegions regions, MemberReader reader, ReadRouter router)
{
    /// <summary>The member from memory. False asks for <see cref="ReadAsync"/>; null is that there is none.</summary>
    internal bool TryFind(ReadDemand asked, TenantId tenant, MemberId id, out CachedMember? member) =>
        cache.TryFind(regions.Members, tenant, id.Value, asked, out member);

    /// <summary>Reads what is told of one member, from what is remembered or from whom the router chooses. While no database answers,
    /// from what was remembered, however much of it is out of date.</summary>
    /// <param name="asked">What the caller asks to be shown. What this node has heard of the member is shown anyway.</param>
    /// <param name="read">Reads from the source it is given; may be called again with another one.</param>
    internal async Task<MemberAnswer<T>> ReadAsync<T>(ReadDemand asked, TenantId tenant, MemberId id, Func<MemberSource, Task<T>> read)
    {
        var demand = asked with { Since = cache.NewsOf(regions.Members, tenant, id.Value) };
        MemberSource? answering = null;
        try
        {
            var answer = await router.ReadAsync(demand, from => read(answering = From(from, demand)));
            return new(answer.Value, answering!.Asked, null);
        }
        catch (Exception failure) when (NodeCache.IsOfTheDatabase(failure) && !asked.NamesVersion)
        {
            answering = new MemberSource(cache, regions, reader, failure);
            return new(await read(answering), answering.Asked, answering.StaleFor);
        }
    }

    /// <summary>Members as of now by what is remembered, otherwise by the database that a list of them was read from.</summary>
    internal MemberSource From(ReadSource from, ReadDemand demand) => new(cache, regions, reader, from, demand);

    /// <summary>The member as of now; null when there is none.</summary>
    public async Task<MemberReply?> FindReplyAsync(TenantId tenant, MemberId id) =>
        (await ReadAsync(default, tenant, id, from => from.ViewAsync(tenant, id))).Value is { } view ? reader.ReplyOf(view) : null;

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
    internal Task WarmAsync(TenantId tenant, MemberId id) => ReadAsync(default, tenant, id, from => from.ViewAsync(tenant, id));
}

/// <summary>What was read of a member.</summary>
/// <param name="Source">The database that was asked; null when all of it was remembered.</param>
/// <param name="StaleFor">How old it is when no database could be asked and it may be out of date; otherwise null.</param>
internal readonly record struct MemberAnswer<T>(T Value, ReadSource? Source, TimeSpan? StaleFor);
