using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Membership.Verification;

/// <summary>Replays one member from the rows alone, in the order of their ids, and compares the end with what is stored.</summary>
/// <remarks>Shares no code with the wallet that wrote the rows: a mistake there must not hide itself here. Sums are kept
/// in 128 bits, so that a corrupted figure is reported and never overflows.</remarks>
internal sealed class MemberReplay
{
    private readonly Findings _findings;
    private readonly MemberRow _member;
    private readonly TrialBalance _totals;
    private readonly KeyChecks _keys;
    private readonly LotReplay _lots;
    private readonly HoldReplay _holds;
    private readonly Dictionary<string, Wallet> _wallets = [];
    private readonly Dictionary<string, OrderSums> _orders = [];
    private readonly HashSet<string> _ordersSeen = [];
    private PostingSpan? _posting;
    private Int128 _debt;
    private Int128 _lifetime;
    private Int128 _receivable;
    private Int128 _ordersOpen;
    private Int128 _amountPaid;
    private bool _firstOrder;
    private int _judgedBy;
    private long _lastId;

    public MemberReplay(Findings findings, MemberRow member, TrialBalance totals, KeyChecks keys)
    {
        (_findings, _member, _totals, _keys) = (findings, member, totals, keys);
        _lots = new LotReplay(findings, member.Tenant, member.Member);
        _holds = new HoldReplay(findings, _lots, member.Tenant, member.Member);
        _keys.ExpectMember(member);
    }

    private sealed class Wallet
    {
        public Int128 Sum { get; set; }

        public Int128 Running { get; set; }
    }

    private sealed class OrderSums
    {
        public Int128 Points { get; set; }

        public Int128 Bonus { get; set; }

        public Int128 Growth { get; set; }

        public Int128 LifetimeTaken { get; set; }

        public Int128 GrowthTaken { get; set; }
    }

    public static string At(long time) => new Instant(time) is { IsNever: false } instant && time is > -62_000_000_000_000_000 and < 253_000_000_000_000_000
        ? instant.ToString()
        : time == long.MaxValue ? "never" : time.ToString(CultureInfo.InvariantCulture);

    public void Apply(EntryRow entry, IReadOnlyList<TakeRow> takes)
    {
        _holds.EndOpening();
        _lastId = entry.Id;
        FollowPosting(entry);
        CheckMovement(entry);
        _debt += entry.DebtDelta;
        _lifetime += entry.LifetimeDelta;
        if (entry.Kind is "earn" or "reverse")
        {
            _judgedBy = entry.RuleVersion;
        }

        SumOrder(entry);
        CheckTakes(entry, takes);
        MoveLots(entry, takes);
    }

    public void Apply(HoldChangeRow change)
    {
        _lastId = change.Id;
        _keys.ExpectHold(change, _posting?.First ?? 0);
        _holds.Apply(change);
    }

    public void Apply(OrderRow order)
    {
        _keys.ExpectOrder(order);
        _ordersSeen.Add(order.OrderId);
        var sums = _orders.GetValueOrDefault(order.OrderId) ?? new OrderSums();
        _findings.Look(InvariantCode.I10);
        Equal(InvariantCode.I10, "orders", order.OrderId, "points = entries of the order", sums.Points, order.Points);
        Equal(InvariantCode.I10, "orders", order.OrderId, "bonus = entries of the first order", sums.Bonus, order.Bonus);
        Equal(InvariantCode.I10, "orders", order.OrderId, "growth = entries of the order", sums.Growth, order.Growth);
        var taken = (Int128)order.PointsTaken + (order.BonusTaken ? order.Bonus : 0);
        Equal(InvariantCode.I10, "orders", order.OrderId, "points and bonus taken = entries of its refunds", sums.LifetimeTaken, taken);
        Equal(InvariantCode.I10, "orders", order.OrderId, "growth_taken = entries of its refunds", sums.GrowthTaken, order.GrowthTaken);
        _ordersOpen += order.Amount > 0 && order.Refunded == order.Amount ? 0 : 1;
        _amountPaid += order.Amount - order.Refunded;
        _firstOrder |= order.Amount > 0;
    }

