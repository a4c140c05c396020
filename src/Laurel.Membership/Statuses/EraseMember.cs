using System.Globalization;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Search;

namespace Laurel.Membership.Statuses;

/// <summary>A member whose cooling-off has ended leaves for good: its points are taken, and everything that is kept of the person goes. The ledger
/// stays as it is, and tells of nobody.</summary>
/// <remarks>Keeps I27. Refusals: CANCELLATION_BLOCKED, while something is still open; the job asks again.</remarks>
public sealed class CarryOutCancellation(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    private static readonly StatusCause s_left = new("The member has left", "cancellation");

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CancellationObstacles.IsKnown(Books, book, plan);

    protected override Cause CauseOf() => new("The member has left", "cancellation", MemberIdText);

    private string MemberIdText => Member.Id.ToString();

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (book.CancelDueAt is not { } due || due > posting.Time || book.CancelAskedBy is not null)
        {
            return Done(posting);
        }

        if (!CancellationObstacles.IsKnown(Books, book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var rules = posting.Programme.Programme.Cancellation;
        if (CancellationObstacles.RefusalOf(book, rules, posting.Time) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        foreach (var pending in book.Points.Pending.Values.Where(pending => !pending.Ended).OrderBy(pending => pending.LotId).ToList())
        {
            posting.Cancel(pending.LotId, EntryNames.RuleCancellation);
        }

        if (book.Points.AvailableAt(posting.Time, long.MaxValue) is > 0 and var points)
        {
            posting.Take(points, EntryNames.Adjust, EntryNames.RuleMemberCancelled, book.Points.Take(points, posting.Time), TakeTerms.Plain);
        }

        ErasedMember.Erase(posting);
        posting.SetStatus(MemberStatus.Cancelled, s_left);
        return Done(posting);
    }
}

/// <summary>Erases a member who went into another that is about to leave: what is kept of the person is kept there too. It stays merged.</summary>
/// <remarks>Keeps I27.</remarks>
public sealed class EraseMerged(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    protected override bool ActsWhereItIs => true;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => IsLoaded(book, plan);

    protected override Cause CauseOf() => new("The member has left", "cancellation", Member.Id.ToString());

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!book.IsMerged || book.ErasedAt is not null)
        {
            return Done(posting);
        }

        if (!IsLoaded(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        ErasedMember.Erase(posting);
        return Done(posting);
    }

    private bool IsLoaded(MemberBook book, LoadPlan plan) => Books.HasPersonal(book, plan) & Books.HasAddresses(book, plan) & Books.HasNotes(book, plan);
}

/// <summary>What remains of a member that nothing is known of.</summary>
internal static class ErasedMember
{
    private sealed record Rename(int Tenant, long Member, string Before, string After)
    {
        public TenantId Of => new(Tenant);
    }

    // The host may enrol the same person anew: its id of the person leads nowhere any more.
    private static readonly SetStatement<Rename> s_freeHandle = new(
        sqlite: "UPDATE natural_keys SET key_hash = $2 WHERE key_hash = $1",
        postgres: "UPDATE natural_keys n SET key_hash = k.after FROM unnest($1, $2) k (before, after) WHERE n.key_hash = k.before",
        Column<Rename>.Bytes("before", r => MemberKind.HandleOf(r.Of, r.Before).ToBytes()),
        Column<Rename>.Bytes("after", r => MemberKind.HandleOf(r.Of, r.After).ToBytes()));

    // Entries of a registration refer to the host's id. Amounts, accounts and everything else of them stay.
    private static readonly SetStatement<Rename> s_renameEntries = new(
        sqlite: "UPDATE entries SET reference_id = $4 WHERE tenant_id = $1 AND member_id = $2 AND reference_type = 'registration' AND reference_id = $3",
        postgres: """
            UPDATE entries e SET reference_id = k.after FROM unnest($1, $2, $3, $4) k (tenant_id, member_id, before, after)
            WHERE e.tenant_id = k.tenant_id AND e.member_id = k.member_id AND e.reference_type = 'registration' AND e.reference_id = k.before
            """,
        [.. RenameColumns()]);

    private static readonly SetStatement<Rename> s_renameLots = new(
        sqlite: "UPDATE lot_changes SET reference = $4 WHERE tenant_id = $1 AND member_id = $2 AND reference = $3",
        postgres: """
            UPDATE lot_changes c SET reference = k.after FROM unnest($1, $2, $3, $4) k (tenant_id, member_id, before, after)
            WHERE c.tenant_id = k.tenant_id AND c.member_id = k.member_id AND c.reference = k.before
            """,
        [.. RenameColumns()]);

    private static readonly SetStatement<Rename> s_forgetRealName = DeleteOf("real_names", "id");

    private static readonly SetStatement<Rename> s_freeCard = DeleteOf("identity_card_uses", "member_id");

    /// <summary>Erases everything that is kept of the person. What is loaded of it is in the book.</summary>
    public static void Erase(Posting posting)
    {
        var book = posting.Book;
        var (before, after) = (book.Identity.ExternalId, NameOf(book.Identity.Id));
        var rename = new Rename(book.Identity.Tenant.Value, book.Identity.Id.Value, before, after);
        posting.Draft.Insert(s_freeHandle, rename);
        posting.Draft.Insert(s_renameEntries, rename);
        posting.Draft.Insert(s_renameLots, rename);
        posting.Draft.Insert(s_forgetRealName, rename);
        posting.Draft.Insert(s_freeCard, rename);
        posting.Draft.Insert(ProfileCompletion.Forget, ProfileCompletion.Of(book));
        posting.Draft.Insert(AuditErasure.ForgetAddresses, (book.Identity.Tenant, book.Identity.Id.Value));
        posting.Draft.Insert(AuditErasure.ForgetOwnAddresses, (book.Identity.Tenant, book.Identity.Id.Value));
        book.Identity = book.Identity with { ExternalId = after, Nickname = null };
        book.Personal.Erase();
        book.Addresses.Clear();
        book.Notes.Clear();
        book.Tags = MemberTags.None;
        book.RealNameVerified = false;
        (book.CancelDueAt, book.CancelAskedBy) = (null, null);
        book.ErasedAt = posting.Draft.Now;
    }

    /// <summary>The external id of an erased member.</summary>
    public static string NameOf(MemberId member) => string.Create(CultureInfo.InvariantCulture, $"erased:{member.Value}");

    private static SetStatement<Rename> DeleteOf(string table, string column) => new(
        sqlite: $"DELETE FROM {table} WHERE tenant_id = $1 AND {column} = $2",
        postgres: $"DELETE FROM {table} t USING unnest($1, $2) k (tenant_id, member_id) WHERE t.tenant_id = k.tenant_id AND t.{column} = k.member_id",
        Column<Rename>.Int32("tenant_id", r => r.Tenant),
        Column<Rename>.Int64("member_id", r => r.Member));

    private static Column<Rename>[] RenameColumns() =>
    [
        Column<Rename>.Int32("tenant_id", r => r.Tenant),
        Column<Rename>.Int64("member_id", r => r.Member),
        Column<Rename>.Text("before", r => r.Before),
        Column<Rename>.Text("after", r => r.After),
    ];
}
