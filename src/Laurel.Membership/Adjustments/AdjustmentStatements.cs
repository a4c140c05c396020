using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Access;

namespace Laurel.Membership.Adjustments;

/// <summary>The SQL of requests of adjustments.</summary>
internal static class AdjustmentStatements
{
    internal readonly record struct Key(int Tenant, long Member, long Id);

    internal sealed record Row(int Tenant, long Member, AdjustmentRequest Request);

    public static readonly SetStatement<Key> ReadRequests = Statements.Find(
        """
        a.tenant_id, a.member_id, a.id, a.points, a.reason, a.reference_type, a.reference_id, a.status, a.asked_at, a.asked_key, a.asked_by,
            a.decided_at, a.decided_key, a.decided_by, a.decision_reason, a.entry_id
        """,
        "adjustment_requests a", "",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("member_id", k => k.Member),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<Row> s_insert = Statements.Insert("adjustment_requests",
    [
        .. KeyOf(),
        Column<Row>.Int64("points", r => r.Request.Asked.Points),
        Column<Row>.Text("reason", r => r.Request.Asked.Reason),
        Column<Row>.Text("reference_type", r => r.Request.Asked.ReferenceType),
        Column<Row>.Text("reference_id", r => r.Request.Asked.ReferenceId),
        Column<Row>.Instant("asked_at", r => r.Request.AskedAt),
        Column<Row>.Bytes("asked_key", r => r.Request.AskedBy.Hands.ToBytes()),
        Column<Row>.Text("asked_by", r => r.Request.AskedBy.Name),
        .. State(),
    ]);

    private static readonly SetStatement<Row> s_update = Statements.Update("adjustment_requests", keys: 3, [.. KeyOf(), .. State()]);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var asked = books.Where(book => book.HasAdjustments).ToList();
        if (asked.Count > 0)
        {
            builder.Add(s_insert, RowsOf(asked, requests => requests.New()));
            builder.Add(s_update, RowsOf(asked, requests => requests.Changed()));
        }
    }

    public static AdjustmentRequest Read(SqlRow row) => new()
    {
        Id = row.Int64(2),
        Asked = new PointsRequest { Points = row.Int64(3), Reason = row.Text(4), ReferenceType = row.Text(5), ReferenceId = row.Text(6) },
        Status = AdjustmentRequest.StatusOf(row.Text(7)),
        AskedAt = row.Instant(8),
        AskedBy = new Signatory(Hands.FromBytes(row.Bytes(9)), row.Text(10)),
        DecidedAt = row.Int64OrNull(11) is { } decidedAt ? new Instant(decidedAt) : null,
        DecidedBy = row.IsNull(12) ? null : new Signatory(Hands.FromBytes(row.Bytes(12)), row.Text(13)),
        DecisionReason = row.TextOrNull(14),
        EntryId = row.Int64(15),
    };

    private static List<Row> RowsOf(List<MemberBook> books, Func<Ledger.Tracked<long, AdjustmentRequest>, IEnumerable<AdjustmentRequest>> requests) =>
    [
        .. from book in books
           from request in requests(book.Adjustments)
           select new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, request),
    ];

    private static Column<Row>[] KeyOf() =>
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Request.Id),
    ];

    private static Column<Row>[] State() =>
    [
        Column<Row>.Text("status", r => AdjustmentRequest.NameOf(r.Request.Status)),
        Column<Row>.NullableInt64("decided_at", r => r.Request.DecidedAt?.UnixMicroseconds),
        Column<Row>.Bytes("decided_key", r => r.Request.DecidedBy?.Hands.ToBytes()),
        Column<Row>.Text("decided_by", r => r.Request.DecidedBy?.Name),
        Column<Row>.Text("decision_reason", r => r.Request.DecisionReason),
        Column<Row>.Int64("entry_id", r => r.Request.EntryId),
    ];
}

/// <summary>Reads requests by their ids.</summary>
internal sealed class AdjustmentLoader(MemberKind members) : ChildLoader<AdjustmentStatements.Key>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<AdjustmentStatements.Key> needs) => MoneyLoading.Load(
        builder,
        AdjustmentStatements.ReadRequests,
        needs,
        AdjustmentStatements.Read,
        found => found.Id,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Id),
        book => book.Adjustments);
}
