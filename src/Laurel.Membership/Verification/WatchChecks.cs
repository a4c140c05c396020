using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Verification;

/// <summary>A counter of a limit, in the order of members.</summary>
internal sealed record CounterRow(int Tenant, long Member, string Code, long Period, long Used) : IMemberRow
{
    public static readonly SetStatement<PageKey> Pages = VerificationPages.Page(
        "SELECT c.tenant_id, c.member_id, c.limit_code, c.period, c.used FROM {limit_counters c}",
        "c.tenant_id", "c.member_id, c.limit_code, c.period", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.Text, VerificationPages.First);

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = Code, First = Period };

    public static CounterRow Read(SqlRow row) => new(row.Int32(0), row.Int64(1), row.Text(2), row.Int64(3), row.Int64(4));
}

/// <summary>Compares the counters of watch rules with the entries that made them, member by member, and looks at every case and what waits for it: I21.</summary>
/// <param name="cut">Entries below it are gone; what they counted is then believed.</param>
internal sealed class WatchChecks(ReadSnapshot snapshot, Findings findings, ProgrammeHistory programmes, long cut)
{
    private const string BrokenCases = """
        SELECT w.tenant_id, w.member_id, w.id, w.hits, w.status,
            CASE WHEN m.id IS NULL THEN 'a member of its tenant'
                WHEN w.status NOT IN ('open', 'assigned', 'released', 'confirmed') THEN 'a status that there is'
                WHEN (w.status IN ('released', 'confirmed')) <> (w.decided_at IS NOT NULL) OR (w.decided_at IS NULL) <> (w.decided_by IS NULL)
                    THEN 'who decided it and when, once it is decided'
                WHEN w.status = 'assigned' AND w.assigned_to IS NULL THEN 'whom it is assigned to'
                WHEN w.hits <> (SELECT COUNT(*) FROM watch_case_changes c WHERE c.tenant_id = w.tenant_id AND c.member_id = w.member_id
                    AND c.case_id = w.id AND c.kind = 'hit') THEN 'as many hits as were noted'
                WHEN w.status <> COALESCE((SELECT CASE c.kind WHEN 'assign' THEN 'assigned' WHEN 'release' THEN 'released' ELSE 'confirmed' END
                    FROM watch_case_changes c WHERE c.tenant_id = w.tenant_id AND c.member_id = w.member_id AND c.id =
                        (SELECT MAX(l.id) FROM watch_case_changes l WHERE l.tenant_id = w.tenant_id AND l.member_id = w.member_id
                            AND l.case_id = w.id AND l.kind <> 'hit')), 'open') THEN 'the status that its last change gave it'
                WHEN w.status IN ('open', 'assigned') AND EXISTS (SELECT 1 FROM watch_cases o WHERE o.tenant_id = w.tenant_id
                    AND o.member_id = w.member_id AND o.rule_code = w.rule_code AND o.id > w.id) THEN 'no later case of its rule while it is not decided'
            END
        FROM watch_cases w
        LEFT JOIN members m ON m.tenant_id = w.tenant_id AND m.id = w.member_id
        """;

    private const string Waiting = """
        SELECT p.tenant_id, p.member_id, p.lot_id, p.reference FROM pending_lots p WHERE p.event = 'watch:case'
        """;

    private const string Undecided = "SELECT w.tenant_id, w.member_id, w.id FROM watch_cases w WHERE w.status IN ('open', 'assigned')";

    private const string StrayChanges = """
        SELECT c.tenant_id, c.member_id, c.id FROM watch_case_changes c
        WHERE NOT EXISTS (SELECT 1 FROM watch_cases w WHERE w.tenant_id = c.tenant_id AND w.member_id = c.member_id AND w.id = c.case_id)
        """;

    private static readonly SetStatement<Hash128> s_keys = Statements.Find(
        "n.key_hash, n.root_id", "natural_keys n", "", Column<Hash128>.Hash("key_hash", key => key));

    private readonly RowStream<CounterRow>? _counters = programmes.HasWatched ? new(snapshot.Session, CounterRow.Pages, CounterRow.Read) : null;
    private readonly Dictionary<(int Tenant, int Version), WatchRules?> _rules = [];
    private readonly Dictionary<LimitKey, long> _expected = [];
    private readonly HashSet<(string Counter, long Posting)> _counted = [];

    /// <summary>Counts an entry of the member that the walk is at, as the rules of its version did.</summary>
    public void See(EntryRow entry)
    {
        if (_counters is null
            || entry.Unit != EntryNames.Points
            || WatchMovement.Of(entry.Kind, entry.Rule, entry.ReferenceType, entry.Amount, entry.PostingId) is not { } movement
            || RulesOf(entry) is not { } rules)
        {
            return;
        }

        foreach (var rule in rules.For(movement.Trigger))
        {
            var counts = rule.Sees(movement) && !WatchRules.IsOfMarks(rule.Rule.Measure);
            if (counts && (rule.Rule.Measure != WatchMeasure.Count || _counted.Add((rule.Counter, entry.PostingId))))
            {
                var key = rule.KeyAt(new Instant(entry.OccurredAt));
                _expected[key] = _expected.GetValueOrDefault(key) + rule.AddedBy([movement]);
            }
        }
    }

