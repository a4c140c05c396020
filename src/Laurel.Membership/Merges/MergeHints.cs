using System.Collections.Concurrent;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Merges;

/// <summary>Where merged members have gone, as far as commands have met any: which roots a command had better lock at once.</summary>
/// <remarks>Hints and no more: what is true is in the members' rows, which are locked when it is read. One that is out of date locks a
/// row in vain. Thread-safe.</remarks>
internal sealed class MergeHints
{
    /// <summary>Members that are remembered; beyond it all are forgotten, and learnt again.</summary>
    private const int MembersMax = 50_000;

    /// <summary>Links of a chain that are followed without asking the rows.</summary>
    private const int LinksMax = 64;

    private readonly ConcurrentDictionary<(int Tenant, long Member), long> _into = new();

    // Most nodes never meet a merged member, and every command asks.
    private volatile bool _hasAny;

    /// <summary>Adds the members that a member is known to have gone into.</summary>
    public void NameRoots(MemberKind members, TenantId tenant, long member, ICollection<RootRef> roots)
    {
        for (var i = 0; i < LinksMax && _hasAny && _into.TryGetValue((tenant.Value, member), out var into); i++)
        {
            roots.Add(members.RootOf(tenant, new MemberId(into)));
            member = into;
        }
    }

    /// <summary>Where a member is known to have gone in the end: the member itself where it is known to have gone nowhere.</summary>
    public long EndOf(TenantId tenant, long member)
    {
        for (var i = 0; i < LinksMax && _hasAny && _into.TryGetValue((tenant.Value, member), out var into); i++)
        {
            member = into;
        }

        return member;
    }

    /// <summary>The member stands on its own.</summary>
    public void Forget(TenantId tenant, long member)
    {
        if (_hasAny)
        {
            _into.TryRemove((tenant.Value, member), out _);
        }
    }

    public void Note(TenantId tenant, long member, long into)
    {
        if (_into.Count >= MembersMax)
        {
            _into.Clear();
        }

        _into[(tenant.Value, member)] = into;
        _hasAny = true;
    }
}
