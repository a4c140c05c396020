using System.Globalization;
using System.Text.Json.Serialization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Profiles;

/// <summary>What a member agreed to, or withdrew.</summary>
/// <param name="Purpose">A code of the shop's: <c>privacy_policy</c>, <c>marketing_sms</c> …</param>
/// <param name="TextVersion">Which version of the text the member saw.</param>
/// <param name="Given">False withdraws.</param>
/// <param name="Actor">Who told it: the name of the key, or the user's id.</param>
/// <param name="Origin">From where: an address, a device, a till; null where it was not told. Kept sealed.</param>
public sealed record ConsentGiven(string Purpose, string TextVersion, bool Given, string Actor, string? Origin);

/// <summary>What <c>POST /api/members/{id}/consents</c> asks for.</summary>
public sealed record ConsentBody
{
    public const int TextVersionLengthMax = 64;

    public const int OriginLengthMax = 255;

    /// <summary>A lower-case code: <c>privacy_policy</c>, <c>marketing_sms</c> …</summary>
    public required string Purpose { get; init; }

    /// <summary>Which version of the text the member saw.</summary>
    public required string TextVersion { get; init; }

    /// <summary>Whether it is given; false withdraws it.</summary>
    public required bool Given { get; init; }

    /// <summary>From where it was given; for a member who has signed in, the address of the call when absent. Kept encrypted.</summary>
    public string? Origin { get; init; }
}

/// <summary>A consent, or its withdrawal.</summary>
public sealed record ConsentReply
{
    public required string Id { get; init; }

    public required string Purpose { get; init; }

    public required string TextVersion { get; init; }

    public required bool Given { get; init; }

    /// <summary>Who told it.</summary>
    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Whether it was told from where. That itself is in the export of the member.</summary>
    public required bool HasOrigin { get; init; }
}

/// <summary>What a member agreed to and withdrew.</summary>
public sealed record ConsentPage
{
    /// <summary>The last word on each purpose; not told on later pages.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ConsentReply>? Current { get; init; }

    /// <summary>All of them, newest first.</summary>
    public required IReadOnlyList<ConsentReply> Items { get; init; }

    /// <summary>Give it back as <c>cursor</c> for the next page; null on the last.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>Notes what a member agrees to, or withdraws. Each is a row for good.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a cancelled member).</remarks>
public sealed class GiveConsent(TenantId tenant, MemberReference member, ConsentGiven consent, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    internal sealed record Row(int Tenant, long Member, long Id, ConsentGiven Consent, byte[]? Origin, Instant At);

    private static readonly SetStatement<Row> s_insert = Statements.Insert("member_consents",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Text("purpose", r => r.Consent.Purpose),
        Column<Row>.Text("text_version", r => r.Consent.TextVersion),
        Column<Row>.Flag("given", r => r.Consent.Given),
        Column<Row>.Text("actor", r => r.Consent.Actor),
        Column<Row>.Bytes("origin", r => r.Origin),
        Column<Row>.Instant("given_at", r => r.At));

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The same consent may be given as often as it is asked for.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (consent.Origin is not null)
        {
            Books.HasPersonal(book, plan);
        }
    }

    protected override Cause CauseOf() => new("Consent", "member", "consent");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (book.Status == MemberStatus.Cancelled)
        {
            return Refuse(ErrorCode.MemberInactive, ("status", MemberKind.NameOf(book.Status)));
        }

        byte[]? origin = null;
        if (consent.Origin is { } from)
        {
            if (!Books.HasPersonal(book, plan))
            {
                return Decision.NeedMore.Instance;
            }

            using var key = PersonalKey.Of(Books.Vault, book, out var wrapped);
            book.Personal.Set(book.Personal.Current ?? new PersonalRecord(wrapped));
            origin = key.Encrypt(PersonalField.Origin, from);
        }

