using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Merges;

namespace Laurel.Membership.Members;

/// <content>Members who went into another.</content>
public sealed partial class MemberBooks
{
    /// <summary>Adds the member, and whoever it is known to have gone into.</summary>
    internal void NameMember(TenantId tenant, MemberId member, ICollection<RootRef> roots)
    {
        roots.Add(Members.RootOf(tenant, member));
        Merged.NameRoots(Members, tenant, member.Value, roots);
    }

    /// <summary>Where what a command makes for a member will be: with the one it is known to have gone into.</summary>
    internal MemberId EndOf(TenantId tenant, MemberId member) => new(Merged.EndOf(tenant, member.Value));

    /// <summary>A merged member, whoever it went into, and so on to the one who stands on its own.</summary>
    /// <returns>Null where one of them is not locked: the next attempt of the batch will lock it.</returns>
    internal IReadOnlyList<MemberBook>? ChainOf(MemberBook book, Func<RootRef, MemberBook?> find)
    {
        var chain = new List<MemberBook> { book };
        while (chain[^1].MergedInto is > 0 and var into)
        {
            Merged.Note(book.Identity.Tenant, chain[^1].Identity.Id.Value, into);
            if (find(Members.RootOf(book.Identity.Tenant, new MemberId(into))) is not { } next)
            {
                return null;
            }

            chain.Add(next);
        }

        return chain;
    }

    /// <summary>Asks for the merges in which a member went, and for what they moved. Members who took part in none have none.</summary>
    /// <returns>Whether they are here.</returns>
    internal bool HasMerges(MemberBook book, LoadPlan plan)
    {
        if (book.MergedInto is null || book.Merges.IsLoaded)
        {
            return true;
        }

        plan.Need(Merges, KeyOf(book));
        return false;
    }

    /// <summary>Asks for everything of a member that is not in the row.</summary>
    internal bool HasHoldings(MemberBook book, LoadPlan plan)
    {
        if (!book.HasMerges || !book.Merges.HasHoldings)
        {
            plan.Need(Holdings, KeyOf(book));
            return false;
        }

        return true;
    }

    /// <summary>Asks for all open lots of a member, and for what pending ones wait for.</summary>
    internal bool HasAllLots(MemberBook book, LoadPlan plan)
    {
        NeedLots(book, plan);
        return HasPending(book, plan) && book.Points.LoadedThrough is null;
    }

    /// <summary>Asks for lots until it is known what a debt would take.</summary>
    internal bool CanOwe(MemberBook book, long points, Instant time, LoadPlan plan)
    {
        if (book.Points.CanTakeBack(points, [], time))
        {
            return true;
        }

        NeedLots(book, plan);
        return false;
    }

    private static MergeStatements.MemberKey KeyOf(MemberBook book) => new(book.Identity.Tenant.Value, book.Identity.Id.Value);
}
