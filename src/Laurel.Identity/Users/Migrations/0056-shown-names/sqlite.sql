-- How it was shown that a name is its user's: chosen, code (ours), host (its word, beside a provider's) or provider. Names and places that nobody has go.
DELETE FROM sign_in_names WHERE user_id IS NULL;
DELETE FROM identity_card_uses WHERE member_id IS NULL;
ALTER TABLE sign_in_names ADD COLUMN shown_by TEXT NOT NULL DEFAULT 'code';
UPDATE sign_in_names SET shown_by = 'chosen' WHERE kind = 'username';
UPDATE sign_in_names SET shown_by = 'provider' WHERE kind NOT IN ('username', 'phone', 'email');

-- A number of who comes by a mini program may be WeChat's word alone, unless the user began with it and with nothing of a provider's.
UPDATE sign_in_names SET shown_by = 'provider' WHERE kind = 'phone'
    AND EXISTS (SELECT 1 FROM sign_in_names o WHERE o.tenant_id = sign_in_names.tenant_id AND o.user_id = sign_in_names.user_id AND o.kind = 'wechat_mini')
    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = sign_in_names.tenant_id AND u.id = sign_in_names.user_id AND u.created_at = sign_in_names.bound_at
        AND NOT EXISTS (SELECT 1 FROM sign_in_names o WHERE o.tenant_id = u.tenant_id AND o.user_id = u.id AND o.bound_at = u.created_at
            AND o.kind NOT IN ('username', 'phone', 'email')));
UPDATE sign_in_names SET shown_by = 'host' WHERE kind = 'phone' AND shown_by = 'provider' AND EXISTS (SELECT 1 FROM personal_data p
    WHERE p.tenant_id = sign_in_names.tenant_id AND p.member_id = sign_in_names.user_id AND p.phone_verified_at IS NOT NULL);

-- Sessions are of an epoch of their user, who ends them all by beginning another.
ALTER TABLE users ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN names_bound INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN seen_at INTEGER;
ALTER TABLE sessions ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET ended_for = 'revoked', ended_at = (SELECT u.signed_in_since FROM users u WHERE u.tenant_id = sessions.tenant_id AND u.id = sessions.user_id)
    WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = sessions.tenant_id AND u.id = sessions.user_id AND u.signed_in_since > sessions.created_at);
UPDATE users SET names_bound = (SELECT COUNT(*) FROM sign_in_names n WHERE n.tenant_id = users.tenant_id AND n.user_id = users.id);
UPDATE users SET seen_at = last_login_at;
UPDATE users SET seen_at = (SELECT MAX(s.used_at) FROM sessions s WHERE s.tenant_id = users.tenant_id AND s.user_id = users.id)
    WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.tenant_id = users.tenant_id AND s.user_id = users.id AND s.used_at > COALESCE(users.seen_at, 0));
