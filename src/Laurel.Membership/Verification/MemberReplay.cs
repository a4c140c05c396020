using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Verification;

/// <summary>Replays one member from the rows alone, in the order of their ids, and compares the end with what is stored.</summary>
/// <remarks>Begins with the opening balances of a cut where one is in force, and is then told of entries from the cut on, and of all changes of
/// holds. Shares no code with the wallet that wrote the rows: a mistake there must not hide itself here. Sums are kept
/// in 128 bits, so that a corrupted figure is reported and never overflows.</remarks>
internal sealed partial class MemberReplay
{
    private readonly Findings _findings;
    private readonly MemberRow _member;
    private readonly TrialBalance _totals;
    private readonly KeyChecks _keys;
    private readonly LotReplay _lots;
    private readonly HoldReplay _holds;
    private readonly WalletReplay _wallets;
    private readonly OrderReplay _orders;
    private readonly BalanceReplay _money;
    private readonly long _cut;
    private readonly MergedFigures _merged;
    private readonly ProgrammeHistory _programmes;
    private readonly ClockReplay _clock;
    private PostingSpan? _posting;
    private Int128 _debt;
    private Int128 _lifetime;
    private Int128 _receivable;
    private int _judgedBy;
    private long _lastId;
    private long? _latestAt;

    // Whether nothing was told yet but what belongs to a command that began below the cut.
    private bool _isAtCut;

    /// <param name="cut">The first id of entries; 0 where they reach back to the first.</param>
    /// <param name="opening">What stands for the entries below; null where the member has none below.</param>
    /// <param name="merged">What merges moved to the member without an entry.</param>
    public MemberReplay(
        Findings findings, MemberRow member, TrialBalance totals, KeyChecks keys, long cut, MemberOpening? opening, MergedFigures merged, ProgrammeHistory programmes)
    {
        _programmes = programmes;
        _clock = new ClockReplay(member.Tenant, programmes);
        (_findings, _member, _totals, _keys, _cut, _merged) = (findings, member, totals, keys, cut, merged);
        _wallets = new WalletReplay(findings, member, totals);
        _orders = new OrderReplay(findings, member, cut);
        _money = new BalanceReplay(findings, member, keys, cut);
        Units = new UnitReplay(findings, member, _wallets, totals);
        Levels = new LevelReplay(findings, member);
        _lots = new LotReplay(findings, member.Tenant, member.Member, _clock);
        _holds = new HoldReplay(findings, _lots, member.Tenant, member.Member);
        _keys.ExpectMember(member);
        _isAtCut = cut > 0;
        if (opening is not null)
        {
            Begin(opening);
        }
    }

    public static string At(long time) => new Instant(time) is { IsNever: false } instant && time is > -62_000_000_000_000_000 and < 253_000_000_000_000_000
        ? instant.ToString()
        : time == long.MaxValue ? "never" : time == ClockReplay.WhenInactive ? "when inactive" : time.ToString(CultureInfo.InvariantCulture);

    public void Apply(EntryRow entry, IReadOnlyList<TakeRow> takes)
    {
        LeaveCut();
        _holds.EndOpening();
        _lastId = entry.Id;
        FollowPosting(entry);
        _wallets.Apply(entry);
        _debt += entry.DebtDelta;
        _lifetime += entry.LifetimeDelta;
        if (UnitReplay.IsOfProgramme(entry.Unit))
        {
            Units.Apply(entry);
        }
        else if (entry.Kind is "earn" or "reverse" or "activate")
        {
            _judgedBy = entry.RuleVersion;
        }

        _latestAt = Math.Max(_latestAt ?? entry.OccurredAt, entry.OccurredAt);
        if (entry.Kind == "reverse" && ShortfallOwed(entry) is { } owed)
        {
            _receivable += owed;
        }

        _orders.Apply(entry);
        _money.Apply(entry);
        CheckTakes(entry, takes);
        MoveLots(entry, takes);
        _clock.Apply(entry);
    }

    public void Apply(HoldChangeRow change)
    {
        _lastId = change.Id;
        if (change.Id < _cut || (_isAtCut && HoldReplay.ContinuesBelow(change)))
        {
            _keys.ExpectHold(change, null);
            _holds.ApplyBelow(change);
            return;
        }

        LeaveCut();
        _keys.ExpectHold(change, _posting?.First ?? 0);
        _holds.Apply(change);
    }

    /// <summary>A change below the cut is in the opening of its lot.</summary>
    public void Apply(LotChangeRow change)
    {
        _lastId = change.Id;
        if (change.Id >= _cut)
        {
            LeaveCut();
            _holds.EndOpening();
            _lots.Move(change);
            _clock.Apply(change);
        }
    }

