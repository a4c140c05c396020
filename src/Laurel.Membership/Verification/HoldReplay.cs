using System.Globalization;

namespace Laurel.Membership.Verification;

/// <summary>The holds of one member during the replay: I11, and the part of I8 that says what they pin.</summary>
internal sealed class HoldReplay(Findings findings, LotReplay lots, int tenant, long member)
{
    private readonly Dictionary<long, ReplayedHold> _holds = [];
    private readonly Dictionary<(long Hold, long Lot), Int128> _captured = [];
    private Opening? _opening;

    // The hold whose opening was told last below the cut: it is opened lot by lot, and may go on from the cut on.
    private long _openedBelow;

    private sealed class ReplayedHold(StoredHold stored)
    {
        public StoredHold Stored { get; } = stored;

        public Dictionary<long, Int128> Pins { get; } = [];

        public Int128 Points { get; set; }

        public Int128 Captured { get; set; }

        public Int128 Released { get; set; }

        public bool Expired { get; set; }

        public Int128 Open => Points - Captured - Released;
    }

    /// <param name="OwnOrder">The order whose own lots it pins, and no others; null for a hold that pins what is spent first.</param>
    private sealed record Opening(long Hold, long Time, List<ReplayedLot> Lots, string? OwnOrder);

    /// <summary>Points of all holds that are still open.</summary>
    public Int128 Open { get; private set; }

    /// <summary>The earliest instant at which an open hold ends by itself.</summary>
    public long NextEnd =>
        _holds.Values.Where(hold => hold.Open > 0).Select(hold => hold.Stored.ExpiresAt).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>An entry captured points: they come out of what its hold pinned.</summary>
    public void Capture(EntryRow entry, IReadOnlyList<TakeRow> takes)
    {
        EndOpening();
        var hold = _holds.GetValueOrDefault(entry.RelatedId ?? 0);
        foreach (var take in takes)
        {
            findings.Look(InvariantCode.I8);
            var pinned = hold?.Pins.GetValueOrDefault(take.Lot) ?? 0;
            if (pinned < take.Points)
            {
                Report(
                    InvariantCode.I8,
                    "entries",
                    entry.IdText,
                    Text($"{take.Points} points of lot {take.Lot} pinned by hold {entry.RelatedId}"),
                    Text($"{pinned} pinned"));
                continue;
            }

            Unpin(hold!, take.Lot, take.Points);
            _captured[(entry.RelatedId!.Value, take.Lot)] = _captured.GetValueOrDefault((entry.RelatedId.Value, take.Lot)) + take.Points;
        }
    }

    /// <summary>A change whose command wrote its entries below the cut: what it did to lots is in their openings.</summary>
    public void ApplyBelow(HoldChangeRow change)
    {
        if (FindHold(change) is not { } hold)
        {
            return;
        }

        _openedBelow = change.Kind == "hold" ? change.HoldId : 0;
        var pinned = hold.Pins.GetValueOrDefault(change.LotId);
        hold.Pins[change.LotId] = change.Kind == "hold" ? pinned + change.Points : pinned - change.Points;
        hold.Points += change.Kind == "hold" ? change.Points : 0;
        hold.Captured += change.Kind == "capture" ? change.Points : 0;
        hold.Released += change.Kind is "release" or "expire" ? change.Points : 0;
        hold.Expired |= change.Kind == "expire";
        if (change.Kind != "hold")
        {
            CheckEnd(change, hold);
        }
    }

    /// <summary>Whether a change from the cut on belongs to an entry below it, when no entry was seen in between: a capture follows its entry.</summary>
    public static bool ContinuesBelow(HoldChangeRow change) => change.Kind == "capture";

    /// <summary>Compares what lots held at the cut with what the changes so far pinned.</summary>
    public void CompareWithLots()
    {
        var pins = new Dictionary<long, Int128>();
        foreach (var (lot, points) in _holds.Values.SelectMany(hold => hold.Pins))
        {
            pins[lot] = pins.GetValueOrDefault(lot) + points;
        }

        foreach (var lot in lots.All)
        {
            findings.Look(InvariantCode.I13);
            var pinned = pins.GetValueOrDefault(lot.Id);
            pins.Remove(lot.Id);
            if (pinned != lot.Held)
            {
                Report(InvariantCode.I13, "opening_lots", Text($"{lot.Id}"), Text($"held = {pinned}, what holds pinned at the cut"), Text($"{lot.Held}"));
            }
        }

        foreach (var (lot, points) in pins.Where(pin => pin.Value != 0))
        {
            Report(InvariantCode.I13, "opening_lots", Text($"{lot}"), Text($"a lot of which {points} points were held at the cut"), "none");
        }
    }

    public void Apply(HoldChangeRow change)
    {
        if (FindHold(change) is not { } hold)
        {
            return;
        }

        if (change.Kind == "hold")
        {
            Pin(change, hold);
            return;
        }

        EndOpening();
        End(change, hold);
    }

    /// <summary>Judges the spending order of the hold that was being opened: its lots are told one by one.</summary>
    public void EndOpening()
    {
        if (_opening is { } opening)
        {
            lots.JudgeOrder("holds", Text($"{opening.Hold}"), opening.Time, opening.Lots, opening.OwnOrder);
            _opening = null;
        }
    }

