using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Profiles;

/// <summary>That the host has verified a telephone number as a member's, looked at under the member's lock. A part of commands that give the member to
/// who has shown to have the number.</summary>
/// <param name="numbers">Keyed hashes of the number, in each form in which hosts may have told it.</param>
/// <param name="life">How long the host's word counts; null is for good.</param>
public sealed class VouchedPhone(TenantId tenant, MemberId member, IReadOnlyList<Hash128> numbers, TimeSpan? life, MemberBooks books)
{
    private RootRef Root => books.Members.RootOf(tenant, member);

    public void NameRoots(ICollection<RootRef> roots) => roots.Add(Root);

    public void Plan(WorkingSet set, LoadPlan plan)
    {
        if (set.Find<MemberBook>(Root) is { } book)
        {
            books.HasPersonal(book, plan);
        }
    }

    /// <summary>Whether the host's word still stands, of a member who may sign in; null while what tells is not loaded.</summary>
    public bool? Holds(Draft draft, LoadPlan plan)
    {
        if (draft.Find<MemberBook>(Root) is not { Status: MemberStatus.Active or MemberStatus.Frozen or MemberStatus.Inactive } book)
        {
            return false;
        }

        if (!books.HasPersonal(book, plan))
        {
            return null;
        }

        return book.Personal.Current is { PhoneVerifiedAt: { } at, PhoneIndex: { } index } && numbers.Contains(index)
            && (life is not { } span || at.Plus(span) > draft.Now);
    }
}
