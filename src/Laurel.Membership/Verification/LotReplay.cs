using System.Globalization;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;

namespace Laurel.Membership.Verification;

/// <summary>The lots of one member during the replay: I3 and I8. A lot of which nothing is left is checked and forgotten.</summary>
/// <param name="clock">When lots lapse that have no date because they lapse by inactivity.</param>
internal sealed class LotReplay(Findings findings, int tenant, long member, ClockReplay clock)
{
    private readonly Dictionary<long, ReplayedLot> _byId = [];
    private readonly SortedDictionary<(long ExpiresAt, long ActiveAt, long Id), ReplayedLot> _inOrder = [];

    // What lapsed of lots of which nothing is left: it may come back once.
    private readonly Dictionary<long, Int128> _lapsed = [];

    /// <summary>What all lots have left, as stored.</summary>
    public Int128 StoredRemaining { get; private set; }

    /// <summary>What all lots have pinned, as stored.</summary>
    public Int128 StoredHeld { get; private set; }

    /// <summary>The earliest instant at which free points lapse.</summary>
    public long NextExpiry =>
        _inOrder.Values.Where(lot => lot.Free > 0).Select(EndOf).DefaultIfEmpty(long.MaxValue).Min();

    public ReplayedLot? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>Lots of which something is left.</summary>
    public IEnumerable<ReplayedLot> All => _byId.Values;

    /// <summary>An entry that granted points has opened its lot.</summary>
    public void Open(EntryRow entry, StoredLot stored)
    {
        Add(new ReplayedLot(entry, stored));
    }

    /// <summary>A lot that was open at the cut.</summary>
    public void Open(LotOpening opening)
    {
        if (opening.Stored is not { } stored)
        {
            Report(InvariantCode.I3, "opening_lots", Text($"{opening.LotId}"), "the lot that was open at the cut", "no such lot");
            return;
        }

        Add(new ReplayedLot(opening, stored));
    }

    /// <summary>The open lots as they stand.</summary>
    public IReadOnlyList<LotOpening> OpenAt(long cut) =>
    [
        .. _byId.Values.Select(lot => new LotOpening
        {
            Tenant = tenant,
            Member = member,
            Cut = cut,
            LotId = lot.Id,
            Granted = checked((long)lot.Granted),
            Opening = checked((long)lot.Opening),
            Remaining = checked((long)lot.Remaining),
            Held = checked((long)lot.Held),
            Expired = checked((long)lot.Expired),
            ActiveAt = lot.ActiveAt,
            ExpiresAt = lot.End,
            OrderId = lot.OrderId,
        }),
    ];

    /// <summary>The life of a lot was moved: from where it stood.</summary>
    public void Move(LotChangeRow change)
    {
        findings.Look(InvariantCode.I3);
        var id = Text($"{change.Id}");
        if (Find(change.LotId) is not { } lot)
        {
            Report(InvariantCode.I3, "lot_changes", id, "a lot of the member that has points left", Text($"no such lot {change.LotId}"));
            return;
        }

        if ((lot.ActiveAt, lot.End) != (change.ActiveBefore, change.ExpiresBefore))
        {
            Report(
                InvariantCode.I3,
                "lot_changes",
                id,
                Text($"from {At(lot.ActiveAt)} until {At(lot.End)} before it"),
                Text($"from {At(change.ActiveBefore)} until {At(change.ExpiresBefore)}"));
        }

        if (change.Kind == "extend" && change.ExpiresAfter <= change.ExpiresBefore)
        {
            Report(InvariantCode.I3, "lot_changes", id, "a longer life", Text($"until {At(change.ExpiresAfter)}"));
        }

        if (change.Kind == "inactive" && (change.ExpiresBefore != ClockReplay.WhenInactive || change.ExpiresAfter != clock.RunsOutAt))
        {
            var clockAt = clock.RunsOutAt is { } end ? At(end) : "never";
            Report(InvariantCode.I3, "lot_changes", id, Text($"the end of a lot without a date, at {clockAt}"), Text($"until {At(change.ExpiresAfter)}"));
        }

        if (change.Kind == "carry" && !clock.IsCarried(change))
        {
            Report(InvariantCode.I3, "lot_changes", id, Text($"the end that programme version {change.Reference} gives"), Text($"until {At(change.ExpiresAfter)}"));
        }

        if (change.Points != lot.Remaining)
        {
            Report(InvariantCode.I3, "lot_changes", id, Text($"points: {lot.Remaining}"), Text($"{change.Points}"));
        }

        _inOrder.Remove(lot.Place);
        lot.Move(change);
        _inOrder.Add(lot.Place, lot);
    }

    /// <summary>Whether something lapsed of a lot since the cut, or before it of one that was still open then.</summary>
    public bool HasLapsed(long lotId) => _lapsed.ContainsKey(lotId) || Find(lotId) is not null;

