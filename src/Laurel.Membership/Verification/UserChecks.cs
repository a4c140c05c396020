using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Looks at who signs in: I28.</summary>
/// <remarks>The tables are of the room above this one; what they hold is proved where everything is.</remarks>
internal sealed class UserChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string CountUsers = "SELECT COUNT(*) FROM users";

    private const string FindOffences = """
        SELECT u.tenant_id AS Tenant, 'users' AS Held, u.id AS Id, 'a member of this id' AS Expected FROM users u
        WHERE u.is_member = 1 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = u.tenant_id AND m.id = u.id)
        UNION ALL SELECT u.tenant_id, 'users', u.id, 'a time of its password, or neither' FROM users u
        WHERE (u.password_hash IS NULL) <> (u.password_at IS NULL)
        UNION ALL SELECT u.tenant_id, 'users', u.id, 'one to eight hands of whoever made it, or none' FROM users u
        WHERE LENGTH(u.made_by) NOT IN (16, 32, 48, 64, 80, 96, 112, 128) OR LENGTH(u.role_given_by) NOT IN (16, 32, 48, 64, 80, 96, 112, 128)
        UNION ALL SELECT u.tenant_id, 'sign_in_names', u.id, 'a name to sign in with' FROM users u
        WHERE NOT EXISTS (SELECT 1 FROM sign_in_names n
            WHERE n.tenant_id = u.tenant_id AND n.user_id = u.id AND NOT (n.kind IN ('phone', 'email') AND n.shown_by = 'provider'))
        UNION ALL SELECT u.tenant_id, 'users', u.id, 'a count of all names that it was given' FROM users u
        WHERE u.names_bound < (SELECT COUNT(*) FROM sign_in_names n WHERE n.tenant_id = u.tenant_id AND n.user_id = u.id)
        UNION ALL SELECT n.tenant_id, 'sign_in_names', n.id, 'one by whom it was shown, as fits its kind' FROM sign_in_names n
        WHERE NOT (CASE n.kind WHEN 'username' THEN n.shown_by = 'chosen' WHEN 'phone' THEN n.shown_by IN ('code', 'host', 'provider')
            WHEN 'email' THEN n.shown_by = 'code' ELSE n.shown_by = 'provider' END)
        UNION ALL SELECT n.tenant_id, 'sign_in_names', n.id, 'a user who is there' FROM sign_in_names n
        WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = n.tenant_id AND u.id = n.user_id)
        UNION ALL SELECT s.tenant_id, 'sessions', s.id, 'a user who is there' FROM sessions s
        WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = s.tenant_id AND u.id = s.user_id)
        UNION ALL SELECT s.tenant_id, 'sessions', s.id, 'an epoch that its user has reached' FROM sessions s
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE s.epoch > u.epoch OR s.epoch < 0
        UNION ALL SELECT s.tenant_id, 'sessions', s.id, 'an end with a reason, or neither' FROM sessions s
        WHERE (s.ended_at IS NULL) <> (s.ended_for IS NULL)
        """;

    public Task RunAsync(CancellationToken cancellationToken) => new RowOffences(snapshot, findings).RunAsync(InvariantCode.I28, CountUsers, FindOffences, cancellationToken);
}
