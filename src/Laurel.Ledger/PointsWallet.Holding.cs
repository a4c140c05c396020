using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Setting points aside: a hold pins lots, is captured or released, and ends exactly once (I11).</summary>
public sealed partial class PointsWallet
{
    /// <summary>Pins points in spending order from lots live at <paramref name="time"/>.</summary>
    /// <exception cref="InvariantBrokenException">When <see cref="AvailableAt"/> does not cover them.</exception>
    public Hold OpenHold(long id, long points, Instant time, Instant expiresAt) =>
        OpenHold(id, points, time, expiresAt, lot => lot.IsLiveAt(time));

    /// <summary>Points of lots that <see cref="OpenHoldOn"/> would pin.</summary>
    public long FreeOf(IReadOnlyList<long> lots, Instant time) =>
        lots.Sum(id => FindLot(id) is { } lot && lot.ExpiresAt > time ? lot.Free : 0);

    /// <summary>Pins points of these lots and no others, whether they are live at <paramref name="time"/> or pending.</summary>
    /// <exception cref="InvariantBrokenException">When <see cref="FreeOf"/> does not cover them.</exception>
    public Hold OpenHoldOn(IReadOnlyList<long> lots, long id, long points, Instant time, Instant expiresAt) =>
        OpenHold(id, points, time, expiresAt, lot => lots.Contains(lot.Id) && lot.ExpiresAt > time);

    /// <summary>Lets an open hold end later. It never ends sooner.</summary>
    public Hold ExtendHold(long id, Instant expiresAt)
    {
        var hold = OpenHold(id);
        hold = hold with { ExpiresAt = Instant.Max(hold.ExpiresAt, expiresAt) };
        Holds.Set(id, hold);
        return hold;
    }

    private Hold OpenHold(long id, long points, Instant time, Instant expiresAt, Func<Lot, bool> mayPin)
    {
        var pins = ImmutableArray.CreateBuilder<HoldPin>();
        var left = points;
        foreach (var lot in Lots.Values)
        {
            var pinned = left > 0 && mayPin(lot) ? Math.Min(lot.Free, left) : 0;
            if (pinned > 0)
            {
                Replace(lot with { Held = lot.Held + pinned });
                pins.Add(new HoldPin(lot.Position, pinned));
                left -= pinned;
            }
        }

        Invariant.Require(left == 0 && points > 0, "I8: a hold is covered by live lots.");
        Held += points;
        NextChangeAt = Instant.Min(NextChangeAt, expiresAt);
        var hold = new Hold
        {
            Id = id,
            Points = points,
            Captured = 0,
            Released = 0,
            Status = HoldStatus.Open,
            OpenedAt = time,
            ExpiresAt = expiresAt,
            Pins = pins.ToImmutable(),
        };
        Holds.Set(id, hold);
        return hold;
    }

    /// <summary>Takes points of an open hold for good, in spending order, and releases the rest of it.</summary>
    /// <returns>What was taken, and what the end of the hold made lapse.</returns>
    public (List<LotTake> Takes, DueChange End) Capture(long holdId, long points, Instant time)
    {
        var hold = OpenHold(holdId);
        Invariant.Require(points > 0 && points <= hold.Open, "I11: a capture is covered by its hold.");
        var takes = new List<LotTake>();
        var rest = ImmutableArray.CreateBuilder<HoldPin>();
        var left = points;
        foreach (var pin in hold.Pins)
        {
            var taken = Math.Min(pin.Points, left);
            left -= taken;
            if (taken > 0)
            {
                var lot = LotOf(pin.Lot);
                Held -= taken;
                TakeFrom(lot with { Held = lot.Held - taken }, taken, takes);
            }

            if (taken < pin.Points)
            {
                rest.Add(pin with { Points = pin.Points - taken });
            }
        }

        hold = hold with { Captured = points, Pins = rest.ToImmutable() };
        Holds.Set(holdId, hold);
        return (takes, EndHold(hold, hold.Open, time, HoldStatus.Captured));
    }

    /// <summary>Gives back points of an open hold, the last pinned first; the hold ends when none are left.</summary>
    /// <returns>What the release made lapse: points whose lots expired while they were pinned.</returns>
    public DueChange Release(long holdId, long points, Instant time)
    {
        var hold = OpenHold(holdId);
        Invariant.Require(points > 0 && points <= hold.Open, "I11: a release is covered by its hold.");
        return EndHold(hold, points, time, points == hold.Open ? HoldStatus.Released : HoldStatus.Open);
    }

    private Hold OpenHold(long id) => Holds.Find(id) is { Status: HoldStatus.Open } hold
        ? hold
        : throw new InvariantBrokenException("I11: only an open, loaded hold is captured or released.");

    private DueChange EndHold(Hold hold, long freed, Instant at, HoldStatus status)
    {
        var lapsed = new List<LotTake>();
        var freedPins = new List<LotTake>();
        var pins = hold.Pins;
        for (var left = freed; left > 0;)
        {
            var pin = pins[^1];
            var points = Math.Min(pin.Points, left);
            left -= points;
            pins = points == pin.Points ? pins.RemoveAt(pins.Length - 1) : pins.SetItem(pins.Length - 1, pin with { Points = pin.Points - points });
            var lot = LotOf(pin.Lot);
            Held -= points;
            freedPins.Add(new LotTake(lot.Id, points));
            Replace(lot with { Held = lot.Held - points });
            if (lot.ExpiresAt <= at)
            {
                Lapse(LotOf(pin.Lot), points, lapsed);
            }
            else
            {
                NextChangeAt = Instant.Min(NextChangeAt, lot.ExpiresAt);
                FreePending(lot.Id, at);
            }
        }

        hold = hold with { Released = hold.Released + freed, Status = status, Pins = pins };
        Invariant.Require(status == HoldStatus.Open || hold.Captured + hold.Released == hold.Points, "I11: captured + released = held.");
        Holds.Set(hold.Id, hold);
        return new DueChange(at, lapsed, hold, freedPins, Balance);
    }
}