    /// <summary>Compares the counters of a member, once its entries were seen.</summary>
    public async Task CloseAsync(IMemberRow member, bool ordersByTenant, CancellationToken cancellationToken)
    {
        if (_counters is null)
        {
            return;
        }

        while (await _counters.PeekAsync(cancellationToken) is { } counter && Compare(counter, member, ordersByTenant) <= 0)
        {
            _counters.Advance();
            if (!counter.Code.StartsWith(PreparedWatchRule.Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            findings.Look(InvariantCode.I21);
            _expected.Remove(new LimitKey(counter.Code, (int)counter.Period), out var expected);
            if (cut == 0 ? counter.Used != expected : counter.Used < expected)
            {
                ReportCounter(member, counter.Code, counter.Period, expected, counter.Used);
            }
        }

        foreach (var (key, expected) in _expected)
        {
            ReportCounter(member, key.Code, key.Period, expected, 0);
        }

        _expected.Clear();
        _counted.Clear();
    }

    /// <summary>Looks at the cases.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var cases = new List<(int Tenant, long Member, long Id)>();
        await EachAsync(BrokenCases, row =>
        {
            findings.Look(InvariantCode.I21);
            cases.Add((row.GetInt32(0), row.GetInt64(1), row.GetInt64(2)));
            if (!row.IsDBNull(5))
            {
                Report(InvariantCode.I21, row, "watch_cases", row.GetInt64(2), row.GetString(5), $"{row.GetInt64(3)} hits, {row.GetString(4)}");
            }
        }, cancellationToken);
        var undecided = new HashSet<(int, long, string)>();
        await EachAsync(Undecided, row => undecided.Add((row.GetInt32(0), row.GetInt64(1), Text(row.GetInt64(2)))), cancellationToken);
        await EachAsync(Waiting, row =>
        {
            findings.Look(InvariantCode.I21);
            if (!undecided.Contains((row.GetInt32(0), row.GetInt64(1), row.GetString(3))))
            {
                Report(InvariantCode.I21, row, "pending_lots", row.GetInt64(2), "a case of the member that is not decided", row.GetString(3));
            }
        }, cancellationToken);
        await EachAsync(StrayChanges, row => Report(InvariantCode.I21, row, "watch_case_changes", row.GetInt64(2), "the case that it happened to", "none"), cancellationToken);
        foreach (var page in cases.Chunk(KeyChecks.KeysMax))
        {
            await CompareKeysAsync(page, cancellationToken);
        }
    }

    private async Task CompareKeysAsync((int Tenant, long Member, long Id)[] cases, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Hash128, long>();
        var script = new SqlScript();
        script.Add(s_keys, [.. cases.Select(HandleOf)], row => found[row.Hash(0)] = row.Int64(1));
        await snapshot.Session.RunAsync(script, cancellationToken);
        foreach (var one in cases)
        {
            findings.Look(InvariantCode.I4);
            if (found.GetValueOrDefault(HandleOf(one)) != one.Member)
            {
                Report(InvariantCode.I4, (one.Tenant, one.Member), "watch_cases", Text(one.Id), "the key of its id, of its member", "no such key");
            }
        }
    }

    private static Hash128 HandleOf((int Tenant, long Member, long Id) one) => WatchCase.HandleOf(new TenantId(one.Tenant), one.Id);

    private WatchRules? RulesOf(EntryRow entry)
    {
        if (!_rules.TryGetValue((entry.Tenant, entry.RuleVersion), out var rules))
        {
            var programme = programmes.Find(entry.Tenant, entry.RuleVersion);
            rules = programme is null ? null : new WatchRules(programme, new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById(programme.TimeZone)));
            _rules.Add((entry.Tenant, entry.RuleVersion), rules);
        }

        return rules;
    }

    private static int Compare(CounterRow counter, IMemberRow member, bool ordersByTenant)
    {
        var byTenant = ordersByTenant ? counter.Tenant.CompareTo(member.Tenant) : 0;
        return byTenant != 0 ? byTenant : counter.Member.CompareTo(member.Member);
    }

    private async Task EachAsync(string query, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private void ReportCounter(IMemberRow member, string code, long period, long expected, long found) =>
        Report(InvariantCode.I21, (member.Tenant, member.Member), "limit_counters", $"{code} {Text(period)}", Text(expected), Text(found));

    private void Report(InvariantCode code, DbDataReader row, string table, long id, string expected, string found) =>
        Report(code, (row.GetInt32(0), row.GetInt64(1)), table, Text(id), expected, found);

    private void Report(InvariantCode code, (int Tenant, long Member) member, string table, string id, string expected, string found) =>
        findings.Report(code, new Offence { Tenant = member.Tenant, Member = member.Member, Table = table, Id = id, Expected = expected, Found = found });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
