using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Looks at checks of real names, and the places of identity cards: I34.</summary>
internal sealed class RealNameChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string CountChecks = "SELECT COUNT(*) FROM real_names";

    private const string FindOffences = """
        SELECT r.tenant_id AS Tenant, 'real_names' AS Held, r.id AS Id, 'a member whose person is known' AS Expected FROM real_names r
        WHERE NOT EXISTS (SELECT 1 FROM personal_data p WHERE p.tenant_id = r.tenant_id AND p.member_id = r.id)
        UNION ALL SELECT r.tenant_id, 'real_names', r.id, 'a number and a name while they wait or are verified, and neither otherwise' FROM real_names r
        WHERE (r.state IN ('pending', 'verified')) <> (r.card IS NOT NULL) OR (r.card IS NULL) <> (r.card_index IS NULL) OR (r.card IS NULL) <> (r.real_name IS NULL)
        UNION ALL SELECT r.tenant_id, 'real_names', r.id, 'a place of its card' FROM real_names r
        WHERE (r.state = 'verified' AND r.card_use IS NULL) OR (r.state NOT IN ('pending', 'verified') AND r.card_use IS NOT NULL)
        UNION ALL SELECT r.tenant_id, 'identity_card_uses', r.card_use, 'the member that it verifies' FROM real_names r
        WHERE r.card_use IS NOT NULL AND NOT EXISTS (SELECT 1 FROM identity_card_uses u
            WHERE u.tenant_id = r.tenant_id AND u.id = r.card_use AND u.member_id = r.id AND (r.state <> 'verified' OR u.card_index = r.card_index))
        UNION ALL SELECT u.tenant_id, 'identity_card_uses', u.id, 'a member that has it' FROM identity_card_uses u
        WHERE NOT EXISTS (SELECT 1 FROM real_names r WHERE r.tenant_id = u.tenant_id AND r.id = u.member_id AND r.card_use = u.id)
        """;

    public Task RunAsync(CancellationToken cancellationToken) => new RowOffences(snapshot, findings).RunAsync(InvariantCode.I34, CountChecks, FindOffences, cancellationToken);
}
