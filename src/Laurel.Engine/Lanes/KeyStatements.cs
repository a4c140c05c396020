using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>The mark of a batch.</summary>
/// <param name="Voided">Written by the engine in the batch's place: it was not committed and never can be.</param>
internal readonly record struct CommitRow(long BatchId, Instant At, bool Voided);

/// <summary>A reply in the month, or in one of the two months, that it is kept under.</summary>
internal readonly record struct ReplyRow(FrozenReply Reply, Month Month)
{
    /// <summary>Longer than a transaction lasts and clocks of nodes differ, taken together.</summary>
    public static readonly TimeSpan NearEdge = TimeSpan.FromMinutes(5);

    /// <summary>The rows of replies that are frozen now, in the order of their keys.</summary>
    /// <remarks>A key is unique within a month only, since that is what the table is divided by. So near the edge of two months a reply is
    /// kept under both: of two nodes that freeze the same key at once, one on each side, one meets the other's row.</remarks>
    public static IReadOnlyList<ReplyRow> Of(IReadOnlyList<FrozenReply> replies, Instant now)
    {
        var (first, last) = (Month.Of(now.Plus(-NearEdge)), Month.Of(now.Plus(NearEdge)));
        var rows = new List<ReplyRow>(replies.Count);
        foreach (var reply in replies)
        {
            rows.Add(new ReplyRow(reply, first));
            if (last != first)
            {
                rows.Add(new ReplyRow(reply, last));
            }
        }

        return rows;
    }
}

/// <summary>The SQL of the key tables: commits, natural keys and frozen replies, found by their keys.</summary>
internal static class KeyStatements
{
    /// <summary>Marks a batch as committed. Inserted first, so that after a lost connection the same insert on a new one
    /// waits for the old transaction and then tells its fate.</summary>
    public static readonly SetStatement<CommitRow> InsertCommit = Statements.Insert("commits",
        Column<CommitRow>.Int64("batch_id", r => r.BatchId),
        Column<CommitRow>.Instant("created_at", r => r.At),
        Column<CommitRow>.Flag("voided", r => r.Voided));

    /// <summary>Removes marks that no inquiry will ask for any more, a bounded number at a time.</summary>
    public static readonly SetStatement<long> PruneCommits = new(
        sqlite: "DELETE FROM commits WHERE batch_id IN (SELECT batch_id FROM commits WHERE batch_id < $1 ORDER BY batch_id LIMIT 4096)",
        postgres: """
            DELETE FROM commits c USING unnest($1) wanted (before)
            WHERE c.batch_id = ANY (ARRAY(SELECT o.batch_id FROM commits o WHERE o.batch_id < wanted.before ORDER BY o.batch_id LIMIT 4096))
            """,
        mySql: "DELETE FROM commits WHERE batch_id < $1 ORDER BY batch_id LIMIT 4096",
        Column<long>.Int64("before", r => r));

    public static readonly SetStatement<long> FindCommit = Statements.Find("c.voided", "commits c", "",
        Column<long>.Int64("batch_id", r => r));

    public static readonly SetStatement<Hash128> FindNaturalKeys = Statements.Find(
        "n.key_hash, n.content_hash, n.root_id, n.first_id, n.last_id", "natural_keys n", "",
        Column<Hash128>.Hash("key_hash", r => r));

    public static readonly SetStatement<NaturalKey> InsertNaturalKeys = Statements.Insert("natural_keys",
        Column<NaturalKey>.Hash("key_hash", r => r.Key),
        Column<NaturalKey>.Hash("content_hash", r => r.Content),
        Column<NaturalKey>.Int64("root_id", r => r.RootId),
        Column<NaturalKey>.Int64("first_id", r => r.FirstId),
        Column<NaturalKey>.Int64("last_id", r => r.LastId));

    public static readonly SetStatement<Hash128> FindReplies = Statements.Find(
        "r.key_hash, r.request_hash, r.applied, r.root_id, r.body, r.created_at", "replies r", "",
        Column<Hash128>.Hash("key_hash", r => r));

    public static readonly SetStatement<ReplyRow> InsertReplies = Statements.Insert("replies",
        Column<ReplyRow>.Hash("key_hash", r => r.Reply.Key),
        Column<ReplyRow>.Int32("month", r => r.Month.Number),
        Column<ReplyRow>.Hash("request_hash", r => r.Reply.Request),
        Column<ReplyRow>.Flag("applied", r => r.Reply.Applied),
        Column<ReplyRow>.Int64("root_id", r => r.Reply.RootId),
        Column<ReplyRow>.Bytes("body", r => r.Reply.Body),
        Column<ReplyRow>.Instant("created_at", r => r.Reply.CreatedAt));

    public static NaturalKey ReadNaturalKey(SqlRow row) =>
        new(row.Hash(0), row.Hash(1), row.Int64(2), row.Int64(3), row.Int64(4));

    public static FrozenReply ReadReply(SqlRow row) =>
        new(row.Hash(0), row.Hash(1), row.Flag(2), row.Int64(3), row.Bytes(4), row.Instant(5));
}
