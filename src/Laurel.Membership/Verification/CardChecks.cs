using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;

namespace Laurel.Membership.Verification;

/// <summary>Proves memberships against what was bought and refunded (I22), and that members hold what their memberships say.</summary>
internal sealed class CardChecks(ReadSnapshot snapshot, Findings findings, ProgrammeHistory programmes)
{
    // Each membership with what was bought in its present run, and the member who holds it.
    private const string Memberships = """
        SELECT s.tenant_id, s.member_id, s.card_code, s.months, s.days, s.start_time, s.end_time, s.ended_early, m.level_state, m.last_id,
            p.id, p.months, p.days, p.end_time, p.took_back, p.refund_id, p.refund_end_time
        FROM memberships s
        JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
        LEFT JOIN membership_purchases p
            ON p.tenant_id = s.tenant_id AND p.member_id = s.member_id AND p.card_code = s.card_code AND p.run = s.run
        ORDER BY s.tenant_id, s.member_id, s.card_code
        """;

    private const string Holders = """
        SELECT m.tenant_id, m.id, m.level_code, m.level_state, s.card_code FROM members m
        LEFT JOIN memberships s ON s.tenant_id = m.tenant_id AND s.member_id = m.id
        WHERE m.level_state LIKE '%"cards"%' ORDER BY m.tenant_id, m.id
        """;

    private const string Lost = """
        SELECT p.tenant_id, p.member_id, 'membership_purchases', p.reference FROM membership_purchases p
        WHERE NOT EXISTS (
            SELECT 1 FROM memberships s
            WHERE s.tenant_id = p.tenant_id AND s.member_id = p.member_id AND s.card_code = p.card_code AND s.run >= p.run)
        """;

    private const string Strays = """
        SELECT s.tenant_id, s.member_id, 'memberships', s.card_code FROM memberships s
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = s.tenant_id AND m.id = s.member_id)
        UNION ALL
        SELECT p.tenant_id, p.member_id, 'membership_purchases', p.reference FROM membership_purchases p
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = p.tenant_id AND m.id = p.member_id)
        """;

    private const string Merged = "SELECT tenant_id, id, merged_into, last_id FROM members WHERE merged_into IS NOT NULL";

    // No business time lies further ahead of the clock, whatever the programme says.
    private static readonly TimeSpan s_timeAheadMax = TimeSpan.FromDays(1);

    // Cards that came with merged members, by who bought them.
    private readonly Dictionary<(int Tenant, long Of, string Card), (long Holder, HeldCard Held)> _passed = [];
    private readonly Dictionary<(int Tenant, long Member), (long Into, long LastId)> _merged = [];
    private readonly HashSet<(int Tenant, long Of, string Card)> _bought = [];
    private Run? _run;
    private Holder? _holder;

    /// <summary>A membership, and the steps that led to it as far as they were read.</summary>
    private sealed record Run(int Tenant, long Member, string Card, CardPeriod Stored, long Start, long End, bool EndedEarly, LevelState State, long LastId)
    {
        public CardPeriod Bought { get; set; }

        /// <summary>The last step, and the end that it said.</summary>
        public (long Id, long End, bool IsRefund) Last { get; set; }
    }

    private sealed record Holder(int Tenant, long Member, string Level, LevelState State)
    {
        public HashSet<string> Memberships { get; } = [];
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await EachAsync(Merged, row => _merged[KeyOf(row)] = (Number(row, 2), Number(row, 3)), cancellationToken);
        await EachAsync(Holders, AddToHolder, cancellationToken);
        Close(_holder);
        await EachAsync(Memberships, AddToRun, cancellationToken);
        Close(_run);
        foreach (var (key, (holder, _)) in _passed.Where(passed => !_bought.Contains(passed.Key) || EndOf(passed.Key.Tenant, passed.Key.Of).Member != passed.Value.Holder))
        {
            Report(InvariantCode.I22, (key.Tenant, holder), "members", key.Card, "a membership of a member who went into it", Member(key.Of));
        }

        await EachAsync(Lost, row => Report(InvariantCode.I22, KeyOf(row), row.GetString(2), row.GetString(3), "its membership", "none"), cancellationToken);
        await EachAsync(
            Strays, row => Report(InvariantCode.I9, KeyOf(row), row.GetString(2), row.GetString(3), "a member of its tenant", "none"), cancellationToken);
    }

    private void AddToRun(DbDataReader row)
    {
        var ((tenant, member), card) = (KeyOf(row), row.GetString(2));
        if (_run is null || (_run.Tenant, _run.Member, _run.Card) != (tenant, member, card))
        {
            Close(_run);
            var state = LevelState.Parse(row.IsDBNull(8) ? null : row.GetString(8));
            var stored = new CardPeriod((int)Number(row, 3), (int)Number(row, 4));
            _run = new Run(tenant, member, card, stored, Number(row, 5), Number(row, 6), Number(row, 7) != 0, state, Number(row, 9));
        }

        if (row.IsDBNull(10))
        {
            return;
        }

        Step(_run, Number(row, 10), Number(row, 13), isRefund: false);
        if (Number(row, 14) == 0)
        {
            _run.Bought += new CardPeriod((int)Number(row, 11), (int)Number(row, 12));
        }
        else if (!row.IsDBNull(15))
        {
            Step(_run, Number(row, 15), Number(row, 16), isRefund: true);
        }
    }

