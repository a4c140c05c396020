using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Verification;

/// <summary>Reads every frozen reply and compares what it tells with the rows: I5. Of entries below the cut nothing is left to compare with.</summary>
internal sealed class ReplyChecks(SqlSession session, Findings findings, long cut)
{
    private static readonly SetStatement<byte[]> s_page = new(
        sqlite: "SELECT key_hash, applied, root_id, body FROM replies WHERE key_hash > $1 ORDER BY key_hash LIMIT 512",
        postgres: """
            SELECT page.* FROM unnest($1) k (key_hash)
            CROSS JOIN LATERAL (
                SELECT r.key_hash, r.applied, r.root_id, r.body FROM replies r WHERE r.key_hash > k.key_hash ORDER BY r.key_hash LIMIT 512) page
            """,
        Column<byte[]>.Bytes("key_hash", key => key));

    private static readonly SetStatement<long> s_entries = new(
        sqlite: "SELECT id, tenant_id, member_id, unit, kind, amount, balance_after FROM entries WHERE id = $1",
        postgres: """
            SELECT e.id, e.tenant_id, e.member_id, e.unit, e.kind, e.amount, e.balance_after
            FROM unnest($1) wanted (id) CROSS JOIN tenants t JOIN entries e ON e.tenant_id = t.id AND e.id = wanted.id
            """,
        mySql: """
            SELECT e.id, e.tenant_id, e.member_id, e.unit, e.kind, e.amount, e.balance_after
            FROM {rows} k STRAIGHT_JOIN tenants t STRAIGHT_JOIN entries e ON e.tenant_id = t.id AND e.id = k.id
            """,
        Column<long>.Int64("id", id => id));

    private static readonly SetStatement<long> s_holds = new(
        sqlite: "SELECT id, member_id FROM holds WHERE id = $1",
        postgres: "SELECT h.id, h.member_id FROM holds h WHERE h.id IN (SELECT * FROM unnest($1))",
        mySql: "SELECT h.id, h.member_id FROM holds h WHERE h.id IN (SELECT k.id FROM {rows} k)",
        Column<long>.Int64("id", id => id));

    private readonly List<Told> _told = [];
    private readonly List<(Reply Reply, long Hold, long Member)> _holds = [];

    private sealed record Reply(byte[] Key, bool Applied, long Root, byte[] Body)
    {
        public string Id => Convert.ToHexStringLower(Key);
    }

    private sealed record Told(Reply Reply, long Id, IReadOnlyList<long> Members, string Unit, string Kind, long Amount, long BalanceAfter);

    private sealed record Stored(int Tenant, long Member, string Unit, string Kind, long Amount, long BalanceAfter);

    public async Task RunAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        byte[] after = [];
        var page = new List<Reply>();
        long done = 0;
        do
        {
            page.Clear();
            var script = new SqlScript();
            script.Add(s_page, [after], row => page.Add(new Reply(row.Bytes(0), row.Flag(1), row.Int64(2), row.Bytes(3))));
            await session.RunAsync(script, cancellationToken);
            foreach (var reply in page)
            {
                findings.Look(InvariantCode.I5);
                Read(reply);
                after = reply.Key;
            }

            await CompareAsync(cancellationToken);
            progress(done += page.Count);
        }
        while (page.Count > 0);
    }

    private void Read(Reply reply)
    {
        try
        {
            if (!reply.Applied)
            {
                RefusalForm.Read(reply.Body);
                return;
            }

            using var body = JsonDocument.Parse(reply.Body);
            ReadApplied(reply, body.RootElement);
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or InvariantBrokenException)
        {
            Report(reply, reply.Root, "a body that says what was done", exception.Message);
        }
    }

    private void ReadApplied(Reply reply, JsonElement body)
    {
        var members = new List<long>();
        foreach (var name in (ReadOnlySpan<string>)["memberId", "from", "to"])
        {
            if (body.TryGetProperty(name, out var member))
            {
                members.Add(IdOf(member));
            }
        }

        if (body.TryGetProperty("memberCode", out _) && IdOf(body.GetProperty("id")) != reply.Root)
        {
            Report(reply, reply.Root, $"member {reply.Root}", $"member {body.GetProperty("id").GetString()}");
        }

        if (body.TryGetProperty("holdId", out var hold))
        {
            _holds.Add((reply, IdOf(hold), members[0]));
        }

        if (body.TryGetProperty("entries", out var entries))
        {
            foreach (var entry in entries.EnumerateArray().Where(entry => IdOf(entry.GetProperty("id")) >= cut))
            {
                _told.Add(new Told(
                    reply,
                    IdOf(entry.GetProperty("id")),
                    members,
                    entry.GetProperty("unit").GetString() ?? "",
                    entry.GetProperty("kind").GetString() ?? "",
                    entry.GetProperty("amount").GetInt64(),
                    entry.GetProperty("balanceAfter").GetInt64()));
            }
        }
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        var entries = new Dictionary<long, Stored>();
        var holds = new Dictionary<long, long>();
        var script = new SqlScript();
        script.Add(s_entries, [.. _told.Select(told => told.Id).Distinct()], row =>
            entries[row.Int64(0)] = new Stored(row.Int32(1), row.Int64(2), row.Text(3), row.Text(4), row.Int64(5), row.Int64(6)));
        script.Add(s_holds, [.. _holds.Select(hold => hold.Hold).Distinct()], row => holds[row.Int64(0)] = row.Int64(1));
        if (!script.IsEmpty)
        {
            await session.RunAsync(script, cancellationToken);
        }

        foreach (var told in _told)
        {
            Compare(told, entries.GetValueOrDefault(told.Id));
        }

        foreach (var (reply, hold, member) in _holds.Where(hold => holds.GetValueOrDefault(hold.Hold) != hold.Member))
        {
            Report(reply, member, $"hold {hold}", "no such hold of the member");
        }

        _told.Clear();
        _holds.Clear();
    }

    private void Compare(Told told, Stored? stored)
    {
        findings.Look(InvariantCode.I5);
        var member = told.Members.Count > 0 ? told.Members[0] : told.Reply.Root;
        if (stored is null)
        {
            Report(told.Reply, member, $"entry {told.Id}", "no such entry");
            return;
        }

        var same = told.Members.Contains(stored.Member)
            && (told.Unit, told.Kind, told.Amount, told.BalanceAfter) == (stored.Unit, stored.Kind, stored.Amount, stored.BalanceAfter);
        if (!same)
        {
            Report(
                told.Reply,
                member,
                $"entry {told.Id}: {told.Kind} {told.Amount} {told.Unit}, then {told.BalanceAfter}",
                $"{stored.Kind} {stored.Amount} {stored.Unit}, then {stored.BalanceAfter}, of member {stored.Member}");
        }
    }

    private void Report(Reply reply, long member, string expected, string found) => findings.Report(InvariantCode.I5, new Offence
    {
        Tenant = 0,
        Member = member,
        Table = "replies",
        Id = reply.Id,
        Expected = expected,
        Found = found,
    });

    private static long IdOf(JsonElement element) =>
        long.Parse(element.GetString() ?? "", NumberStyles.None, CultureInfo.InvariantCulture);
}
