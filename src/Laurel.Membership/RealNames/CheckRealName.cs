using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Search;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Membership.RealNames;

/// <summary>A check that has begun: what its answer is written down by.</summary>
/// <param name="Card">What finds the number.</param>
/// <param name="HeldPlace">The place that the member has from before, or null.</param>
internal sealed record BegunRealName(MemberId Member, long Attempt, Hash128 Card, long? HeldPlace, int AttemptsLeft);

/// <summary>Writes down that a member's real name is to be checked, before anybody is asked: an answer that never comes leaves it pending.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a banned or cancelled member), REAL_NAME_KNOWN, REAL_NAME_TRIES_SPENT,
/// GUARDIAN_CONSENT_REQUIRED.</remarks>
internal sealed class BeginRealName(
    TenantId tenant, MemberId member, RealNameQuestion question, GuardianConsent? guardian, string provider, RealNameLimits limits, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ById(member), books)
{
    /// <summary>What a person tells of itself is looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        roots.Add(RealName.Kind.RootOf(Tenant, Books.EndOf(Tenant, Member.Id).Value));
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Each try is one.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasPersonal(book, plan);

    protected override Cause CauseOf() => new("Real name", "member", "real-name");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, draft) = (posting.Book, posting.Draft);
        if (!book.Status.MayTellOfItself())
        {
            return Refuse(ErrorCode.MemberInactive, ("status", MemberKind.NameOf(book.Status)));
        }

        if (book.RealNameVerified)
        {
            return Refuse(ErrorCode.RealNameKnown);
        }

        if (!Books.HasPersonal(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var today = posting.Programme.DayNumberOf(posting.Time);
        var root = RealName.Kind.RootOf(Tenant, book.Identity.Id.Value);
        var known = draft.Edit<RealName>(root);
        var tries = known is not null && known.AttemptsOn == today ? known.Attempts : 0;
        if (tries >= limits.AttemptsPerDay)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.RealNameTriesSpent, ("max", limits.AttemptsPerDay)) { Definitive = false });
        }

        var (rules, day) = (posting.Programme.Programme.Profile, posting.Programme.Calendar.DayOf(posting.Time));
        if (GuardianConsent.Missing(guardian, rules, question.Card.BornOn, day) is { } missing)
        {
            return new Decision.Refuse(missing);
        }

        using var key = PersonalKey.Of(Books.Vault, book, out var wrapped);
        book.Personal.Set(book.Personal.Current ?? new PersonalRecord(wrapped));
        if (rules.NeedsGuardian(question.Card.BornOn, day))
        {
            guardian!.Note(posting, key);
        }

        var card = Books.Vault!.BlindIndex(Tenant, PersonalField.IdentityCard, question.Card.Number);
        var check = new RealName
        {
            Tenant = Tenant,
            Id = book.Identity.Id.Value,
            State = RealNameState.Pending,
            Card = key.Encrypt(PersonalField.IdentityCard, question.Card.Number),
            CardIndex = card,
            Name = key.Encrypt(PersonalField.RealName, question.RealName),
            CardUse = known?.CardUse,
            Attempt = posting.DrawId(),
            AttemptsOn = today,
            Attempts = tries + 1,
            Provider = provider,
            ChangedAt = draft.Now,
        };
        if (known is null)
        {
            draft.Create(root, check);
        }
        else
        {
            draft.Replace(root, check);
        }

        var begun = new BegunRealName(book.Identity.Id, check.Attempt, card, check.CardUse, limits.AttemptsPerDay - check.Attempts);
        return new Decision.Apply(begun, book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>Writes down what the registry said of a check. An answer to a check that is no longer the last changes nothing.</summary>
/// <remarks>Keeps I34. Refusals: MEMBER_NOT_FOUND.</remarks>
internal sealed class EndRealName(TenantId tenant, BegunRealName begun, RealNameAnswer answer, RealNameLimits limits, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ById(begun.Member), books)
{
    /// <summary>What a person tells of itself is looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    private IReadOnlyList<RootRef> Places => [.. IdentityCardUse.PlacesOf(Tenant, begun.Card, limits.MembersPerCard)];

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        RealNameRoots.Name(Tenant, Books.EndOf(Tenant, begun.Member), Places, begun.HeldPlace, roots);
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The attempt says whether it was answered.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasPersonal(book, plan);

    protected override Cause CauseOf() => new("Real name", "member", "real-name");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, draft) = (posting.Book, posting.Draft);
        if (!Books.HasPersonal(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var reason = RealNameReason.None;
        if (draft.Edit<RealName>(RealName.Kind.RootOf(Tenant, book.Identity.Id.Value)) is { State: RealNameState.Pending } check && check.Attempt == begun.Attempt
            && check.CardUse == begun.HeldPlace)
        {
            reason = answer switch
            {
                RealNameAnswer.Matched => RealNameVerdict.Verify(posting, Books, check, Places) ? RealNameReason.None : RealNameReason.CardUsed,
                RealNameAnswer.Mismatched => RealNameReason.Mismatch,
                RealNameAnswer.Unknown => RealNameReason.None,
            };
            if (reason != RealNameReason.None)
            {
                RealNameVerdict.End(draft, check, RealNameState.Refused);
            }
        }

        return new Decision.Apply(reason, book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>Why a real name was refused.</summary>
internal enum RealNameReason
{
    None,

    /// <summary>Name and numbers do not belong together.</summary>
    Mismatch,

    /// <summary>The card verifies as many members as it may.</summary>
    CardUsed,
}

/// <summary>What commands on a check lock.</summary>
internal static class RealNameRoots
{
    public static void Name(TenantId tenant, MemberId member, IReadOnlyList<RootRef> places, long? held, ICollection<RootRef> roots)
    {
        roots.Add(RealName.Kind.RootOf(tenant, member.Value));
        foreach (var place in places)
        {
            roots.Add(place);
        }

        if (held is { } id && places.All(place => place.Id != id))
        {
            roots.Add(IdentityCardUse.Kind.RootOf(tenant, id));
        }
    }
}

/// <summary>What becomes of a check.</summary>
internal static class RealNameVerdict
{
    /// <summary>Verifies the name that waits, where its card has a place left. What is kept of the member is loaded.</summary>
    public static bool Verify(Posting posting, MemberBooks books, RealName check, IReadOnlyList<RootRef> places)
    {
        var (book, draft) = (posting.Book, posting.Draft);
        if (IdentityCardUse.Take(draft, places, check.CardIndex!.Value, check.Id) is not { } place)
        {
            return false;
        }

        if (check.CardUse is { } before && before != place)
        {
            IdentityCardUse.Free(draft, check.Tenant, before, check.Id);
        }

        using var key = PersonalKey.Of(books.Vault, book, out _);
        var record = book.Personal.Current!;
        var profile = MemberProfile.Open(key, record.Profile) with { RealName = key.Decrypt(PersonalField.RealName, check.Name!) };
        book.Personal.Set((record with { Profile = profile.Seal(key), Version = record.Version + 1 }).WithTerms(books.Vault!, check.Tenant, key, profile));
        book.RealNameVerified = true;
        var rules = posting.Programme.Programme.Profile;
        if (rules.IsComplete(profile, book.Identity.Nickname is not null, record.Phone is not null, record.Email is not null))
        {
            draft.Insert(ProfileCompletion.Note, ProfileCompletion.Of(book));
        }

        (check.State, check.CardUse, check.ChangedAt) = (RealNameState.Verified, place, draft.Now);
        return true;
    }

    /// <summary>Ends a check, and frees the place that its member had.</summary>
    public static void End(Draft draft, RealName check, RealNameState state)
    {
        if (check.CardUse is { } place)
        {
            IdentityCardUse.Free(draft, check.Tenant, place, check.Id);
        }

        check.End(state, draft.Now);
    }
}
