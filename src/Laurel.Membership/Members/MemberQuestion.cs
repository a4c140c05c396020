using Laurel.Engine.Lanes;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>Asks something of a member's book where it is as it is, and leaves it so.</summary>
public abstract class MemberQuestion(TenantId tenant, MemberReference member, MemberBooks books) : Command(tenant)
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
            Books.NameMember(Tenant, id, roots);
        }
    }

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // It may be asked as often as anybody likes.
    }

    public sealed override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (Member.Resolve(set.Handles) is { } id && set.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is { } found
            && StandingOf(found, set.Find<MemberBook>) is { } book)
        {
            IsLoaded(book, Time ?? set.Now, plan);
        }
    }

    public sealed override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Member.Resolve(draft.Handles) is not { } id || draft.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is not { } found)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (StandingOf(found, draft.Find<MemberBook>) is not { } book)
        {
            return Decision.NeedRoots.Instance;
        }

        return IsLoaded(book, Time ?? draft.Now, plan) ? Answer(draft, book, Time ?? draft.Now) : Decision.NeedMore.Instance;
    }

    public sealed override (byte[] Body, long RootId) Freeze(object reply) => throw new InvariantBrokenException("A question has no idempotency key.");

    /// <summary>Where who asks for a member finds it; what names a thing of a member is asked where that is. Null where that is not locked yet.</summary>
    private MemberBook? StandingOf(MemberBook found, Func<RootRef, MemberBook?> find) =>
        found.IsMerged && Member.IsPerson ? Books.ChainOf(found, find)?[^1] : found;

    /// <summary>Asks for what the answer depends on.</summary>
    /// <returns>Whether all of it is there.</returns>
    protected abstract bool IsLoaded(MemberBook book, Instant time, LoadPlan plan);

    /// <summary>Answers. Changes nothing.</summary>
    protected abstract Decision Answer(Draft draft, MemberBook book, Instant time);
}
