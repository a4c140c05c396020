using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;

namespace Laurel.Membership.Search;

/// <summary>Brings a member who was there before into what members are found by. Done twice it does nothing the second time.</summary>
/// <remarks>Keeps I32. Answers whether the programme keeps the member's figures.</remarks>
public sealed class IndexMember(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    // It says nothing new of anybody, and comes once for each of a million.
    public override bool IsAudited => false;

    protected override bool ActsWhereItIs => true;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasPersonal(book, plan);

    protected override Cause CauseOf() => new("Brought into the search", "search", "members");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.HasPersonal(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Personal.Current is { } record && Books.Vault is { } vault)
        {
            using var key = PersonalKey.Of(vault, book, out _);
            book.Personal.Set(record.WithTerms(vault, Tenant, key, MemberProfile.Open(key, record.Profile)));
        }

        book.IsIndexed = true;
        return new Decision.Apply(book.KeepsFigures, 0, 0, 0);
    }
}
