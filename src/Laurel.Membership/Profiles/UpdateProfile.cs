using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Avatars;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.RealNames;
using Laurel.Membership.Search;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Profiles;

/// <summary>What is to change of a profile. What is null stays; what is cleared is there no more. Phone and e-mail are normalised already.</summary>
public sealed record ProfileChange
{
    public string? Nickname { get; init; }

    public string? Phone { get; init; }

    /// <summary>What the shop says of the phone that is told with it; null where it says nothing.</summary>
    public bool? PhoneVerified { get; init; }

    public string? Email { get; init; }

    public string? RealName { get; init; }

    public string? Gender { get; init; }

    public DateOnly? Birthday { get; init; }

    public string? Avatar { get; init; }

    public bool? Searchable { get; init; }

    public bool? ShowBirthday { get; init; }

    /// <summary>Values by code, of the type that the programme says.</summary>
    public IReadOnlyDictionary<string, JsonElement> Attributes { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Of <see cref="ProfileRules.Fields"/>, or <c>attributes.CODE</c>.</summary>
    public IReadOnlyList<string> Clear { get; init; } = [];

    /// <summary>The version that the change is meant for; null takes any.</summary>
    public long? BaseVersion { get; init; }

    /// <summary>Whether staff tells it, or a system of the shop's. A real name that the member changes has to be verified again.</summary>
    public bool ByStaff { get; init; }

    /// <summary>Whether it tells or clears the real name.</summary>
    internal bool IsOfRealName => RealName is not null || Clear.Contains("realName");

    /// <summary>What came with it for somebody who is too young to tell alone; null for nothing.</summary>
    public GuardianConsent? Guardian { get; init; }

    /// <summary>What a field will be.</summary>
    internal T? Next<T>(string field, T? told, T? now)
        where T : class => Clear.Contains(field) ? null : told ?? now;

    /// <summary>The profile as it will be.</summary>
    /// <param name="today">The business day on which it is told.</param>
    internal MemberProfile ApplyTo(MemberProfile profile, DateOnly today)
    {
        var birthday = Clear.Contains("birthday") ? null : Birthday ?? profile.Birthday;
        var attributes = profile.Attributes.Where(pair => !Clear.Contains("attributes." + pair.Key)).ToDictionary();
        foreach (var (code, value) in Attributes)
        {
            attributes[code] = value;
        }

        return profile with
        {
            RealName = Next("realName", RealName, profile.RealName),
            Gender = Next("gender", Gender, profile.Gender),
            Birthday = birthday,
            BirthdaySetOn = birthday == profile.Birthday ? profile.BirthdaySetOn : today,
            Avatar = Next("avatar", Avatar, profile.Avatar),
            Attributes = attributes,
            Searchable = Searchable ?? profile.Searchable,
            ShowBirthday = ShowBirthday ?? profile.ShowBirthday,
        };
    }
}

/// <summary>Changes what a member tells of itself. Personal data is sealed under the member's data key, and what finds it moves with it.</summary>
/// <remarks>Keeps I34: a verified name that is changed is verified no more. Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a banned or
/// cancelled member), PROFILE_CHANGED, BIRTHDAY_LOCKED, GUARDIAN_CONSENT_REQUIRED, REAL_NAME_CHANGED.</remarks>
public sealed class UpdateProfile(TenantId tenant, MemberReference member, ProfileChange change, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>The check of the real name as it was read, where the change is of that; null where there was none.</summary>
    internal RealNameSeen? Seen { get; init; }

    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (change.IsOfRealName && Member.Resolve(handles) is { } id)
        {
            RealNameRoots.Name(Tenant, Books.EndOf(Tenant, id), [], Seen?.HeldPlace, roots);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Told twice is told once; the version counts the calls.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasPersonal(book, plan);

    protected override Cause CauseOf() => new("Profile changed", "member", "profile");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!book.Status.MayTellOfItself())
        {
            return Refuse(ErrorCode.MemberInactive, ("status", MemberKind.NameOf(book.Status)));
        }

        if (!Books.HasPersonal(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var before = book.Personal.Current;
        if (change.BaseVersion is { } meant && meant != (before?.Version ?? 0))
        {
            return Refuse(ErrorCode.ProfileChanged, ("version", before?.Version ?? 0), ("baseVersion", meant));
        }

        using var key = PersonalKey.Of(Books.Vault, book, out var wrapped);
        var profile = MemberProfile.Open(key, before?.Profile);
        var today = posting.Programme.Calendar.DayOf(posting.Time);
        var rules = posting.Programme.Programme.Profile;
        if (LockedUntil(profile, rules) is { } until && until > today)
        {
            var locked = new Refusal(ErrorCode.BirthdayLocked, ("until", until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
            return new Decision.Refuse(locked with { Pointer = "/birthday", Definitive = false });
        }

        var after = change.ApplyTo(profile, today);
        if (after.Birthday is { } bornOn && bornOn != profile.Birthday)
        {
            if (GuardianConsent.Missing(change.Guardian, rules, bornOn, today) is { } missing)
            {
                return new Decision.Refuse(missing);
            }

            if (rules.NeedsGuardian(bornOn, today))
            {
                change.Guardian!.Note(posting, key);
            }
        }

        if (after.RealName != profile.RealName && !EndsVerification(posting.Draft, book.Identity.Id))
        {
            return new Decision.Refuse(new Refusal(ErrorCode.RealNameChanged) { Definitive = false });
        }

        var record = Changed(before ?? new PersonalRecord(wrapped), key, posting.Draft.Now) with
        {
            Profile = after.Seal(key),
            Version = (before?.Version ?? 0) + 1,
            AvatarFile = AvatarFiles.NameOf(after.Avatar),
        };
        book.Personal.Set(record.WithTerms(Books.Vault!, Tenant, key, after));
        book.RealNameVerified &= after.RealName == profile.RealName || (change.ByStaff && profile.RealName is null);
        book.Identity = book.Identity with { Nickname = change.Next("nickname", change.Nickname, book.Identity.Nickname) };
        var isComplete = rules.IsComplete(after, book.Identity.Nickname is not null, record.Phone is not null, record.Email is not null);
        if (isComplete)
        {
            posting.Draft.Insert(ProfileCompletion.Note, ProfileCompletion.Of(book));
        }

        var receipt = new ProfileReceipt { MemberId = book.IdText, Version = record.Version, Complete = isComplete };
        return new Decision.Apply(receipt, book.Identity.Id.Value, 0, 0);
    }

    /// <summary>Ends the check that has verified the name which is no longer told, and frees the place of its card.</summary>
    /// <returns>False where the check is another than was read.</returns>
    private bool EndsVerification(Draft draft, MemberId member)
    {
        if (draft.Find<RealName>(RealName.Kind.RootOf(Tenant, member.Value)) is not { State: RealNameState.Verified } check)
        {
            return true;
        }

        if (check.CardUse != Seen?.HeldPlace)
        {
            return false;
        }

        RealNameVerdict.End(draft, draft.Edit<RealName>(RealName.Kind.RootOf(Tenant, member.Value))!, RealNameState.Withdrawn);
        return true;
    }

    /// <summary>From which day on the birthday may be changed as asked; null where it stays, or was never told.</summary>
    private DateOnly? LockedUntil(MemberProfile profile, ProfileRules rules)
    {
        var next = change.Clear.Contains("birthday") ? null : change.Birthday ?? profile.Birthday;
        return next == profile.Birthday ? null : profile.BirthdaySetOn?.AddDays(rules.BirthdayDays);
    }

    private PersonalRecord Changed(PersonalRecord record, DataKey key, Instant now)
    {
        if (change.Phone is { } phone)
        {
            var index = Books.Vault!.BlindIndex(Tenant, PersonalField.Phone, phone);
            var stays = change.PhoneVerified is null && index == record.PhoneIndex;
            record = record with
            {
                Phone = key.Encrypt(PersonalField.Phone, phone),
                PhoneIndex = index,
                PhoneVerifiedAt = change.PhoneVerified is true ? now : stays ? record.PhoneVerifiedAt : null,
            };
        }
        else if (change.Clear.Contains("phone"))
        {
            record = record with { Phone = null, PhoneIndex = null, PhoneVerifiedAt = null };
        }

        if (change.Email is { } email)
        {
            return record with { Email = key.Encrypt(PersonalField.Email, email), EmailIndex = Books.Vault!.BlindIndex(Tenant, PersonalField.Email, email) };
        }

        return change.Clear.Contains("email") ? record with { Email = null, EmailIndex = null } : record;
    }
}

/// <summary>The data key of a member within a command.</summary>
internal static class PersonalKey
{
    /// <summary>Opens the member's data key, or draws one where there is none yet. What is kept of the member is loaded.</summary>
    /// <param name="wrapped">The key as it is to be stored.</param>
    public static DataKey Of(PersonalDataVault? vault, MemberBook book, out byte[] wrapped)
    {
        Invariant.Require(vault is not null, "Personal data is taken only where there is a vault for it.");
        if (book.Personal.Current is { } record)
        {
            wrapped = record.WrappedKey;
            return vault.OpenKey(book.Identity.Tenant, book.Identity.Id, wrapped);
        }

        return vault.CreateKey(book.Identity.Tenant, book.Identity.Id, out wrapped);
    }
}