    /// <summary>What had lapsed of a lot came back: all of it, and once.</summary>
    public void Reinstate(EntryRow entry, long lotId)
    {
        findings.Look(InvariantCode.I3);
        var lot = Find(lotId);
        if (lot is { IsReinstated: true } || (lot is null && !_lapsed.ContainsKey(lotId)) || (lot?.Expired ?? _lapsed[lotId]) != entry.Amount)
        {
            Report(InvariantCode.I3, "entries", entry.IdText, Text($"what lapsed of lot {lotId}, once"), Text($"{entry.Amount}"));
        }

        _lapsed.Remove(lotId);
        if (lot is not null)
        {
            lot.IsReinstated = true;
        }
    }

    /// <summary>Every pending lot waits as its lot says, and every lot that an event must bring has what it waits for.</summary>
    public void CompareWaiting(IReadOnlyList<PendingRow> pending)
    {
        foreach (var row in pending)
        {
            findings.Look(InvariantCode.I3);
            var lot = Find(row.LotId);
            if (lot is null || lot.ActiveAt != row.ActivatesAt)
            {
                Report(
                    InvariantCode.I3,
                    "pending_lots",
                    Text($"{row.LotId}"),
                    lot is null ? "a lot that has points left" : Text($"activates_at {At(lot.ActiveAt)}"),
                    lot is null ? "none" : At(row.ActivatesAt));
            }
        }

        var waiting = pending.Select(row => row.LotId).ToHashSet();
        foreach (var lot in _byId.Values.Where(lot => lot.ActiveAt == long.MaxValue && !waiting.Contains(lot.Id)))
        {
            Report(InvariantCode.I3, "lots", Text($"{lot.Id}"), "what a lot waits for that is not active", "none");
        }
    }

    /// <summary>A part of the lot repaid a receivable at once.</summary>
    public void Withhold(long id, Int128 points, EntryRow entry)
    {
        if (Find(id) is not { } lot)
        {
            Report(InvariantCode.I3, "entries", entry.IdText, "a repayment out of the lot just granted", Text($"no open lot {id}"));
            return;
        }

        lot.Opening -= points;
        lot.Remaining -= points;
        Forget(lot);
    }

    /// <summary>Takes what an entry says it took, and judges by its kind whether it might.</summary>
    public void Take(EntryRow entry, IReadOnlyList<TakeRow> takes, bool pinned)
    {
        var lots = new List<ReplayedLot>(takes.Count);
        foreach (var take in takes)
        {
            findings.Look(InvariantCode.I3);
            if (Find(take.Lot) is not { } lot)
            {
                Report(InvariantCode.I3, "lot_takes", IdOf(take), "a lot of the member that has points left", "no such lot");
                continue;
            }

            if (take.OccurredAt != entry.OccurredAt)
            {
                Report(InvariantCode.I3, "lot_takes", IdOf(take), $"occurred_at {At(entry.OccurredAt)}, the entry's", At(take.OccurredAt));
            }

            lot.Remaining -= take.Points;
            lot.Expired += entry.Kind == "expire" ? take.Points : 0;
            if (lot.Remaining < lot.Held || lot.Remaining < 0)
            {
                Report(
                    InvariantCode.I3,
                    "lot_takes",
                    IdOf(take),
                    Text($"at most the free points of lot {take.Lot}"),
                    Text($"{lot.Remaining} left of which {lot.Held} are held"));
            }

            lots.Add(lot);
        }

        if (!pinned)
        {
            Judge(entry, lots);
        }

        foreach (var lot in lots)
        {
            Forget(lot);
        }
    }

    /// <summary>Spending order: what was taken was live, and nothing that comes earlier and was live was left over.</summary>
    public void JudgeOrder(string table, string id, long time, IReadOnlyList<ReplayedLot> taken, string? ownOrder)
    {
        findings.Look(InvariantCode.I8);
        foreach (var lot in taken)
        {
            if (!IsLiveAt(lot, time) && !IsOwn(lot, ownOrder))
            {
                Report(
                    InvariantCode.I8,
                    table,
                    id,
                    Text($"lots live at {At(time)}"),
                    Text($"lot {lot.Id}, live from {At(lot.ActiveAt)} until {At(EndOf(lot))}"));
            }
        }

        var others = taken.Where(lot => !IsOwn(lot, ownOrder)).ToList();
        if (others.Count == 0)
        {
            return;
        }

        var last = others.Max(lot => lot.Place);
        foreach (var (place, lot) in _inOrder)
        {
            var comesFirst = IsOwn(lot, ownOrder) || (place.CompareTo(last) < 0 && IsLiveAt(lot, time));
            if (comesFirst && lot.Free > 0)
            {
                Report(InvariantCode.I8, table, id, Text($"lot {lot.Id} emptied before lot {last.Id}"), Text($"{lot.Free} free points left in it"));
            }

            if (ownOrder is null && place.CompareTo(last) >= 0)
            {
                break;
            }
        }
    }

