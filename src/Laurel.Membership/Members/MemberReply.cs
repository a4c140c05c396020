using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>A level as an answer shows it.</summary>
public sealed record LevelReply
{
    public required string Code { get; init; }

    /// <summary>In the caller's language.</summary>
    public string? Name { get; init; }
}

/// <summary>The figures of a member's points at one instant.</summary>
public sealed record PointsFigures
{
    /// <summary>What can be spent now: live lots less holds and debt. Negative while a debt is open.</summary>
    public required long Available { get; init; }

    /// <summary>Granted and not active yet.</summary>
    public required long Pending { get; init; }

    /// <summary>Set aside by open holds.</summary>
    public required long Held { get; init; }

    /// <summary>Taken back beyond what there was; deducted in <see cref="Available"/>, repaid by the next credits.</summary>
    public required long Debt { get; init; }

    /// <summary>Of the available points, those that lapse within 30 days.</summary>
    public required long Expiring30d { get; init; }
}

/// <summary>A member, as callers see one. Phone and e-mail are masked.</summary>
public sealed record MemberReply
{
    public required string Id { get; init; }

    public required string MemberCode { get; init; }

    public required string ExternalId { get; init; }

    public required string? Nickname { get; init; }

    public required string? Phone { get; init; }

    public required string? Email { get; init; }

    /// <summary>Of <see cref="MemberStatus"/>, in lower case.</summary>
    public required string Status { get; init; }

    /// <summary>The member that a merged one went into; not told of others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MergedInto { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required LevelReply Level { get; init; }

    public required PointsFigures Points { get; init; }

    public required long Growth { get; init; }

    /// <summary>Stored money in minor units.</summary>
    public required long Balance { get; init; }

    /// <summary>Points earned in all, less what was taken back: what the level is judged by.</summary>
    public required long LifetimePoints { get; init; }

    public required long TotalOrders { get; init; }

    /// <summary>Paid for orders less refunds, in minor units.</summary>
    public required long TotalAmount { get; init; }

    /// <summary>What the member tells of itself; not told of who has told nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProfileReply? Profile { get; init; }

    /// <summary>The codes of the member's tags and groups; not told of who has none, nor to the member itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <param name="forOwner">Whether the member itself asks, who is not told what it is tagged with.</param>
    internal static MemberReply Of(MemberView view, PersonalData personal, bool forOwner = false) => new()
    {
        Id = view.Id.ToString(),
        MemberCode = view.Code,
        ExternalId = view.ExternalId,
        Nickname = view.Nickname,
        Phone = personal.Phone,
        Email = personal.Email,
        Profile = personal.Profile,
        Status = view.Status,
        Tags = forOwner ? null : view.Tags?.Split(' '),
        MergedInto = view.MergedInto is > 0 and var into ? new MemberId(into).ToString() : null,
        RegisteredAt = view.RegisteredAt.ToDateTimeOffset(),
        Level = new LevelReply { Code = view.LevelCode },
        Points = view.Figures,
        Growth = view.Growth,
        Balance = view.Balance,
        LifetimePoints = view.Lifetime,
        TotalOrders = view.TotalOrders,
        TotalAmount = view.TotalAmount,
    };

    /// <summary>The same answer with the name of the level in a language.</summary>
    internal MemberReply Named(Programme programme, Platform.Errors.Language language) =>
        this with { Level = new LevelReply { Code = Level.Code, Name = programme.LevelOf(Level.Code).NameIn(language) } };
}

/// <summary>Personal data as answers show it.</summary>
internal readonly record struct PersonalData(string? Phone, string? Email)
{
    /// <summary>Null where the member has told nothing of itself.</summary>
    public ProfileReply? Profile { get; init; }

    public static readonly PersonalData None = new(null, null);

    public static PersonalData Masked(string? phone, string? email) =>
        new(phone is null ? null : PhoneNumber.Hide(phone), email is null ? null : EmailAddress.Hide(email));
}

/// <summary>A member's row as it is read for answers, with its figures at the instant of the read.</summary>
internal sealed record MemberView
{
    /// <summary>Points that lapse within this time are told apart.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public required TenantId Tenant { get; init; }

    public required MemberId Id { get; init; }

    public required string Code { get; init; }

    public required string ExternalId { get; init; }

    public required string? Nickname { get; init; }

    public required string Status { get; init; }

    public required Instant RegisteredAt { get; init; }

    public required string LevelCode { get; init; }

    public required Instant LevelSince { get; init; }

    /// <summary>Where a merged member has gone; 0 or null for others.</summary>
    public long? MergedInto { get; init; }

    /// <summary>Tags and groups as they are stored; null for none.</summary>
    public string? Tags { get; init; }

    /// <summary>What judges the level besides these figures, as it is stored; null for nothing.</summary>
    public required string? LevelState { get; init; }

    public required PointsFigures Figures { get; init; }

    /// <summary>The sum of all entries of points.</summary>
    public required long PointsBalance { get; init; }

    public required long Receivable { get; init; }

    public required long Growth { get; init; }

