using System.Runtime.InteropServices;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Rules;

/// <summary>How much of the caps is used, and what one event uses in addition.</summary>
/// <param name="book">Whose counters of the event's periods are here, or who is not stored yet and has none.</param>
/// <param name="draft">Has the budgets; one that nobody has drawn on yet is unused.</param>
/// <param name="budgets">Null where the rules that are run count for the member alone.</param>
internal sealed class CapCounts(MemberBook book, Draft draft, BudgetKind? budgets)
{
    private readonly Dictionary<int, Dictionary<string, long>> _ofMember = [];
    private readonly Dictionary<LimitKey, long> _ofAll = [];

    public long Used(LimitKey key, CapScope scope) => scope switch
    {
        CapScope.Member => UsedByMember(key) + (_ofMember.GetValueOrDefault(key.Period)?.GetValueOrDefault(key.Code) ?? 0),
        CapScope.Programme => (draft.Find<BudgetCounter>(RootOf(key))?.Used ?? 0) + _ofAll.GetValueOrDefault(key),
    };

    /// <exception cref="OverflowException">When the count does not fit 64 bits.</exception>
    public void Add(LimitKey key, CapScope scope, long used)
    {
        switch (scope)
        {
            case CapScope.Member:
                ref var ofPeriod = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofMember, key.Period, out _);
                ofPeriod ??= [];
                ofPeriod[key.Code] = checked(ofPeriod.GetValueOrDefault(key.Code) + used);
                break;
            case CapScope.Programme:
                _ofAll[key] = checked(_ofAll.GetValueOrDefault(key) + used);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(scope), scope, null);
        }
    }

    /// <summary>Counts what the event used in the member's book, and in the budgets.</summary>
    /// <exception cref="OverflowException">When a count does not fit 64 bits.</exception>
    public void Keep()
    {
        foreach (var (period, added) in _ofMember)
        {
            book.Caps.Set(period, (book.Caps.Find(period) ?? CapUse.None(period)).With(added));
        }

        foreach (var (key, added) in _ofAll)
        {
            draft.Edit<BudgetCounter>(RootOf(key))!.Add(added);
        }
    }

    private RootRef RootOf(LimitKey key) => budgets?.RootOf(book.Identity.Tenant, key)
        ?? throw new InvariantBrokenException("Rules for rises of a level have caps of the member alone.");

    private long UsedByMember(LimitKey key)
    {
        var known = book.Caps.Find(key.Period);
        Invariant.Require(known is not null || book.Version == 0, "The counters of caps are read before rules are run.");
        return known?.Of(key.Code) ?? 0;
    }
}
