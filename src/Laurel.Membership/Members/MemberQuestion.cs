using Laurel.Engine.Lanes;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>Asks something of a member's book where it is as it is, and leaves it so.</summary>
internal abstract class MemberQuestion(TenantId tenant, MemberReference member, MemberBooks books) : Command(tenant)
{
    /// <summary>Business time; null is the moment of decision.</summary>
    public Instant? Time { get; init; }

    public override long FairnessKey => Member.FairnessKey;

    protected MemberBooks Books { get; } = books;

    protected MemberReference Member { get; } = member;

    public override void NameHandles(HandleResolution handles) => Member.Name(handles);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        if (Member.Resolve(handles) is { } id)
        {
            roots.Add(Books.Members.RootOf(Tenant, id));
        }
    }

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // It may be asked as often as anybody likes.
    }

    public sealed override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (Member.Resolve(set.Handles) is { } id && set.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is { } book)
        {
            IsLoaded(book, Time ?? set.Now, plan);
        }
    }

    public sealed override Decision Decide(Draft draft, LoadPlan plan) =>
        Member.Resolve(draft.Handles) is { } id && draft.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is { } book
            ? IsLoaded(book, Time ?? draft.Now, plan) ? Answer(draft, book, Time ?? draft.Now) : Decision.NeedMore.Instance
            : new Decision.Refuse(new Refusal(Member.NotFound));

    public sealed override (byte[] Body, long RootId) Freeze(object reply) => throw new InvariantBrokenException("A question has no idempotency key.");

    /// <summary>Asks for what the answer depends on.</summary>
    /// <returns>Whether all of it is there.</returns>
    protected abstract bool IsLoaded(MemberBook book, Instant time, LoadPlan plan);

    /// <summary>Answers. Changes nothing.</summary>
    protected abstract Decision Answer(Draft draft, MemberBook book, Instant time);
}
