using System.Globalization;
using System.Text.Json;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.Members;
using Laurel.Membership.Notes;
using Laurel.Membership.Statuses;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Profiles;

/// <summary>Everything that is kept of a person, in the open.</summary>
public sealed record MemberExport
{
    /// <summary>Standing and figures as of now; personal data in it is masked as everywhere, and stands in full below.</summary>
    public required MemberReply Member { get; init; }

    public required string? Phone { get; init; }

    public required string? Email { get; init; }

    public required string? RealName { get; init; }

    /// <summary>The number with which the real name was verified, or waits to be.</summary>
    public required string? IdentityCard { get; init; }

    public required string? Gender { get; init; }

    public required string? Birthday { get; init; }

    public required string? Avatar { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }

    public required PrivacyReply Privacy { get; init; }

    public required IReadOnlyList<AddressReply> Addresses { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ExportedConsent> Consents { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<StatusStep> StatusChanges { get; init; }

    /// <summary>What the staff has noted, newest first.</summary>
    public required IReadOnlyList<NoteReply> Notes { get; init; }

    /// <summary>Codes of tags and groups.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Where the rest is, page by page: movements, orders, coupons and what else the ledger has under the member's id.</summary>
    public required IReadOnlyList<string> More { get; init; }
}

/// <summary>A consent with what was told of its origin.</summary>
/// <param name="Origin">Null where it was not told.</param>
public sealed record ExportedConsent(ConsentReply Consent, string? Origin);

/// <summary>Gathers what is kept of a person, in the open.</summary>
/// <param name="addresses">Reads and opens addresses.</param>
/// <param name="notes">Reads and opens notes.</param>
/// <param name="vault">Opens the rest.</param>
public sealed class MemberExports(AddressQueries addresses, NoteQueries notes, PersonalDataVault vault)
{
    private const int RowsMax = 10_000;

    private const string Personal = """
        SELECT p.wrapped_key AS WrappedKey, p.phone AS Phone, p.email AS Email, p.profile AS Profile, r.card AS Card
        FROM personal_data p LEFT JOIN real_names r ON r.tenant_id = p.tenant_id AND r.id = p.member_id WHERE p.tenant_id = @Tenant AND p.member_id = @Member
        """;

    private sealed class Row
    {
        public required byte[] WrappedKey { get; init; }

        public byte[]? Phone { get; init; }

        public byte[]? Email { get; init; }

        public byte[]? Profile { get; init; }

        public byte[]? Card { get; init; }
    }

    /// <param name="member">As it is answered otherwise.</param>
    public async Task<MemberExport> OfAsync(Database from, TenantId tenant, MemberId id, MemberReply member, CancellationToken cancellationToken)
    {
        var consents = await ConsentQueries.AllAsync(from, tenant, id, RowsMax, cancellationToken);
        var steps = await StatusQueries.FindAsync(from, tenant, id, long.MaxValue, RowsMax, cancellationToken);
        var list = await addresses.ListAsync(from, tenant, id, inFull: true, cancellationToken);
        var noted = await notes.ListAsync(from, tenant, id, cancellationToken);
        var row = await PersonalAsync(from, tenant, id, cancellationToken);
        using var key = row is null ? null : vault.OpenKey(tenant, id, row.WrappedKey);
        var profile = key is null ? MemberProfile.Empty : MemberProfile.Open(key, row!.Profile);
        return new MemberExport
        {
            Member = member,
            Phone = row?.Phone is { } phone ? key!.Decrypt(PersonalField.Phone, phone) : null,
            Email = row?.Email is { } email ? key!.Decrypt(PersonalField.Email, email) : null,
            RealName = profile.RealName,
            IdentityCard = row?.Card is { } card ? key!.Decrypt(PersonalField.IdentityCard, card) : null,
            Gender = profile.Gender,
            Birthday = profile.Birthday?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Avatar = profile.Avatar,
            Attributes = profile.Attributes,
            Privacy = new PrivacyReply(profile.Searchable, profile.ShowBirthday),
            Addresses = list.Items,
            Consents = [.. consents.Select(one => new ExportedConsent(one.ToReply(), one.OriginBy(vault, tenant, id)))],
            StatusChanges = steps?.Items ?? [],
            Notes = noted.Items,
            Tags = member.Tags ?? [],
            More =
            [
                $"/api/points/records?memberId={id}",
                $"/api/members/{id}/points",
                $"/api/members/{id}/level",
                $"/api/members/{id}/benefits",
                $"/api/members/{id}/memberships",
                $"/api/members/{id}/coupons",
                $"/api/members/{id}/units",
                $"/api/balance/{id}/statement",
            ],
        };
    }

    /// <summary>A member as it is answered otherwise, with the personal data in the open.</summary>
    internal async Task<MemberReply> InFullAsync(Database from, TenantId tenant, MemberId id, MemberReply member, CancellationToken cancellationToken)
    {
        if (await PersonalAsync(from, tenant, id, cancellationToken) is not { } row)
        {
            return member;
        }

        using var key = vault.OpenKey(tenant, id, row.WrappedKey);
        var profile = MemberProfile.Open(key, row.Profile);
        return member with
        {
            Phone = row.Phone is { } phone ? key.Decrypt(PersonalField.Phone, phone) : null,
            Email = row.Email is { } email ? key.Decrypt(PersonalField.Email, email) : null,
            Profile = member.Profile is { } masked
                ? masked with { RealName = profile.RealName, Birthday = profile.Birthday?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) }
                : null,
        };
    }

    private static async Task<Row?> PersonalAsync(Database from, TenantId tenant, MemberId id, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.export");
        var arguments = new { Tenant = tenant.Value, Member = id.Value };
        return await session.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(Personal, arguments, cancellationToken: cancellationToken));
    }
}
