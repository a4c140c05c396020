using Laurel.Kernel;

namespace Laurel.Membership.Profiles;

/// <summary>A member's personal data as it is stored: ciphertext under the member's data key, and the keyed hashes that find it again.</summary>
/// <param name="WrappedKey">The data key under a master key. Without it everything sealed is noise.</param>
public sealed record PersonalRecord(byte[] WrappedKey)
{
    public byte[]? Phone { get; init; }

    public Hash128? PhoneIndex { get; init; }

    /// <summary>When the host last said that it has verified the number; null where it has not.</summary>
    public Instant? PhoneVerifiedAt { get; init; }

    public byte[]? Email { get; init; }

    public Hash128? EmailIndex { get; init; }

    /// <summary>The sealed <see cref="MemberProfile"/>; null until there is one.</summary>
    public byte[]? Profile { get; init; }

    /// <summary>The member's picture in the store of files, by its name there; null where there is none.</summary>
    public string? AvatarFile { get; init; }

    /// <summary>What the real name and the end of the phone are found by, as <c>SearchTerms</c> puts it together; null for nothing.</summary>
    public byte[]? SearchTerms { get; init; }

    /// <summary>Counts the changes of the profile, of nickname, phone and e-mail too; 0 before the first.</summary>
    public long Version { get; init; }
}

/// <summary>What is kept of a member as a person. A part of the member's book; few commands have anything to do with it.</summary>
public sealed class PersonalBook
{
    private PersonalRecord? _stored;

    /// <summary>Null where nothing is kept, or nothing any more.</summary>
    public PersonalRecord? Current { get; private set; }

    /// <summary>Whether what is stored is here.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Whether all recharges and checkouts of the member are in the book.</summary>
    internal bool HasDealings { get; set; }

    /// <summary>From where each consent was given that tells it, sealed, by its id; null until they are loaded.</summary>
    internal IReadOnlyList<(long Id, byte[] Sealed)>? Origins { get; set; }

    /// <summary>What is stored of <see cref="PersonalRecord.SearchTerms"/>.</summary>
    internal byte[]? StoredTerms => _stored?.SearchTerms;

    internal bool IsNew => _stored is null && Current is not null;

    internal bool IsChanged => _stored is not null && Current is not null && !ReferenceEquals(_stored, Current);

    internal bool IsErased => _stored is not null && Current is null;

    /// <summary>The file that is let go of; null where none is.</summary>
    internal string? FileLetGo => _stored?.AvatarFile is { } file && file != Current?.AvatarFile ? file : null;

    /// <summary>The file that is kept from now on; null where none is.</summary>
    internal string? FileKept => Current?.AvatarFile is { } file && file != _stored?.AvatarFile ? file : null;

    /// <summary>Takes what is stored; what was decided since wins.</summary>
    public void Load(PersonalRecord? stored)
    {
        if (!IsLoaded)
        {
            (_stored, Current, IsLoaded) = (stored, stored, true);
        }
    }

    public void Set(PersonalRecord record) => Current = record;

    /// <summary>Lets the data key go, and with it everything it has sealed.</summary>
    public void Erase() => Current = null;

    public PersonalBook Copy() => (PersonalBook)MemberwiseClone();
}
