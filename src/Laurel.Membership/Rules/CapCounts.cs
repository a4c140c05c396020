using Laurel.Membership.Points;

namespace Laurel.Membership.Rules;

/// <summary>How much of the caps is used, and what one event uses in addition.</summary>
/// <param name="stored">What was used before; 0 for a count within one event.</param>
internal sealed class CapCounts(Func<LimitKey, CapScope, long> stored)
{
    private readonly Dictionary<(LimitKey Key, CapScope Scope), long> _added = [];

    /// <summary>What the event has used, by counter.</summary>
    public IReadOnlyDictionary<(LimitKey Key, CapScope Scope), long> Added => _added;

    public long Used(LimitKey key, CapScope scope) => stored(key, scope) + _added.GetValueOrDefault((key, scope));

    /// <exception cref="OverflowException">When the count does not fit 64 bits.</exception>
    public void Add(LimitKey key, CapScope scope, long used) => _added[(key, scope)] = checked(_added.GetValueOrDefault((key, scope)) + used);
}
