using System.Diagnostics.CodeAnalysis;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.RealNames;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.DataKeys;

/// <summary>Whether a member has a new data key.</summary>
/// <param name="Renewed">False of a member of whom nothing personal is kept: there is no key.</param>
public sealed record DataKeyReceipt(string MemberId, bool Renewed);

/// <summary>Gives a member a new data key and seals everything that the old one has sealed anew, in one commit: nothing is ever under a key that is not
/// beside it. Done twice it does no harm.</summary>
/// <remarks>Keeps I35. Refusals: MEMBER_NOT_FOUND, DATA_KEY_UNREADABLE. Whatever else reads or writes what is personal of the member meets at the member's lock (docs/adr/0110).</remarks>
/// <param name="isAsked">Whether somebody asked for this very member: then it is audited. A renewal of all members is, where it was asked for.</param>
public sealed class RenewDataKey(TenantId tenant, MemberId member, bool isAsked, MemberBooks books) : MemberJob(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    public override bool IsAudited => isAsked;

    protected override bool ActsWhereItIs => true;

    private protected override void NameMore(ICollection<RootRef> roots) => roots.Add(RealName.Kind.RootOf(Tenant, Member.Id.Value));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => IsLoaded(book, plan);

    protected override Cause CauseOf() => new("A new data key", "data-key", Member.Id.ToString());

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!IsLoaded(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Personal.Current is null)
        {
            return Done(book, renewed: false);
        }

        try
        {
            Renew(posting);
            return Done(book, renewed: true);
        }
        catch (PersonalDataUnreadableException)
        {
            // Its master key is not here, or it was damaged: it stays as it is, for whoever puts the key back, and keeps no others waiting.
            return Refuse(ErrorCode.DataKeyUnreadable, ("memberId", book.Identity.Id.ToString()));
        }
    }

    private static Decision.Apply Done(MemberBook book, bool renewed) => new(new DataKeyReceipt(book.Identity.Id.ToString(), renewed), book.Identity.Id.Value, 0, 0);

    private void Renew(Posting posting)
    {
        Invariant.Require(Books.Vault is not null, "Data keys are renewed only where there is a vault.");
        var book = posting.Book;
        using var before = PersonalKey.Of(Books.Vault, book, out _);
        using var after = Books.Vault.CreateKey(Tenant, book.Identity.Id, out var wrapped);
        var again = new Resealing(before, after);
        var record = book.Personal.Current!;
        book.Personal.Set(record with
        {
            WrappedKey = wrapped,
            Phone = again.Of(PersonalField.Phone, record.Phone),
            Email = again.Of(PersonalField.Email, record.Email),
            Profile = again.Of(PersonalField.Profile, record.Profile),
        });
        foreach (var address in book.Addresses.All.ToList())
        {
            book.Addresses.Put(address with { Sealed = again.Of(PersonalField.Address, address.Sealed) });
        }

        foreach (var note in book.Notes.All.ToList())
        {
            book.Notes.Put(note with { Sealed = again.Of(PersonalField.Note, note.Sealed) });
        }

        foreach (var (id, origin) in book.Personal.Origins!)
        {
            posting.Draft.Insert(ConsentOrigins.Write, new ConsentOrigin(Tenant.Value, book.Identity.Id.Value, id, again.Of(PersonalField.Origin, origin)));
        }

        var root = RealName.Kind.RootOf(Tenant, book.Identity.Id.Value);
        if (posting.Draft.Find<RealName>(root)?.Card is not null)
        {
            var check = posting.Draft.Edit<RealName>(root)!;
            (check.Card, check.Name) = (again.Of(PersonalField.IdentityCard, check.Card), again.Of(PersonalField.RealName, check.Name));
        }
    }

    private bool IsLoaded(MemberBook book, LoadPlan plan) =>
        Books.HasPersonal(book, plan) & Books.HasAddresses(book, plan) & Books.HasNotes(book, plan) & Books.HasConsentOrigins(book, plan);

    /// <summary>Opens with one key and seals with another.</summary>
    private sealed class Resealing(DataKey before, DataKey after)
    {
        [return: NotNullIfNotNull(nameof(stored))]
        public byte[]? Of(string field, byte[]? stored) => stored is null ? null : after.Encrypt(field, before.Decrypt(field, stored));
    }
}

/// <summary>From where one consent was given, as it is sealed.</summary>
internal sealed record ConsentOrigin(int Tenant, long Member, long Id, byte[] Sealed);

/// <summary>The SQL of what is sealed of consents.</summary>
internal static class ConsentOrigins
{
    public static readonly SetStatement<PersonalStatements.MemberKey> Read = Statements.Find(
        "c.member_id, c.id, c.origin", "member_consents c", "",
        Column<PersonalStatements.MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<PersonalStatements.MemberKey>.Int64("member_id", k => k.Member));

    public static readonly SetStatement<ConsentOrigin> Write = Statements.Update("member_consents", keys: 3,
        Column<ConsentOrigin>.Int32("tenant_id", o => o.Tenant),
        Column<ConsentOrigin>.Int64("member_id", o => o.Member),
        Column<ConsentOrigin>.Int64("id", o => o.Id),
        Column<ConsentOrigin>.Bytes("origin", o => o.Sealed));
}

/// <summary>Reads from where a member's consents were given: they are rows for good, and few of them tell it.</summary>
internal sealed class ConsentOriginLoader(MemberKind members) : ChildLoader<PersonalStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PersonalStatements.MemberKey> needs)
    {
        var found = new List<(long Member, long Id, byte[] Sealed)>();
        builder.Add(ConsentOrigins.Read, needs, row =>
        {
            if (row.BytesOrNull(2) is { } origin)
            {
                found.Add((row.Int64(0), row.Int64(1), origin));
            }
        });
        return set =>
        {
            var origins = found.ToLookup(one => one.Member, one => (one.Id, one.Sealed));
            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Personal.Origins = [.. origins[need.Member]];
            }
        };
    }
}