        var row = Insert(posting, consent, origin);
        var reply = new ConsentReply
        {
            Id = row.Id.ToString(CultureInfo.InvariantCulture),
            Purpose = consent.Purpose,
            TextVersion = consent.TextVersion,
            Given = consent.Given,
            By = consent.Actor,
            At = row.At.ToDateTimeOffset(),
            HasOrigin = origin is not null,
        };
        return new Decision.Apply(reply, book.Identity.Id.Value, 0, 0);
    }

    /// <param name="origin">As it is sealed.</param>
    internal static Row Insert(Posting posting, ConsentGiven consent, byte[]? origin)
    {
        var identity = posting.Book.Identity;
        var row = new Row(identity.Tenant.Value, identity.Id.Value, posting.DrawId(), consent, origin, posting.Time);
        posting.Draft.Insert(s_insert, row);
        return row;
    }
}

/// <summary>Reads consents.</summary>
public static class ConsentQueries
{
    private const string Columns = """
        SELECT c.id AS Id, c.purpose AS Purpose, c.text_version AS TextVersion, c.given AS Given, c.actor AS Actor, c.given_at AS GivenAt, c.origin AS Origin
        FROM member_consents c WHERE c.tenant_id = @Tenant AND c.member_id = @Member
        """;

    private const string Newest = Columns + " AND c.id < @Before ORDER BY c.id DESC LIMIT @Limit";

    // With the key that it is sealed by, from one moment: a key is renewed together with what it has sealed.
    private const string Whole = """
        SELECT c.id AS Id, c.purpose AS Purpose, c.text_version AS TextVersion, c.given AS Given, c.actor AS Actor, c.given_at AS GivenAt, c.origin AS Origin,
            p.wrapped_key AS WrappedKey
        FROM member_consents c LEFT JOIN personal_data p ON p.tenant_id = c.tenant_id AND p.member_id = c.member_id
        WHERE c.tenant_id = @Tenant AND c.member_id = @Member ORDER BY c.id DESC LIMIT @Limit
        """;

    private const string Current = Columns + """
         AND c.id = (SELECT MAX(o.id) FROM member_consents o WHERE o.tenant_id = @Tenant AND o.member_id = @Member AND o.purpose = c.purpose)
        ORDER BY c.purpose
        """;

    /// <summary>A consent as it is stored.</summary>
    internal sealed class Row
    {
        public long Id { get; init; }

        public required string Purpose { get; init; }

        public required string TextVersion { get; init; }

        public int Given { get; init; }

        public required string Actor { get; init; }

        public long GivenAt { get; init; }

        public byte[]? Origin { get; init; }

        /// <summary>The member's data key; null where nothing is kept of the person any more, or it was not asked for.</summary>
        public byte[]? WrappedKey { get; init; }

        /// <summary>From where it was given; null where that was not told, or nobody can read it any more.</summary>
        public string? OriginBy(PersonalDataVault vault, TenantId tenant, MemberId member)
        {
            if (Origin is null || WrappedKey is null)
            {
                return null;
            }

            using var key = vault.OpenKey(tenant, member, WrappedKey);
            return key.Decrypt(PersonalField.Origin, Origin);
        }

        public ConsentReply ToReply() => new()
        {
            Id = Id.ToString(CultureInfo.InvariantCulture),
            Purpose = Purpose,
            TextVersion = TextVersion,
            Given = Given == 1,
            By = Actor,
            At = new Instant(GivenAt).ToDateTimeOffset(),
            HasOrigin = Origin is not null,
        };
    }

    /// <summary>All of them as they are stored, newest first.</summary>
    internal static async Task<IReadOnlyList<Row>> AllAsync(Database from, TenantId tenant, MemberId member, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.consents");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Limit = limit };
        return (await session.Connection.QueryAsync<Row>(new CommandDefinition(Whole, arguments, cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">Only those with a smaller id; null begins with the newest, and tells the last word on each purpose too.</param>
    public static async Task<ConsentPage> PageAsync(Database from, TenantId tenant, MemberId member, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.consents");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Before = before ?? long.MaxValue, Limit = limit + 1 };
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(Newest, arguments, cancellationToken: cancellationToken))).AsList();
        var current = before is null ? await session.Connection.QueryAsync<Row>(new CommandDefinition(Current, arguments, cancellationToken: cancellationToken)) : null;
        return new ConsentPage
        {
            Current = current?.Select(row => row.ToReply()).ToList(),
            Items = [.. rows.Take(limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > limit ? Cursor.Write(rows[limit - 1].Id) : null,
        };
    }
}