    public required long Balance { get; init; }

    public required long Lifetime { get; init; }

    public required long TotalOrders { get; init; }

    public required long TotalAmount { get; init; }

    /// <summary>Of the member's row.</summary>
    public required long Version { get; init; }

    /// <summary>No lot expires and no hold ends before this instant.</summary>
    public required Instant NextChangeAt { get; init; }

    /// <summary>From then on the same rows give other figures: a lot lapses, activates or lapses soon, or a hold ends.</summary>
    public required Instant ValidUntil { get; init; }

    /// <summary>Null where the member gave no phone and no e-mail.</summary>
    public SealedPersonalData? Personal { get; init; }

    /// <summary>Until when the stored figures are the figures to be shown, lots and holds unseen; null when these have to be looked at.</summary>
    public static Instant? UnchangedUntil(Instant nextChangeAt, Instant activationAtMax, Instant now) =>
        nextChangeAt <= now.Plus(Soon) || activationAtMax > now ? null : nextChangeAt.IsNever ? Instant.Never : nextChangeAt.Plus(-Soon);

    /// <summary>The member after a commit, told from the book alone; null when its lots have to be looked at.</summary>
    /// <remarks>Personal data is taken over, unless the command had to do with it.</remarks>
    public MemberView? After(MemberBook book, Instant now)
    {
        if (UnchangedUntil(book.Points.NextChangeAt, book.Points.ActivationAtMax, now) is not { } until)
        {
            return null;
        }

        return this with
        {
            ExternalId = book.Identity.ExternalId,
            Nickname = book.Identity.Nickname,
            Personal = PersonalAfter(book),
            Status = MemberKind.NameOf(book.Status),
            LevelCode = book.LevelCode,
            LevelSince = book.LevelSince,
            LevelState = book.LevelState.ToText(),
            Tags = book.Tags.ToText(),
            Figures = new PointsFigures
            {
                Available = book.Points.Balance - book.Points.Held,
                Pending = 0,
                Held = book.Points.Held,
                Debt = book.Points.Debt,
                Expiring30d = 0,
            },
            PointsBalance = book.Points.Balance,
            Receivable = book.Points.Receivable,
            Growth = book.Growth,
            Balance = book.Balance,
            Lifetime = book.Lifetime,
            TotalOrders = book.TotalOrders,
            TotalAmount = book.TotalAmount,
            Version = book.Version + 1,
            NextChangeAt = book.Points.NextChangeAt,
            ValidUntil = until,
        };
    }

    private SealedPersonalData? PersonalAfter(MemberBook book) =>
        book.HasPersonal && (book.Personal.IsLoaded || book.Personal.Current is not null) ? SealedPersonalData.Of(book.Personal.Current) : Personal;

    /// <summary>A book whose lots are all loaded, as a read at <paramref name="now"/> would show it.</summary>
    public static MemberView Of(MemberBook book, Instant now)
    {
        var soon = now.Plus(Soon);
        long pending = 0, lapsed = 0, expiring = 0;
        foreach (var lot in book.Points.Lots.Values)
        {
            pending += lot.ActiveAt > now ? lot.Free : 0;
            var end = book.Points.EndOf(lot);
            lapsed += end <= now ? lot.Free : 0;
            expiring += lot.ActiveAt <= now && now < end && end <= soon ? lot.Free : 0;
        }

        return new MemberView
        {
            Tenant = book.Identity.Tenant,
            Id = book.Identity.Id,
            Code = book.Identity.Code,
            ExternalId = book.Identity.ExternalId,
            Nickname = book.Identity.Nickname,
            Status = MemberKind.NameOf(book.Status),
            RegisteredAt = book.Identity.RegisteredAt,
            LevelCode = book.LevelCode,
            LevelSince = book.LevelSince,
            LevelState = book.LevelState.ToText(),
            Tags = book.Tags.ToText(),
            Figures = new PointsFigures
            {
                Available = book.Points.Balance - book.Points.Held - pending - lapsed,
                Pending = pending,
                Held = book.Points.Held,
                Debt = book.Points.Debt,
                Expiring30d = expiring,
            },
            PointsBalance = book.Points.Balance,
            Receivable = book.Points.Receivable,
            Growth = book.Growth,
            Balance = book.Balance,
            Lifetime = book.Lifetime,
            TotalOrders = book.TotalOrders,
            TotalAmount = book.TotalAmount,
            Version = book.Version + 1,
            NextChangeAt = book.Points.NextChangeAt,
            ValidUntil = now,
        };
    }
}

/// <summary>Personal data as it is stored.</summary>
/// <param name="Profile">Null until there is one.</param>
/// <param name="Version">Counts the changes of the profile.</param>
internal sealed record SealedPersonalData(byte[] WrappedKey, byte[]? Phone, byte[]? Email, byte[]? Profile, long Version)
{
    public static SealedPersonalData? Of(PersonalRecord? record) =>
        record is null ? null : new(record.WrappedKey, record.Phone, record.Email, record.Profile, record.Version);
}
