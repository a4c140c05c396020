using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Verification;

/// <summary>What opens the sealed values of an installation.</summary>
/// <param name="Vault">Opens what is under members' data keys.</param>
/// <param name="Secrets">Opens what is under the master keys.</param>
/// <param name="Columns">All that the master keys seal.</param>
public sealed record SealedValues(PersonalDataVault Vault, SecretVault Secrets, IReadOnlyList<SealedColumn> Columns);

/// <summary>Opens every sealed value with the key that its row names: I35.</summary>
/// <remarks>Nothing of what is opened is kept or shown.</remarks>
internal sealed class SealChecks(ReadSnapshot snapshot, Findings findings, SealedValues values)
{
    private const string Persons = "SELECT p.tenant_id, p.member_id, p.member_id, p.wrapped_key, p.phone, p.email, p.profile FROM personal_data p";

    private const string Addresses = """
        SELECT a.tenant_id, a.member_id, a.id, p.wrapped_key, a.sealed
        FROM member_addresses a JOIN personal_data p ON p.tenant_id = a.tenant_id AND p.member_id = a.member_id
        """;

    private const string Notes = """
        SELECT n.tenant_id, n.member_id, n.id, p.wrapped_key, n.sealed
        FROM member_notes n JOIN personal_data p ON p.tenant_id = n.tenant_id AND p.member_id = n.member_id
        """;

    // Of who has left they stay, and are noise.
    private const string Consents = """
        SELECT c.tenant_id, c.member_id, c.id, p.wrapped_key, c.origin
        FROM member_consents c JOIN personal_data p ON p.tenant_id = c.tenant_id AND p.member_id = c.member_id WHERE c.origin IS NOT NULL
        """;

    private const string RealNames = """
        SELECT r.tenant_id, r.id, r.id, p.wrapped_key, r.card, r.real_name
        FROM real_names r JOIN personal_data p ON p.tenant_id = r.tenant_id AND p.member_id = r.id WHERE r.card IS NOT NULL
        """;

    private const int FirstValue = 4;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var column in values.Columns)
        {
            await OpenSecretsAsync(column, cancellationToken);
        }

        await OpenPersonalAsync("personal_data", Persons, [PersonalField.Phone, PersonalField.Email, PersonalField.Profile], cancellationToken);
        await OpenPersonalAsync("member_addresses", Addresses, [PersonalField.Address], cancellationToken);
        await OpenPersonalAsync("member_notes", Notes, [PersonalField.Note], cancellationToken);
        await OpenPersonalAsync("member_consents", Consents, [PersonalField.Origin], cancellationToken);
        await OpenPersonalAsync("real_names", RealNames, [PersonalField.IdentityCard, PersonalField.RealName], cancellationToken);
    }

    private async Task OpenSecretsAsync(SealedColumn column, CancellationToken cancellationToken)
    {
        await using var rows = await snapshot.ReadAsync(column.AllValues, null, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            findings.Look(InvariantCode.I35);
            var (tenant, id) = (Convert.ToInt32(rows.GetValue(0), CultureInfo.InvariantCulture), rows.GetInt64(1));
            try
            {
                CryptographicOperations.ZeroMemory(values.Secrets.Open(new TenantId(tenant), column.Purpose, id, rows.GetFieldValue<byte[]>(2)));
            }
            catch (PersonalDataUnreadableException exception)
            {
                Report(tenant, 0, column.Table, id, $"{column.Name} under a master key that is here", exception);
            }
        }
    }

    /// <param name="fields">Of <see cref="PersonalField"/>, one for each value of a row.</param>
    private async Task OpenPersonalAsync(string table, string query, string[] fields, CancellationToken cancellationToken)
    {
        await using var rows = await snapshot.ReadAsync(query, null, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var (tenant, member, id) = (rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2));
            try
            {
                using var key = values.Vault.OpenKey(new TenantId(tenant), new MemberId(member), rows.GetFieldValue<byte[]>(FirstValue - 1));
                Open(rows, table, fields, key);
            }
            catch (PersonalDataUnreadableException)
            {
                // That the key itself does not open is told of once, among what the master keys seal.
            }
        }
    }

    private void Open(DbDataReader rows, string table, string[] fields, DataKey key)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (rows.IsDBNull(FirstValue + i))
            {
                continue;
            }

            findings.Look(InvariantCode.I35);
            try
            {
                key.Decrypt(fields[i], rows.GetFieldValue<byte[]>(FirstValue + i));
            }
            catch (PersonalDataUnreadableException exception)
            {
                Report(rows.GetInt32(0), rows.GetInt64(1), table, rows.GetInt64(2), $"{fields[i]} under the data key of its member", exception);
            }
        }
    }

    private void Report(int tenant, long member, string table, long id, string expected, PersonalDataUnreadableException exception) =>
        findings.Report(InvariantCode.I35, new Offence
        {
            Tenant = tenant,
            Member = member,
            Table = table,
            Id = id.ToString(CultureInfo.InvariantCulture),
            Expected = expected,
            Found = exception.Message,
        });
}
