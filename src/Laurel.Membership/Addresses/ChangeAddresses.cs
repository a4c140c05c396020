using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Addresses;

/// <summary>A change of one member's addresses, under the member's lock.</summary>
/// <remarks>Keeps I27. Refusals that all of them begin with: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a banned member, or one who has left).</remarks>
public abstract class ChangeAddresses(TenantId tenant, MemberReference member, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected sealed override bool NeedsActiveMember => false;

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Whoever needs it once sends a key.
    }

    protected sealed override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => IsLoaded(book, plan);

    protected sealed override Cause CauseOf() => new("Addresses changed", "member", "addresses");

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!posting.Book.Status.MayTellOfItself())
        {
            return Refuse(ErrorCode.MemberInactive, ("status", MemberKind.NameOf(posting.Book.Status)));
        }

        return IsLoaded(posting.Book, plan) ? Change(posting, posting.Book) : Decision.NeedMore.Instance;
    }

    private protected abstract Decision Change(Posting posting, MemberBook book);

    private protected static Decision NotFound(long id) => Refuse(ErrorCode.AddressNotFound, ("addressId", id.ToString(CultureInfo.InvariantCulture)));

    private protected static Decision Done(MemberBook book, long id)
    {
        var receipt = new AddressReceipt(id.ToString(CultureInfo.InvariantCulture), book.IdText, book.Addresses.Find(id)?.IsDefault ?? false);
        return new Decision.Apply(receipt, book.Identity.Id.Value, 0, 0);
    }

    private bool IsLoaded(MemberBook book, LoadPlan plan) => Books.HasAddresses(book, plan) & Books.HasPersonal(book, plan);
}

/// <summary>What became of an address. Names no personal data, so it may be kept and told again.</summary>
/// <param name="IsDefault">Of one that was removed, false.</param>
public sealed record AddressReceipt(string Id, string MemberId, bool IsDefault);

/// <summary>Adds an address.</summary>
/// <remarks>Refusals beside: ADDRESS_LIMIT.</remarks>
public sealed class AddAddress(TenantId tenant, MemberReference member, AddressText text, bool isDefault, MemberBooks books) : ChangeAddresses(tenant, member, books)
{
    private protected override Decision Change(Posting posting, MemberBook book)
    {
        if (book.Addresses.Count >= AddressBook.Max)
        {
            return Refuse(ErrorCode.AddressLimit, ("max", AddressBook.Max));
        }

        using var key = PersonalKey.Of(Books.Vault, book, out var wrapped);
        book.Personal.Set(book.Personal.Current ?? new PersonalRecord(wrapped));
        var id = posting.DrawId();
        book.Addresses.Put(new MemberAddress(id, text.Seal(key), isDefault, posting.Time, posting.Time));
        return Done(book, id);
    }
}

/// <summary>Puts an address in the place of one, or makes it the default.</summary>
/// <remarks>Refusals beside: ADDRESS_NOT_FOUND.</remarks>
/// <param name="text">Null leaves what it says.</param>
/// <param name="isDefault">Whether it becomes the default. One that is stays it.</param>
public sealed class ChangeAddress(TenantId tenant, MemberReference member, long id, AddressText? text, bool isDefault, MemberBooks books)
    : ChangeAddresses(tenant, member, books)
{
    private protected override Decision Change(Posting posting, MemberBook book)
    {
        if (book.Addresses.Find(id) is not { } before)
        {
            return NotFound(id);
        }

        using var key = PersonalKey.Of(Books.Vault, book, out _);
        book.Addresses.Put(before with
        {
            Sealed = text?.Seal(key) ?? before.Sealed,
            IsDefault = isDefault || before.IsDefault,
            UpdatedAt = posting.Time,
        });
        return Done(book, id);
    }
}

/// <summary>Removes an address.</summary>
/// <remarks>Refusals beside: ADDRESS_NOT_FOUND.</remarks>
public sealed class RemoveAddress(TenantId tenant, MemberReference member, long id, MemberBooks books) : ChangeAddresses(tenant, member, books)
{
    private protected override Decision Change(Posting posting, MemberBook book)
    {
        if (book.Addresses.Find(id) is null)
        {
            return NotFound(id);
        }

        book.Addresses.Remove(id);
        return Done(book, id);
    }
}
