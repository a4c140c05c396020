using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Watch;

/// <summary>The SQL of cases and of what happened to them.</summary>
internal static class WatchStatements
{
    internal readonly record struct MemberKey(int Tenant, long Member);

    private sealed record Row(int Tenant, long Member, WatchCase Case);

    public static readonly SetStatement<MemberKey> ReadCases = Statements.Find(
        """
        w.tenant_id, w.member_id, w.id, w.rule_code, w.rule_version, w.action, w.status, w.hits, w.opened_at, w.last_hit_at, w.value, w.threshold,
            w.froze, w.assigned_to, w.decided_at, w.decided_by
        """,
        "watch_cases w", "",
        Column<MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<MemberKey>.Int64("member_id", k => k.Member));

    public static readonly SetStatement<WatchChange> InsertChanges = Statements.Insert("watch_case_changes",
        Column<WatchChange>.Int32("tenant_id", c => c.Tenant),
        Column<WatchChange>.Int64("member_id", c => c.Member),
        Column<WatchChange>.Int64("id", c => c.Id),
        Column<WatchChange>.Int64("case_id", c => c.Case.Id),
        Column<WatchChange>.Text("kind", c => c.Kind),
        Column<WatchChange>.Text("action", c => c.Kind == WatchChange.Hit ? WatchRules.NameOf(c.Case.Action) : null),
        Column<WatchChange>.Instant("occurred_at", c => c.OccurredAt),
        Column<WatchChange>.Instant("recorded_at", c => c.RecordedAt),
        Column<WatchChange>.Text("operator", c => c.Operator),
        Column<WatchChange>.Text("assigned_to", c => c.Kind == WatchChange.Assign ? c.Case.AssignedTo : null),
        Column<WatchChange>.Text("note", c => c.Note),
        Column<WatchChange>.Text("evidence", c => c.Evidence))
        .Telling(MembershipMetrics.Count);

    private static readonly SetStatement<Row> s_insert = Statements.Insert("watch_cases",
    [
        .. KeyOf(),
        Column<Row>.Text("rule_code", r => r.Case.Rule),
        Column<Row>.Instant("opened_at", r => r.Case.OpenedAt),
        .. State(),
    ]);

    private static readonly SetStatement<Row> s_update = Statements.Update("watch_cases", keys: 3, [.. KeyOf(), .. State()]);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var watched = books.Where(book => book.HasWatch).ToList();
        if (watched.Count > 0)
        {
            builder.Add(s_insert, RowsOf(watched, cases => cases.New()));
            builder.Add(s_update, RowsOf(watched, cases => cases.Changed()));
        }
    }

    public static WatchCase Read(SqlRow row) => new()
    {
        Id = row.Int64(2),
        Rule = row.Text(3),
        RuleVersion = row.Int32(4),
        Action = WatchCase.ActionOf(row.Text(5)),
        Status = WatchCase.StatusOf(row.Text(6)),
        Hits = row.Int64(7),
        OpenedAt = row.Instant(8),
        LastHitAt = row.Instant(9),
        Value = row.Int64(10),
        Threshold = row.Int64(11),
        Froze = row.Flag(12),
        AssignedTo = row.TextOrNull(13),
        DecidedAt = row.Int64OrNull(14) is { } decided ? new Instant(decided) : null,
        DecidedBy = row.TextOrNull(15),
    };

    private static List<Row> RowsOf(List<MemberBook> books, Func<Ledger.Tracked<long, WatchCase>, IEnumerable<WatchCase>> cases) =>
    [
        .. from book in books
           from one in cases(book.Watch.Cases)
           select new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, one),
    ];

    private static Column<Row>[] KeyOf() =>
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Case.Id),
    ];

    private static Column<Row>[] State() =>
    [
        Column<Row>.Int32("rule_version", r => r.Case.RuleVersion),
        Column<Row>.Text("action", r => WatchRules.NameOf(r.Case.Action)),
        Column<Row>.Text("status", r => WatchCase.NameOf(r.Case.Status)),
        Column<Row>.Int64("hits", r => r.Case.Hits),
        Column<Row>.Instant("last_hit_at", r => r.Case.LastHitAt),
        Column<Row>.Int64("value", r => r.Case.Value),
        Column<Row>.Int64("threshold", r => r.Case.Threshold),
        Column<Row>.Flag("froze", r => r.Case.Froze),
        Column<Row>.Text("assigned_to", r => r.Case.AssignedTo),
        Column<Row>.NullableInt64("decided_at", r => r.Case.DecidedAt?.UnixMicroseconds),
        Column<Row>.Text("decided_by", r => r.Case.DecidedBy),
    ];
}

/// <summary>Reads all cases of members.</summary>
internal sealed class WatchCaseLoader(MemberKind members) : ChildLoader<WatchStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<WatchStatements.MemberKey> needs)
    {
        var found = new List<(long Member, WatchCase Case)>();
        builder.Add(WatchStatements.ReadCases, needs, row => found.Add((row.Int64(1), WatchStatements.Read(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var root = members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member));
                set.Loaded<MemberBook>(root).Watch.Load(found.Where(one => one.Member == need.Member).Select(one => one.Case));
            }
        };
    }
}