    public void Apply(OrderRow order)
    {
        _keys.ExpectOrder(order);
        _orders.Apply(order);
    }

    /// <summary>Changes of the level, told once the entries are behind.</summary>
    public LevelReplay Levels { get; }

    /// <summary>Recharges, withdrawals and spends, told once the entries are behind.</summary>
    public BalanceReplay Money => _money;

    /// <summary>What the member has of units that programmes define, told once the entries are behind.</summary>
    public UnitReplay Units { get; }

    /// <summary>What everything told so far comes to; null when it is nothing.</summary>
    /// <param name="cut">The first id that was not told yet.</param>
    public MemberOpening? OpeningAt(long cut)
    {
        if (_latestAt is not { } latest)
        {
            return null;
        }

        var (points, growth) = _orders.Earned;
        var figures = new OpeningFigures
        {
            Tenant = _member.Tenant,
            Member = _member.Member,
            Cut = cut,
            Debt = checked((long)_debt),
            Receivable = checked((long)_receivable),
            Lifetime = checked((long)_lifetime),
            OrderPoints = points,
            OrderBonus = 0,
            OrderGrowth = growth,
            JudgedBy = _judgedBy,
            LatestAt = latest,
            InactiveAt = _clock.RunsOutAt,
        };
        return new MemberOpening { Figures = _wallets.Fill(figures), Units = _wallets.At(cut), Lots = _lots.OpenAt(cut), Orders = _orders.Taken(cut) };
    }

    /// <summary>Everything of the member was told: compares the sums with the member's row.</summary>
    public void Close(IReadOnlyList<PinRow> pins, IReadOnlyList<PendingRow> pending)
    {
        LeaveCut();
        EndPosting();
        _holds.Close(pins);
        _lots.CompareWaiting(pending);
        _lots.Close();
        var (points, growth) = (_wallets.SumOf("points"), _wallets.SumOf("growth"));
        Member(InvariantCode.I1, "points = Σ entries", points, _member.Points);
        Member(InvariantCode.I1, "growth = Σ entries", growth, _member.Growth);
        Member(InvariantCode.I1, "balance = Σ entries", _wallets.SumOf("balance"), _member.Balance);
        Member(InvariantCode.I2, "Σ entries = Σ lots.remaining − debt", _lots.StoredRemaining - _member.Debt, points);
        Member(InvariantCode.I2, "debt = Σ debt_delta", _debt, _member.Debt);
        Member(InvariantCode.I3, "held = Σ open holds", _holds.Open, _member.Held);
        Member(InvariantCode.I3, "held = Σ lots.held", _lots.StoredHeld, _member.Held);
        NotNegative("held", _member.Held);
        NotNegative("debt", _member.Debt);
        NotNegative("receivable", _member.Receivable);
        Member(InvariantCode.I10, "lifetime = Σ lifetime_delta", _lifetime + _merged.Lifetime, _member.Lifetime);
        Member(InvariantCode.I10, "receivable = shortfalls less repayments", _receivable + _merged.Receivable, _member.Receivable);
        _orders.Close(_merged);
        _money.Close();
        Units.Close(_programmes);
        CheckLastId();
        CheckNextChange(pending);
        _clock.Close(_findings, _member);
        CheckLevel();
        _totals.AddWallet(_member);
    }

    private void Begin(MemberOpening opening)
    {
        var figures = opening.Figures;
        (_debt, _receivable, _lifetime, _judgedBy) = (figures.Debt, figures.Receivable, figures.Lifetime, figures.JudgedBy);
        _latestAt = figures.LatestAt;
        _clock.Begin(figures.InactiveAt);
        _wallets.Begin(opening);
        _orders.Begin(opening);
        foreach (var lot in opening.Lots)
        {
            _lots.Open(lot);
        }
    }

    /// <summary>All changes of holds below the cut were told, and no entry yet: what lots held then is what holds pin now.</summary>
    private void LeaveCut()
    {
        if (_isAtCut)
        {
            _isAtCut = false;
            _holds.CompareWithLots();
        }
    }

    private void CheckTakes(EntryRow entry, IReadOnlyList<TakeRow> takes)
    {
        var taken = takes.Aggregate((Int128)0, (sum, take) => sum + take.Points);
        var takesLots = entry.Unit == "points" && entry.Amount <= 0 && entry.Kind != "repay";
        var expected = takesLots ? -(Int128)entry.Amount - entry.DebtDelta : 0;
        _findings.Look(InvariantCode.I2);
        Equal(InvariantCode.I2, "lot_takes", entry.IdText, "takes = −amount − debt_delta of the entry", expected, taken);
        if ((entry.Lot is not null) != (entry.Unit == "points" && entry.Amount > 0))
        {
            Report(
                InvariantCode.I3,
                "lots",
                entry.IdText,
                entry.Lot is null ? "a lot for points granted" : "no lot where none were granted",
                entry.Lot is null ? "none" : "a lot");
        }
    }

