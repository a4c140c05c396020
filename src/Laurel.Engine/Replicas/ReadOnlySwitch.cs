using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Replicas;

/// <summary>The switch by which an administrator stops all writes, on every node. Nodes read it about once a second.</summary>
public static class ReadOnlySwitch
{
    public const int ReasonLengthMax = 500;

    private sealed record Row(bool ReadOnly, string Reason, string SetBy, Instant SetAt);

    private static readonly SetStatement<Row> s_write = new(
        sqlite: "UPDATE read_only_switch SET read_only = $1, reason = $2, set_by = $3, set_at = $4 WHERE id = 1",
        postgres: """
            UPDATE read_only_switch s SET read_only = k.read_only, reason = k.reason, set_by = k.set_by, set_at = k.set_at
            FROM unnest($1, $2, $3, $4) k (read_only, reason, set_by, set_at) WHERE s.id = 1
            """,
        Column<Row>.Flag("read_only", r => r.ReadOnly),
        Column<Row>.Text("reason", r => r.Reason),
        Column<Row>.Text("set_by", r => r.SetBy),
        Column<Row>.Instant("set_at", r => r.SetAt));

    /// <summary>The command that sets it. Passes where other writes do not.</summary>
    /// <param name="by">Whose key it was.</param>
    public static LaneWrite Set(bool readOnly, string reason, string by, Instant at) =>
        new LaneWrite("read-only", Reach.Nothing) { PassesReadOnlyMode = true, AuditedAs = "SwitchReadOnly" }.Add(s_write, new Row(readOnly, reason, by, at));
}
