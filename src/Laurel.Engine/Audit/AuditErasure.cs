using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>What of the audit goes when a member is erased.</summary>
public static class AuditErasure
{
    /// <summary>Takes what stands for a member's addresses out of the index, so that no search leads from an address to who has left. Sealed records keep
    /// it; without the key it says nothing.</summary>
    public static readonly SetStatement<(TenantId Tenant, long Member)> ForgetAddresses = new(
        sqlite: "UPDATE audit_acts SET address = NULL WHERE tenant_id = $1 AND member_id = $2 AND address LIKE '~%'",
        postgres: """
            UPDATE audit_acts a SET address = NULL FROM unnest($1, $2) k (tenant_id, member_id)
            WHERE a.tenant_id = k.tenant_id AND a.member_id = k.member_id AND a.address LIKE '~%'
            """,
        Column<(TenantId Tenant, long Member)>.Int32("tenant_id", key => key.Tenant.Value),
        Column<(TenantId Tenant, long Member)>.Int64("member_id", key => key.Member));

    /// <summary>As <see cref="ForgetAddresses"/>, of what the member did where no member stands: signing in, and its own sign-in names.</summary>
    public static readonly SetStatement<(TenantId Tenant, long Member)> ForgetOwnAddresses = new(
        sqlite: "UPDATE audit_acts SET address = NULL WHERE tenant_id = $1 AND operator = $2 AND address LIKE '~%'",
        postgres: """
            UPDATE audit_acts a SET address = NULL FROM unnest($1, $2) k (tenant_id, operator)
            WHERE a.tenant_id = k.tenant_id AND a.operator = k.operator AND a.address LIKE '~%'
            """,
        Column<(TenantId Tenant, long Member)>.Int32("tenant_id", key => key.Tenant.Value),
        Column<(TenantId Tenant, long Member)>.Text("operator", key => new Origin(OperatorKind.Member, key.Member.ToString(CultureInfo.InvariantCulture)).Operator));
}
