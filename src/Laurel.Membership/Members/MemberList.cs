using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>Finds members by what callers know of them.</summary>
public sealed class MemberList(PersonalDataVault vault)
{
    private const string Page = "SELECT id FROM members WHERE tenant_id = @Tenant AND id > @After ORDER BY id LIMIT @Limit";

    private const string ByHandle = "SELECT root_id FROM natural_keys WHERE key_hash = @Key";

    private const string ByPhone = "SELECT member_id FROM personal_data WHERE tenant_id = @Tenant AND phone_index = @Index ORDER BY member_id LIMIT 200";

    private const string ByEmail = "SELECT member_id FROM personal_data WHERE tenant_id = @Tenant AND email_index = @Index ORDER BY member_id LIMIT 200";

    /// <summary>Ids in ascending order after one.</summary>
    public Task<IReadOnlyList<MemberId>> PageAsync(Database from, TenantId tenant, long after, int limit, CancellationToken cancellationToken) =>
        QueryAsync(from, Page, new { Tenant = tenant.Value, After = after, Limit = limit }, cancellationToken);

    public Task<IReadOnlyList<MemberId>> ByExternalIdAsync(Database from, TenantId tenant, string externalId, CancellationToken cancellationToken) =>
        QueryAsync(from, ByHandle, new { Key = MemberKind.HandleOf(tenant, externalId).ToBytes() }, cancellationToken);

    /// <summary>Members with that phone; none when it is no phone number.</summary>
    public async Task<IReadOnlyList<MemberId>> ByPhoneAsync(Database from, TenantId tenant, string phone, CancellationToken cancellationToken) =>
        PhoneNumber.Normalise(phone, out var normalised) is null
            ? await ByIndexAsync(from, ByPhone, tenant, PersonalField.Phone, normalised, cancellationToken)
            : [];

    /// <summary>Members with that e-mail address; none when it is no address.</summary>
    public async Task<IReadOnlyList<MemberId>> ByEmailAsync(Database from, TenantId tenant, string email, CancellationToken cancellationToken) =>
        EmailAddress.Normalise(email, out var normalised) is null
            ? await ByIndexAsync(from, ByEmail, tenant, PersonalField.Email, normalised, cancellationToken)
            : [];

    private Task<IReadOnlyList<MemberId>> ByIndexAsync(Database from, string sql, TenantId tenant, string field, string normalised, CancellationToken cancellationToken) =>
        QueryAsync(from, sql, new { Tenant = tenant.Value, Index = vault.BlindIndex(tenant, field, normalised).ToBytes() }, cancellationToken);

    private static async Task<IReadOnlyList<MemberId>> QueryAsync(Database from, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(cancellationToken);
        using var timed = from.Times.Begin("members.list");
        var ids = await session.Connection.QueryAsync<long>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
        return [.. ids.Select(id => new MemberId(id))];
    }
}