    /// <summary>Compares what is left of every open lot with what is stored.</summary>
    public void Close()
    {
        foreach (var lot in _byId.Values)
        {
            Compare(lot);
        }
    }

    /// <summary>When a lot lapses, as things stand at this moment of the replay.</summary>
    private long EndOf(ReplayedLot lot) => lot.End == ClockReplay.WhenInactive ? clock.RunsOutAt ?? long.MaxValue : lot.End;

    private bool IsLiveAt(ReplayedLot lot, long time) => lot.ActiveAt <= time && time < EndOf(lot);

    private void Add(ReplayedLot lot)
    {
        StoredRemaining += lot.Stored.Remaining;
        StoredHeld += lot.Stored.Held;
        _byId.Add(lot.Id, lot);
        _inOrder.Add(lot.Place, lot);
        Forget(lot);
    }

    private static bool IsOwn(ReplayedLot lot, string? order) => order is not null && lot.OrderId == order;

    private void Judge(EntryRow entry, List<ReplayedLot> lots)
    {
        switch (entry.Kind)
        {
            case "spend" or "transfer" or "adjust" or "exchange":
                JudgeOrder("entries", entry.IdText, entry.OccurredAt, lots, null);
                break;
            case "reverse":
                JudgeOrder("entries", entry.IdText, entry.OccurredAt, lots, entry.OrderId ?? "");
                break;
            case "expire":
                findings.Look(InvariantCode.I8);
                foreach (var lot in lots.Where(lot => lot.End > entry.OccurredAt))
                {
                    Report(InvariantCode.I8, "entries", entry.IdText, Text($"lot {lot.Id} lapses at {At(lot.End)} or later"), At(entry.OccurredAt));
                }

                break;
            case "cancel":
                findings.Look(InvariantCode.I8);
                foreach (var lot in lots.Where(lot => lot.ActiveAt <= entry.OccurredAt || lot.Remaining != 0))
                {
                    Report(InvariantCode.I8, "entries", entry.IdText, Text($"lot {lot.Id} whole, while it is pending"), Text($"active from {At(lot.ActiveAt)}, {lot.Remaining} left"));
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Once nothing is left of a lot no row may name it again.</summary>
    private void Forget(ReplayedLot lot)
    {
        if (lot.Remaining == 0 && lot.Held == 0 && _byId.Remove(lot.Id))
        {
            _inOrder.Remove(lot.Place);
            if (lot.Expired > 0 && !lot.IsReinstated)
            {
                _lapsed[lot.Id] = lot.Expired;
            }

            Compare(lot);
        }
    }

    private void Compare(ReplayedLot lot)
    {
        var (stored, id) = (lot.Stored, Text($"{lot.Id}"));
        findings.Look(InvariantCode.I3);
        if (!(stored.Held >= 0 && stored.Held <= stored.Remaining && stored.Remaining <= stored.Opening && stored.Opening <= stored.Granted))
        {
            Report(
                InvariantCode.I3,
                "lots",
                id,
                "0 ≤ held ≤ remaining ≤ opening ≤ granted",
                Text($"{stored.Held}, {stored.Remaining}, {stored.Opening}, {stored.Granted}"));
        }

        Equal(id, "granted", lot.Granted, stored.Granted);
        Equal(id, "opening = granted less what repaid debt or a receivable", lot.Opening, stored.Opening);
        Equal(id, "remaining = opening less takes", lot.Remaining, stored.Remaining);
        Equal(id, "held = points pinned by open holds", lot.Held, stored.Held);
        Equal(id, "expired = takes by expiries", lot.Expired, stored.Expired);
        if (lot.ExpiresAt != stored.ExpiresAt)
        {
            Report(InvariantCode.I3, "lots", id, $"expires_at {(lot.ExpiresAt is { } at ? At(at) : "of an entry")}", At(stored.ExpiresAt));
        }

        if (lot.ActiveAt != stored.ActiveAt)
        {
            Report(InvariantCode.I3, "lots", id, $"active_at {At(lot.ActiveAt)}", At(stored.ActiveAt));
        }
    }

    private void Equal(string id, string what, Int128 expected, Int128 found)
    {
        if (expected != found)
        {
            Report(InvariantCode.I3, "lots", id, Text($"{what}: {expected}"), Text($"{found}"));
        }
    }

    private void Report(InvariantCode code, string table, string id, string expected, string found) => findings.Report(code, new Offence
    {
        Tenant = tenant,
        Member = member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private static string IdOf(TakeRow take) => Text($"{take.Entry}/{take.Lot}");

    private static string At(long time) => MemberReplay.At(time);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
