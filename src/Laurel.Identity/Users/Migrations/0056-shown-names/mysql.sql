-- How it was shown that a name is its user's: chosen, code (ours), host (its word, beside a provider's) or provider. Names and places that nobody has go.
DELETE FROM sign_in_names WHERE user_id IS NULL;
DELETE FROM identity_card_uses WHERE member_id IS NULL;
ALTER TABLE sign_in_names ADD COLUMN shown_by VARCHAR(32) NOT NULL DEFAULT 'code';
UPDATE sign_in_names SET shown_by = 'chosen' WHERE kind = 'username';
UPDATE sign_in_names SET shown_by = 'provider' WHERE kind NOT IN ('username', 'phone', 'email');

-- A number of who comes by a mini program may be WeChat's word alone, unless the user began with it and with nothing of a provider's.
UPDATE sign_in_names n
JOIN sign_in_names w ON w.tenant_id = n.tenant_id AND w.user_id = n.user_id AND w.kind = 'wechat_mini'
JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id
LEFT JOIN sign_in_names o ON o.tenant_id = u.tenant_id AND o.user_id = u.id AND o.bound_at = u.created_at AND o.kind NOT IN ('username', 'phone', 'email')
SET n.shown_by = 'provider' WHERE n.kind = 'phone' AND (u.created_at <> n.bound_at OR o.id IS NOT NULL);
UPDATE sign_in_names n JOIN personal_data p ON p.tenant_id = n.tenant_id AND p.member_id = n.user_id AND p.phone_verified_at IS NOT NULL
SET n.shown_by = 'host' WHERE n.kind = 'phone' AND n.shown_by = 'provider';

-- Sessions are of an epoch of their user, who ends them all by beginning another.
ALTER TABLE users ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0, ADD COLUMN names_bound BIGINT NOT NULL DEFAULT 0, ADD COLUMN seen_at BIGINT;
ALTER TABLE sessions ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
UPDATE sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
SET s.ended_for = 'revoked', s.ended_at = u.signed_in_since WHERE s.ended_at IS NULL AND u.signed_in_since > s.created_at;
UPDATE users u SET names_bound = (SELECT COUNT(*) FROM sign_in_names n WHERE n.tenant_id = u.tenant_id AND n.user_id = u.id), seen_at = last_login_at;
UPDATE users u JOIN (SELECT tenant_id, user_id, MAX(used_at) AS used_at FROM sessions GROUP BY tenant_id, user_id) s ON s.tenant_id = u.tenant_id AND s.user_id = u.id
SET u.seen_at = s.used_at WHERE s.used_at > COALESCE(u.seen_at, 0);
