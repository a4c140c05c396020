using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Addresses;

/// <summary>What <c>POST</c> and <c>PUT /api/addresses</c> ask for.</summary>
public sealed record AddressBody
{
    public const int NameLengthMax = 50;

    public const int AddressLengthMax = 200;

    public const int PostalCodeLengthMax = 10;

    public const int TagLengthMax = 20;

    /// <summary>The recipient.</summary>
    public required string Name { get; init; }

    public required string Phone { get; init; }

    public required string Province { get; init; }

    public required string City { get; init; }

    public required string District { get; init; }

    /// <summary>Street and number.</summary>
    public required string Address { get; init; }

    public string? PostalCode { get; init; }

    /// <summary>In the member's words: home, office.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether it becomes the default; the first is it anyway.</summary>
    public bool IsDefault { get; init; }

    internal static (AddressText Text, bool IsDefault) Read(JsonFields fields)
    {
        var text = new AddressText
        {
            Name = fields.Identifier("name", NameLengthMax),
            Phone = Members.RegisterMemberBody.PhoneOrNull(fields) ?? "",
            Province = fields.Identifier("province", NameLengthMax),
            City = fields.Identifier("city", NameLengthMax),
            District = fields.Identifier("district", NameLengthMax),
            Address = fields.Identifier("address", AddressLengthMax),
            PostalCode = fields.IdentifierOrNull("postalCode", PostalCodeLengthMax),
            Tag = fields.IdentifierOrNull("tag", TagLengthMax),
        };
        if (!fields.Has("phone"))
        {
            fields.Fail("phone", Platform.Errors.FieldErrorCode.Required);
        }

        var isDefault = fields.Flag("isDefault", byDefault: false);
        fields.RefuseUnknown();
        return (text, isDefault);
    }
}

/// <summary>An address as an answer shows it.</summary>
public sealed record AddressReply
{
    public required string Id { get; init; }

    /// <summary>The recipient; masked where the caller may not see personal data in full.</summary>
    public required string Name { get; init; }

    /// <summary>Masked as the name is.</summary>
    public required string Phone { get; init; }

    public required string Province { get; init; }

    public required string City { get; init; }

    public required string District { get; init; }

    /// <summary>Masked as the name is.</summary>
    public required string Address { get; init; }

    public required string? PostalCode { get; init; }

    public required string? Tag { get; init; }

    public required bool IsDefault { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>The addresses of a member.</summary>
public sealed record AddressList
{
    /// <summary>The default first, then the newest.</summary>
    public required IReadOnlyList<AddressReply> Items { get; init; }
}

/// <summary>Reads addresses.</summary>
/// <param name="vault">Opens what they say.</param>
public sealed class AddressQueries(PersonalDataVault vault)
{
    private const string OfMember = """
        SELECT a.id AS Id, a.sealed AS Sealed, a.is_default AS IsDefault, a.created_at AS CreatedAt, a.updated_at AS UpdatedAt, p.wrapped_key AS WrappedKey
        FROM member_addresses a JOIN personal_data p ON p.tenant_id = a.tenant_id AND p.member_id = a.member_id
        WHERE a.tenant_id = @Tenant AND a.member_id = @Member ORDER BY a.is_default DESC, a.id DESC
        """;

    private sealed class Row
    {
        public long Id { get; init; }

        public required byte[] Sealed { get; init; }

        public int IsDefault { get; init; }

        public long CreatedAt { get; init; }

        public long UpdatedAt { get; init; }

        public required byte[] WrappedKey { get; init; }
    }

    /// <param name="inFull">Whether name, phone and street are shown as they are.</param>
    public async Task<AddressList> ListAsync(Database from, TenantId tenant, MemberId member, bool inFull, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.addresses");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(OfMember, arguments, cancellationToken: cancellationToken))).AsList();
        if (rows.Count == 0)
        {
            return new AddressList { Items = [] };
        }

        using var key = vault.OpenKey(tenant, member, rows[0].WrappedKey);
        return new AddressList { Items = [.. rows.Select(row => ReplyOf(row, AddressText.Open(key, row.Sealed), inFull))] };
    }

    private static AddressReply ReplyOf(Row row, AddressText text, bool inFull) => new()
    {
        Id = row.Id.ToString(CultureInfo.InvariantCulture),
        Name = inFull ? text.Name : ProfileReply.HideName(text.Name),
        Phone = inFull ? text.Phone : PhoneNumber.Hide(text.Phone),
        Province = text.Province,
        City = text.City,
        District = text.District,
        Address = inFull ? text.Address : "****",
        PostalCode = text.PostalCode,
        Tag = text.Tag,
        IsDefault = row.IsDefault == 1,
        CreatedAt = new Instant(row.CreatedAt).ToDateTimeOffset(),
        UpdatedAt = new Instant(row.UpdatedAt).ToDateTimeOffset(),
    };
}