    private void MoveLots(EntryRow entry, IReadOnlyList<TakeRow> takes)
    {
        if (entry is { Kind: "reinstate", RelatedId: { } lapsed } && (lapsed >= _cut || _lots.HasLapsed(lapsed)))
        {
            _lots.Reinstate(entry, lapsed);
        }

        if (entry is { Lot: { } lot, Amount: > 0 })
        {
            _lots.Open(entry, lot);
        }

        if (entry.Kind == "repay")
        {
            _receivable += entry.Amount;
            _lots.Withhold(entry.RelatedId ?? 0, -(Int128)entry.Amount, entry);
        }

        var isCapture = entry.Rule == "capture";
        if (isCapture)
        {
            _holds.Capture(entry, takes);
        }

        if (takes.Count > 0 || entry.Kind is "spend" or "transfer" or "adjust" or "reverse" or "exchange")
        {
            _lots.Take(entry, takes, isCapture);
        }
    }

    private void FollowPosting(EntryRow entry)
    {
        if (entry.Id == entry.PostingId)
        {
            EndPosting();
            _posting = new PostingSpan(entry);
        }
        else if (_posting is null && entry.PostingId < _cut)
        {
            // It began below the cut, with its key.
            return;
        }
        else if (_posting is null || _posting.First != entry.PostingId)
        {
            Report(
                InvariantCode.I4,
                "entries",
                entry.IdText,
                $"posting {entry.PostingId}, begun just before",
                _posting is null ? "none begun" : $"posting {_posting.First}");
            return;
        }

        _posting.Last = entry.Id;
    }

    private void EndPosting()
    {
        if (_posting is { } posting)
        {
            _keys.ExpectPosting(posting);
            _posting = null;
        }
    }

    /// <summary>What a reversal left to be owed outside the balance; null where it left nothing.</summary>
    private long? ShortfallOwed(EntryRow entry)
    {
        if (entry.Detail is null)
        {
            return null;
        }

        try
        {
            using var detail = JsonDocument.Parse(entry.Detail);
            return detail.RootElement.GetProperty("policy").GetString() == "receivable"
                ? detail.RootElement.GetProperty("shortfall").GetInt64()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Report(InvariantCode.I10, "entries", entry.IdText, "a detail that says how a shortfall was met", entry.Detail);
            return null;
        }
    }

    private void CheckLastId()
    {
        _findings.Look(InvariantCode.I10);
        if (_member.LastId < _lastId)
        {
            Report(InvariantCode.I10, "members", MemberText, $"last_id {_lastId} or more", _member.LastId.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What lapses next must be known, or lapsed points would count as available.</summary>
    private void CheckNextChange(IReadOnlyList<PendingRow> pending)
    {
        _findings.Look(InvariantCode.I8);
        // A lot that is pinned is cancelled when its hold has ended.
        var waiting = pending.Where(row => row.ActivatesAt != long.MaxValue || _lots.Find(row.LotId) is not { } lot || lot.Held == 0)
            .Select(row => Math.Min(row.ActivatesAt, row.CancelsAt)).DefaultIfEmpty(long.MaxValue).Min();
        var due = Math.Min(waiting, Math.Min(_lots.NextExpiry, _holds.NextEnd));
        if (_member.NextChangeAt > due)
        {
            Report(InvariantCode.I8, "members", MemberText, $"next_change_at {At(due)} or sooner", At(_member.NextChangeAt));
        }
    }

    private string MemberText => _member.Member.ToString(CultureInfo.InvariantCulture);

    private void Member(InvariantCode code, string what, Int128 expected, Int128 found)
    {
        _findings.Look(code);
        Equal(code, "members", MemberText, what, expected, found);
    }

    private void NotNegative(string what, long found)
    {
        if (found < 0)
        {
            Report(InvariantCode.I3, "members", MemberText, $"{what} ≥ 0", found.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Equal(InvariantCode code, string table, string id, string what, Int128 expected, Int128 found)
    {
        if (expected != found)
        {
            Report(code, table, id, string.Create(CultureInfo.InvariantCulture, $"{what}: {expected}"), found.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Report(InvariantCode code, string table, string id, string expected, string found) => _findings.Report(code, new Offence
    {
        Tenant = _member.Tenant,
        Member = _member.Member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });
}

/// <summary>The entries that one command wrote for a member.</summary>
internal sealed class PostingSpan(EntryRow first)
{
    public EntryRow Entry { get; } = first;

    public long First => Entry.Id;

    public long Last { get; set; } = first.Id;
}
