using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Search;
using Laurel.Membership.Watch;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>A new member as its host tells it. Phone and e-mail are normalised already.</summary>
public sealed record RegisterRequest
{
    public required string ExternalId { get; init; }

    public required string? Nickname { get; init; }

    public required string? Phone { get; init; }

    /// <summary>Whether the host has verified the phone: whoever shows by a code to have it may be given the member.</summary>
    public bool PhoneVerified { get; init; }

    public required string? Email { get; init; }

    public required Instant RegisteredAt { get; init; }

    /// <summary>Whether the host has verified the member's real name.</summary>
    public bool RealNameVerified { get; init; }

    /// <summary>What else is told of the member with its registration; null where nothing is.</summary>
    public MemberProfile? Profile { get; init; }
}

/// <summary>Enrols a member and grants the registration points.</summary>
/// <remarks>Refusals, first match wins: MEMBER_EXISTS, TIME_IN_FUTURE.</remarks>
/// <param name="vault">Null where members come without personal data.</param>
public sealed class RegisterMember(TenantId tenant, RegisterRequest request, MemberBooks books, PersonalDataVault? vault) : Command(tenant)
{
    public override bool IsTraffic => true;

    private readonly Hash128 _handle = MemberKind.HandleOf(tenant, request.ExternalId);

    public override long FairnessKey => unchecked((long)_handle.Low);

    public override void NameHandles(HandleResolution handles) => handles.Want(_handle);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(Books.Programmes.RootOf(Tenant));
        roots.Add(CodeRoot);
        Books.Rules.NameRoots(Tenant, EventTypes.MemberRegistered, request.RegisteredAt, roots);
        roots.Add(Books.Members.RootOf(Tenant, new MemberId(handles.FindOrCreate(_handle))));
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(_handle, Hash128.Of(Tenant.Value, "registration", ""), "MEMBER_EXISTS") { NeverRepeats = true });

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // A new member has nothing to load.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var programme = draft.Find<ActiveProgramme>(Books.Programmes.RootOf(Tenant));
        var counter = draft.Edit<MemberCodeCounter>(CodeRoot);
        Invariant.Require(programme is not null && counter is not null, "A tenant has a programme, and a day its counter.");
        if (MemberCommand.TimeRefusal(request.RegisteredAt, draft.Now, programme) is { } refusal)
        {
            return new Decision.Refuse(refusal with { Pointer = "/registeredAt" });
        }

        var id = new MemberId(draft.Handles.FindOrCreate(_handle));
        var book = NewBook(id, counter.Next(), programme.Programme);
        draft.Create(Books.Members.RootOf(Tenant, id), book);
        var posting = new Posting(draft, book, programme, request.RegisteredAt, new Cause("Member registered", "registration", request.ExternalId));
        if (Books.Rules.AreBudgetsMissing(posting, EventTypes.MemberRegistered))
        {
            return Decision.NeedRoots.Instance;
        }

        var happened = new EventFacts(EventTypes.MemberRegistered, "", request.ExternalId, EventFacts.NoData);
        var awards = Books.Rules.Run(posting, new RuleFacts { Member = book, Event = happened, Time = request.RegisteredAt });
        var points = awards.Where(award => award.Rule is { Unit: RuleUnits.Points, CountsForLevel: true, Pending: null }).Sum(award => award.Granted);
        var isPlain = Programme.JudgesByLifetimeAlone(programme.Programme.Levels, programme.Programme.LevelRules);
        var level = isPlain ? programme.Programme.LevelFor(points).Code : programme.Programme.Levels[0].Code;
        posting.RaiseRegistered(level);
        RulePayments.Post(posting, awards);
        posting.WriteLevel(null, level, "registered");
        posting.RewardRise(programme.Levels, programme.Levels.Lowest, level, request.RegisteredAt);
        if (!isPlain || programme.Ladders.Length > 1)
        {
            posting.JudgeLevel(mayFall: false, "registered");
        }

        // It is counted and not judged: a member begins with it.
        if (!programme.Watch.IsEmpty)
        {
            new WatchRecord(Books, posting).Keep(Books.Watch.Count(posting));
        }

        var hasPersonalData = SealPersonalData(book, draft.Now);
        if (programme.Programme.Profile.IsComplete(
            request.Profile ?? MemberProfile.Empty, request.Nickname is not null, request.Phone is not null, request.Email is not null))
        {
            draft.Insert(ProfileCompletion.Note, ProfileCompletion.Of(book));
        }

        var reply = MemberReply.Of(MemberView.Of(book, draft.Now), hasPersonalData ? PersonalData.Masked(request.Phone, request.Email) : PersonalData.None);
        return new Decision.Apply(reply, id.Value, posting.FirstId, posting.LastId);
    }

    /// <remarks>Nothing personal is frozen: nickname, phone and e-mail are read again when the answer is given again.</remarks>
    public override (byte[] Body, long RootId) Freeze(object reply)
    {
        var plain = (MemberReply)reply with { Nickname = null, Phone = null, Email = null };
        return (JsonSerializer.SerializeToUtf8Bytes(plain, MembershipJson.Default.MemberReply), long.Parse(plain.Id, CultureInfo.InvariantCulture));
    }

    private MemberBooks Books { get; } = books;

    private RootRef CodeRoot
    {
        get
        {
            var programme = Books.Programmes.Latest(Tenant);
            Invariant.Require(programme is not null, "The programme of a tenant is read before its first member is registered.");
            return Books.Codes.RootOf(Tenant, programme.DayNumberOf(request.RegisteredAt));
        }
    }

    private MemberBook NewBook(MemberId id, string code, Programme rules) => new()
    {
        Identity = new MemberIdentity
        {
            Tenant = Tenant,
            Id = id,
            Code = code,
            ExternalId = request.ExternalId,
            Nickname = request.Nickname,
            RegisteredAt = request.RegisteredAt,
        },
        Status = MemberStatus.Active,
        Points = PointsWallet.Empty(),
        Growth = 0,
        Balance = 0,
        RealNameVerified = request.RealNameVerified,
        Lifetime = 0,
        TotalOrders = 0,
        TotalAmount = 0,
        FirstOrderUsed = false,
        LevelCode = rules.Levels[0].Code,
        LevelSince = request.RegisteredAt,
        LastId = id.Value,
        Version = 0,
    };

    private bool SealPersonalData(MemberBook book, Instant now)
    {
        if (request is { Phone: null, Email: null, Profile: null })
        {
            return false;
        }

        Invariant.Require(vault is not null, "Personal data is taken only where there is a vault for it.");
        using var key = vault.CreateKey(Tenant, book.Identity.Id, out var wrapped);
        book.Personal.Set(new PersonalRecord(wrapped)
        {
            Phone = request.Phone is { } phone ? key.Encrypt(PersonalField.Phone, phone) : null,
            PhoneIndex = request.Phone is { } indexedPhone ? vault.BlindIndex(Tenant, PersonalField.Phone, indexedPhone) : null,
            PhoneVerifiedAt = request is { Phone: not null, PhoneVerified: true } ? now : null,
            Email = request.Email is { } email ? key.Encrypt(PersonalField.Email, email) : null,
            SearchTerms = SearchTerms.OfSealed(vault, Tenant, request.Profile?.RealName, request.Phone),
            EmailIndex = request.Email is { } indexedEmail ? vault.BlindIndex(Tenant, PersonalField.Email, indexedEmail) : null,
            Profile = request.Profile?.Seal(key),
            Version = request.Profile is null ? 0 : 1,
        });
        return true;
    }
}
