using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>The mark of a batch.</summary>
/// <param name="Voided">Written by the engine in the batch's place: it was not committed and never can be.</param>
internal readonly record struct CommitRow(long BatchId, Instant At, bool Voided);

/// <summary>The SQL of the key tables: commits, natural keys and frozen replies. One row each, found by primary key.</summary>
internal static class KeyStatements
{
    /// <summary>Marks a batch as committed. Inserted first, so that after a lost connection the same insert on a new one
    /// waits for the old transaction and then tells its fate.</summary>
    public static readonly SetStatement<CommitRow> InsertCommit = new(
        sqlite: "INSERT INTO commits (batch_id, created_at, voided) VALUES ($1, $2, $3)",
        postgres: "INSERT INTO commits (batch_id, created_at, voided) SELECT * FROM unnest($1, $2, $3)",
        Column<CommitRow>.Int64(r => r.BatchId),
        Column<CommitRow>.Instant(r => r.At),
        Column<CommitRow>.Int32(r => r.Voided ? 1 : 0));

    /// <summary>Removes marks that no inquiry will ask for any more, a bounded number at a time.</summary>
    public static readonly SetStatement<long> PruneCommits = new(
        sqlite: "DELETE FROM commits WHERE batch_id IN (SELECT batch_id FROM commits WHERE batch_id < $1 ORDER BY batch_id LIMIT 4096)",
        postgres: """
            DELETE FROM commits c USING unnest($1) wanted (before)
            WHERE c.batch_id = ANY (ARRAY(SELECT o.batch_id FROM commits o WHERE o.batch_id < wanted.before ORDER BY o.batch_id LIMIT 4096))
            """,
        Column<long>.Int64(r => r));

    public static readonly SetStatement<long> FindCommit = new(
        sqlite: "SELECT voided FROM commits WHERE batch_id = $1",
        postgres: "SELECT c.voided FROM unnest($1) wanted (batch_id) JOIN commits c USING (batch_id)",
        Column<long>.Int64(r => r));

    public static readonly SetStatement<Hash128> FindNaturalKeys = new(
        sqlite: "SELECT key_hash, content_hash, root_id, first_id, last_id FROM natural_keys WHERE key_hash = $1",
        postgres: """
            SELECT k.key_hash, k.content_hash, k.root_id, k.first_id, k.last_id
            FROM unnest($1) wanted (key_hash) JOIN natural_keys k USING (key_hash)
            """,
        Column<Hash128>.Hash(r => r));

    public static readonly SetStatement<NaturalKey> InsertNaturalKeys = new(
        sqlite: "INSERT INTO natural_keys (key_hash, content_hash, root_id, first_id, last_id) VALUES ($1, $2, $3, $4, $5)",
        postgres: "INSERT INTO natural_keys (key_hash, content_hash, root_id, first_id, last_id) SELECT * FROM unnest($1, $2, $3, $4, $5)",
        Column<NaturalKey>.Hash(r => r.Key),
        Column<NaturalKey>.Hash(r => r.Content),
        Column<NaturalKey>.Int64(r => r.RootId),
        Column<NaturalKey>.Int64(r => r.FirstId),
        Column<NaturalKey>.Int64(r => r.LastId));

    public static readonly SetStatement<Hash128> FindReplies = new(
        sqlite: "SELECT key_hash, request_hash, applied, root_id, body, created_at FROM replies WHERE key_hash = $1",
        postgres: """
            SELECT r.key_hash, r.request_hash, r.applied, r.root_id, r.body, r.created_at
            FROM unnest($1) wanted (key_hash) JOIN replies r USING (key_hash)
            """,
        Column<Hash128>.Hash(r => r));

    public static readonly SetStatement<FrozenReply> InsertReplies = new(
        sqlite: "INSERT INTO replies (key_hash, request_hash, applied, root_id, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        postgres: "INSERT INTO replies (key_hash, request_hash, applied, root_id, body, created_at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
        Column<FrozenReply>.Hash(r => r.Key),
        Column<FrozenReply>.Hash(r => r.Request),
        Column<FrozenReply>.Int32(r => r.Applied ? 1 : 0),
        Column<FrozenReply>.Int64(r => r.RootId),
        Column<FrozenReply>.Bytes(r => r.Body),
        Column<FrozenReply>.Instant(r => r.CreatedAt));

    public static NaturalKey ReadNaturalKey(SqlRow row) =>
        new(row.Hash(0), row.Hash(1), row.Int64(2), row.Int64(3), row.Int64(4));

    public static FrozenReply ReadReply(SqlRow row) =>
        new(row.Hash(0), row.Hash(1), row.Flag(2), row.Int64(3), row.Bytes(4), row.Instant(5));
}