    /// <summary>Everything of the member was told: compares the sums with the member's row.</summary>
    public void Close(IReadOnlyList<PinRow> pins, ProgrammeHistory programmes)
    {
        EndPosting();
        _holds.Close(pins);
        _lots.Close();
        var (points, growth) = (SumOf("points"), SumOf("growth"));
        Member(InvariantCode.I1, "points = Σ entries", points, _member.Points);
        Member(InvariantCode.I1, "growth = Σ entries", growth, _member.Growth);
        Member(InvariantCode.I1, "balance = Σ entries", SumOf("balance"), _member.Balance);
        Member(InvariantCode.I2, "Σ entries = Σ lots.remaining − debt", _lots.StoredRemaining - _member.Debt, points);
        Member(InvariantCode.I2, "debt = Σ debt_delta", _debt, _member.Debt);
        Member(InvariantCode.I3, "held = Σ open holds", _holds.Open, _member.Held);
        Member(InvariantCode.I3, "held = Σ lots.held", _lots.StoredHeld, _member.Held);
        NotNegative("held", _member.Held);
        NotNegative("debt", _member.Debt);
        NotNegative("receivable", _member.Receivable);
        Member(InvariantCode.I10, "lifetime = Σ lifetime_delta", _lifetime, _member.Lifetime);
        Member(InvariantCode.I10, "receivable = shortfalls less repayments", _receivable, _member.Receivable);
        Member(InvariantCode.I10, "total_orders", _ordersOpen, _member.TotalOrders);
        Member(InvariantCode.I10, "total_amount", _amountPaid, _member.TotalAmount);
        Member(InvariantCode.I10, "first_order_used", _firstOrder ? 1 : 0, _member.FirstOrderUsed ? 1 : 0);
        CheckOrdersAreStored();
        CheckNextChange();
        CheckLevel(programmes);
        _totals.AddWallet(_member);
    }

    private void CheckMovement(EntryRow entry)
    {
        if (!_wallets.TryGetValue(entry.Unit, out var wallet))
        {
            _wallets.Add(entry.Unit, wallet = new Wallet());
        }

        _findings.Look(InvariantCode.I1);
        wallet.Sum += entry.Amount;
        wallet.Running += entry.Amount;
        Equal(InvariantCode.I1, "entries", entry.IdText, "balance_after", wallet.Running, entry.BalanceAfter);

        // One break is one offence: from here on the entry's own figure counts.
        wallet.Running = entry.BalanceAfter;
        var account = AccountOf(entry.Kind);
        if (account != entry.Account)
        {
            Report(InvariantCode.I1, "entries", entry.IdText, account is null ? "a kind that has an account" : $"account {account}", $"{entry.Kind}, {entry.Account}");
        }

        _totals.AddEntry(entry);
    }

    /// <summary>Told apart from the writer's own list: a kind that moved elsewhere must show.</summary>
    private static string? AccountOf(string kind) => kind switch
    {
        "earn" or "reverse" => "issuance",
        "spend" => "redemption",
        "expire" => "expiry",
        "adjust" => "adjustment",
        "transfer" => "transfer",
        "repay" => "receivable",
        _ => null,
    };

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

        if (takes.Count > 0 || entry.Kind is "spend" or "transfer" or "adjust" or "reverse")
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

    private void SumOrder(EntryRow entry)
    {
        if (entry.Kind == "reverse" && ShortfallOwed(entry) is { } owed)
        {
            _receivable += owed;
        }

        if (entry.OrderId is null || entry.Rule is not ("order" or "first_order" or "refund"))
        {
            return;
        }

        if (!_orders.TryGetValue(entry.OrderId, out var sums))
        {
            _orders.Add(entry.OrderId, sums = new OrderSums());
        }

        var isGrowth = entry.Unit == "growth";
        sums.Points += entry.Rule == "order" && !isGrowth ? entry.Amount : 0;
        sums.Bonus += entry.Rule == "first_order" ? entry.Amount : 0;
        sums.Growth += entry.Rule == "order" && isGrowth ? entry.Amount : 0;
        sums.LifetimeTaken -= entry.Rule == "refund" ? entry.LifetimeDelta : 0;
        sums.GrowthTaken -= entry.Rule == "refund" && isGrowth ? entry.Amount : 0;
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

    private void CheckOrdersAreStored()
    {
        foreach (var order in _orders.Keys.Where(order => !_ordersSeen.Contains(order)))
        {
            Report(InvariantCode.I10, "orders", order, "the order that entries name", "no such order of the member");
        }

        _findings.Look(InvariantCode.I10);
        if (_member.LastId < _lastId)
        {
            Report(InvariantCode.I10, "members", MemberText, $"last_id {_lastId} or more", _member.LastId.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What lapses next must be known, or lapsed points would count as available.</summary>
    private void CheckNextChange()
    {
        _findings.Look(InvariantCode.I8);
        var due = Math.Min(_lots.NextExpiry, _holds.NextEnd);
        if (_member.NextChangeAt > due)
        {
            Report(InvariantCode.I8, "members", MemberText, $"next_change_at {At(due)} or sooner", At(_member.NextChangeAt));
        }
    }

    private void CheckLevel(ProgrammeHistory programmes)
    {
        _findings.Look(InvariantCode.I10);
        if (programmes.LowestLevelOwed(_member.Tenant, _judgedBy, _member.LevelCode, _member.Lifetime) is { } owed)
        {
            Report(InvariantCode.I10, "members", MemberText, $"level {owed} or higher for {_member.Lifetime} lifetime points", _member.LevelCode);
        }
    }

    private Int128 SumOf(string unit) => _wallets.GetValueOrDefault(unit)?.Sum ?? 0;

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
