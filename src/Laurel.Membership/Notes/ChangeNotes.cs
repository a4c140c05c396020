using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Notes;

/// <summary>A change of the notes about one member, under the member's lock.</summary>
/// <remarks>Refusals that both begin with: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of one who has left).</remarks>
public abstract class ChangeNotes(TenantId tenant, MemberReference member, MemberBooks books) : MemberCommand(tenant, member, books)
{
    protected sealed override bool NeedsActiveMember => false;

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Whoever needs it once sends a key.
    }

    protected sealed override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => IsLoaded(book, plan);

    protected sealed override Cause CauseOf() => new("Notes changed", "member", "notes");

    private protected sealed override Decision Act(Posting posting, LoadPlan plan) =>
        IsLoaded(posting.Book, plan) ? Change(posting, posting.Book) : Decision.NeedMore.Instance;

    private protected abstract Decision Change(Posting posting, MemberBook book);

    private protected static Decision Done(MemberBook book, long id) =>
        new Decision.Apply(new NoteReceipt(id.ToString(CultureInfo.InvariantCulture), book.IdText), book.Identity.Id.Value, 0, 0);

    private bool IsLoaded(MemberBook book, LoadPlan plan) => Books.HasNotes(book, plan) & Books.HasPersonal(book, plan);
}

/// <summary>What became of a note. Names nothing of it, so it may be kept and told again.</summary>
public sealed record NoteReceipt(string Id, string MemberId);

/// <summary>Notes something about a member.</summary>
/// <remarks>Refusals beside: NOTE_LIMIT.</remarks>
/// <param name="author">The name of the key or the id of the user that writes it.</param>
public sealed class AddNote(TenantId tenant, MemberReference member, string text, string author, MemberBooks books) : ChangeNotes(tenant, member, books)
{
    private protected override Decision Change(Posting posting, MemberBook book)
    {
        if (book.Notes.Count >= NoteBook.Max)
        {
            return Refuse(ErrorCode.NoteLimit, ("max", NoteBook.Max));
        }

        using var key = PersonalKey.Of(Books.Vault, book, out var wrapped);
        book.Personal.Set(book.Personal.Current ?? new PersonalRecord(wrapped));
        var id = posting.DrawId();
        book.Notes.Add(new MemberNote(id, key.Encrypt(PersonalField.Note, text), author, posting.Time));
        return Done(book, id);
    }
}

/// <summary>Removes a note.</summary>
/// <remarks>Refusals beside: NOTE_NOT_FOUND, NOTE_OF_ANOTHER.</remarks>
/// <param name="caller">Who asks.</param>
/// <param name="mayAll">Whether the caller may remove what others wrote.</param>
public sealed class RemoveNote(TenantId tenant, MemberReference member, long id, string caller, bool mayAll, MemberBooks books)
    : ChangeNotes(tenant, member, books)
{
    // A note stays with the member that it is about, and is removed there when that member has gone into another.
    protected override bool ActsWhereItIs => true;

    private protected override Decision Change(Posting posting, MemberBook book)
    {
        if (book.Notes.Find(id) is not { } note)
        {
            return Refuse(ErrorCode.NoteNotFound, ("noteId", id.ToString(CultureInfo.InvariantCulture)));
        }

        if (note.Author != caller && !mayAll)
        {
            return Refuse(ErrorCode.NoteOfAnother);
        }

        book.Notes.Remove(id);
        return Done(book, id);
    }
}