    private static void Step(Run run, long id, long end, bool isRefund) => run.Last = id > run.Last.Id ? (id, end, isRefund) : run.Last;

    private void Close(Run? run)
    {
        if (run is null)
        {
            return;
        }

        findings.Look(InvariantCode.I22);
        var key = (run.Tenant, run.Member);
        if (run.Bought != run.Stored)
        {
            Report(InvariantCode.I22, key, "memberships", run.Card, Text(run.Bought), Text(run.Stored));
        }

        if (run.Last.End != run.End || (run.EndedEarly && !run.Last.IsRefund))
        {
            Report(InvariantCode.I22, key, "memberships", run.Card, $"an end at {new Instant(run.Last.End)} as its last step said", new Instant(run.End).ToString());
        }

        var passed = (run.Tenant, run.Member, run.Card);
        _bought.Add(passed);
        var (own, others) = (run.State.Holds(run.Card), _passed.TryGetValue(passed, out var with) ? with.Held : null);
        if (own is not null && others is not null)
        {
            Report(InvariantCode.I22, key, "members", run.Card, "held by one member", "held by two");
        }

        var held = own ?? others;
        var mayHaveEnded = run.EndedEarly || run.End <= IdGenerator.TimeOf(Math.Max(run.LastId, EndOf(run.Tenant, run.Member).LastId)).Plus(s_timeAheadMax).UnixMicroseconds;
        if (held is null ? !mayHaveEnded : (held.From, held.Until) != (run.Start, run.End))
        {
            var found = held is null ? "nothing" : $"{new Instant(held.From)} to {new Instant(held.Until)}";
            Report(InvariantCode.I22, key, "members", run.Card, $"held from {new Instant(run.Start)} to {new Instant(run.End)}", found);
        }
    }

    private void AddToHolder(DbDataReader row)
    {
        var (tenant, member) = KeyOf(row);
        if (_holder is null || (_holder.Tenant, _holder.Member) != (tenant, member))
        {
            Close(_holder);
            _holder = new Holder(tenant, member, row.GetString(2), LevelState.Parse(row.GetString(3)));
        }

        if (!row.IsDBNull(4))
        {
            _holder.Memberships.Add(row.GetString(4));
        }
    }

    private void Close(Holder? holder)
    {
        if (holder is null)
        {
            return;
        }

        findings.Look(InvariantCode.I22);
        var key = (holder.Tenant, holder.Member);
        List<string> cards = [.. (holder.State.Cards ?? []).Select(card => card.Code)];
        foreach (var card in holder.State.Cards ?? [])
        {
            if (card.IsOwn && !holder.Memberships.Contains(card.Code))
            {
                Report(InvariantCode.I22, key, "members", card.Code, "a membership", "none");
            }
            else if (!card.IsOwn && !_passed.TryAdd((holder.Tenant, card.Of, card.Code), (holder.Member, card)))
            {
                Report(InvariantCode.I22, key, "members", card.Code, "held by one member", "held by two");
            }
        }

        if (!holder.State.IsPinned && programmes.IsBelowCards(holder.Tenant, holder.Level, cards))
        {
            Report(InvariantCode.I22, key, "members", string.Join(", ", cards), "at least the level of the card", holder.Level);
        }
    }

    /// <summary>The member whom a merged one has gone into in the end, and the last id that either drew.</summary>
    private (long Member, long LastId) EndOf(int tenant, long member)
    {
        var lastId = 0L;
        for (var links = 0; links <= _merged.Count && _merged.TryGetValue((tenant, member), out var merged); links++)
        {
            lastId = Math.Max(lastId, merged.LastId);
            if (merged.Into == 0)
            {
                break;
            }

            member = merged.Into;
        }

        return (member, lastId);
    }

    private static string Member(long id) => id.ToString(CultureInfo.InvariantCulture);

    private void Report(InvariantCode code, (int Tenant, long Member) of, string table, string id, string expected, string found) =>
        findings.Report(code, new Offence { Tenant = of.Tenant, Member = of.Member, Table = table, Id = id, Expected = expected, Found = found });

    private async Task EachAsync(string query, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private static (int Tenant, long Member) KeyOf(DbDataReader row) => ((int)Number(row, 0), Number(row, 1));

    private static string Text(CardPeriod period) => string.Create(CultureInfo.InvariantCulture, $"{period.Months} months and {period.Days} days");

    private static long Number(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
