using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.ApiKeys;

/// <summary>When each API key was last used and how often: written behind, so that a call costs no write.</summary>
public static class ApiKeyUses
{
    /// <summary>How often it is written down.</summary>
    public static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(15);

    /// <summary>Adds uses to what is stored of a key, and keeps the later of two times.</summary>
    public static readonly SetStatement<Activity<Hash128>> Add = new(
        sqlite: """
            INSERT INTO api_key_uses (key_id, last_used_at, uses) VALUES ($1, $2, $3)
            ON CONFLICT (key_id) DO UPDATE SET last_used_at = MAX(last_used_at, excluded.last_used_at), uses = uses + excluded.uses
            """,
        postgres: """
            INSERT INTO api_key_uses (key_id, last_used_at, uses) SELECT * FROM unnest($1, $2, $3)
            ON CONFLICT (key_id) DO UPDATE SET last_used_at = GREATEST(api_key_uses.last_used_at, excluded.last_used_at), uses = api_key_uses.uses + excluded.uses
            """,
        mySql: """
            INSERT INTO api_key_uses (key_id, last_used_at, uses) SELECT UNHEX(k.key_id), k.last_used_at, k.uses FROM {rows} k
            ON DUPLICATE KEY UPDATE last_used_at = GREATEST(api_key_uses.last_used_at, k.last_used_at), uses = api_key_uses.uses + k.uses
            """,
        Column<Activity<Hash128>>.Hash("key_id", activity => activity.Key),
        Column<Activity<Hash128>>.Instant("last_used_at", activity => activity.LastAt),
        Column<Activity<Hash128>>.Int64("uses", activity => activity.Count));
}