    /// <summary>Compares every hold with what is stored, and its pins with those in <paramref name="pins"/>.</summary>
    public void Close(IReadOnlyList<PinRow> pins)
    {
        EndOpening();
        var stored = pins.GroupBy(pin => pin.Hold).ToDictionary(group => group.Key, group => group.ToDictionary(pin => pin.Lot, pin => pin.Points));
        foreach (var (id, hold) in _holds)
        {
            Compare(id, hold);
            Open += hold.Open;
            var found = stored.GetValueOrDefault(id) ?? [];
            foreach (var lot in hold.Pins.Keys.Union(found.Keys))
            {
                Equal("hold_pins", Text($"{id}/{lot}"), "points still pinned", hold.Pins.GetValueOrDefault(lot), found.GetValueOrDefault(lot));
            }
        }

        foreach (var pin in pins.Where(pin => pin.Points != 0 && !_holds.ContainsKey(pin.Hold)))
        {
            Equal("hold_pins", Text($"{pin.Hold}/{pin.Lot}"), "points still pinned", 0, pin.Points);
        }

        foreach (var ((hold, lot), points) in _captured.Where(pair => pair.Value != 0))
        {
            Equal("hold_changes", Text($"{hold}/{lot}"), "captures that changes of the hold do not tell", 0, points);
        }
    }

    private ReplayedHold? FindHold(HoldChangeRow change)
    {
        findings.Look(InvariantCode.I11);
        if (change.Hold is not { } stored)
        {
            Report(InvariantCode.I11, "hold_changes", IdOf(change), Text($"hold {change.HoldId}"), "no such hold of the member");
            return null;
        }

        if (!_holds.TryGetValue(change.HoldId, out var hold))
        {
            _holds.Add(change.HoldId, hold = new ReplayedHold(stored));
        }

        return hold;
    }

    private void Pin(HoldChangeRow change, ReplayedHold hold)
    {
        if (_opening is null || _opening.Hold != change.HoldId)
        {
            EndOpening();
            var ownOrder = hold.Stored.ReferenceType == "return" ? hold.Stored.ReferenceId : null;
            _opening = new Opening(change.HoldId, change.OccurredAt, [], ownOrder);
            if (hold.Points > 0 && change.HoldId != _openedBelow)
            {
                Report(InvariantCode.I11, "hold_changes", IdOf(change), "a hold opened once", "opened again");
            }
        }

        hold.Points += change.Points;
        hold.Pins[change.LotId] = hold.Pins.GetValueOrDefault(change.LotId) + change.Points;
        if (lots.Find(change.LotId) is not { } lot)
        {
            Report(InvariantCode.I8, "hold_changes", IdOf(change), "a lot of the member that has points left", Text($"no such lot {change.LotId}"));
            return;
        }

        lot.Held += change.Points;
        _opening.Lots.Add(lot);
        if (lot.Free < 0)
        {
            Report(
                InvariantCode.I3,
                "hold_changes",
                IdOf(change),
                Text($"at most the free points of lot {change.LotId}"),
                Text($"{lot.Remaining} left of which {lot.Held} are held"));
        }
    }

    private void End(HoldChangeRow change, ReplayedHold hold)
    {
        if (change.Kind == "capture")
        {
            hold.Captured += change.Points;
            var key = (change.HoldId, change.LotId);
            _captured[key] = _captured.GetValueOrDefault(key) - change.Points;
        }
        else
        {
            hold.Released += change.Points;
            hold.Expired |= change.Kind == "expire";
            Unpin(hold, change.LotId, change.Points);
        }

        CheckEnd(change, hold);
    }

    private void CheckEnd(HoldChangeRow change, ReplayedHold hold)
    {
        if (hold.Open < 0 || hold.Pins.GetValueOrDefault(change.LotId) < 0)
        {
            Report(InvariantCode.I11, "hold_changes", IdOf(change), "captured + released within what was held", Text($"{-hold.Open} more"));
        }

        var isInTime = change.Kind == "expire" ? change.OccurredAt == hold.Stored.ExpiresAt : change.OccurredAt < hold.Stored.ExpiresAt;
        if (!isInTime)
        {
            Report(
                InvariantCode.I11,
                "hold_changes",
                IdOf(change),
                $"{change.Kind} {(change.Kind == "expire" ? "at" : "before")} {MemberReplay.At(hold.Stored.ExpiresAt)}",
                MemberReplay.At(change.OccurredAt));
        }
    }

    private void Unpin(ReplayedHold hold, long lotId, Int128 points)
    {
        hold.Pins[lotId] = hold.Pins.GetValueOrDefault(lotId) - points;
        if (lots.Find(lotId) is { } lot)
        {
            lot.Held -= points;
        }
    }

    private void Compare(long id, ReplayedHold hold)
    {
        findings.Look(InvariantCode.I11);
        var (stored, name) = (hold.Stored, Text($"{id}"));
        Equal("holds", name, "points", hold.Points, stored.Points);
        Equal("holds", name, "captured", hold.Captured, stored.Captured);
        Equal("holds", name, "released", hold.Released, stored.Released);
        var status = hold.Open > 0 ? "open" : hold.Captured > 0 ? "captured" : hold.Expired ? "expired" : "released";
        if (status != stored.Status)
        {
            Report(InvariantCode.I11, "holds", name, $"status {status}", stored.Status);
        }
    }

    private void Equal(string table, string id, string what, Int128 expected, Int128 found)
    {
        if (expected != found)
        {
            Report(InvariantCode.I11, table, id, Text($"{what}: {expected}"), Text($"{found}"));
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

    private static string IdOf(HoldChangeRow change) => Text($"{change.Id}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
