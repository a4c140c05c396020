using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>How far the end of a lot was moved: the lot as it is now, and where it stood.</summary>
public sealed record Extension(Lot Lot, LotPosition From);

/// <summary>Giving points a longer life, bringing lapsed ones back, and telling of those that are about to lapse.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Whether every lot that lapses before <paramref name="time"/> is loaded.</summary>
    public bool IsLoadedThrough(Instant time) => LoadedThrough is not { } through
        || (through.ExpiresAt >= time && (through.ExpiresAt > Instant.WhenInactive || !IsClockDue(time)));

    /// <summary>Lets a live lot lapse later; null when that would not be later. Whoever was told of its end will be told of the new one.</summary>
    public Extension? Extend(long lotId, Instant time, Instant expiresAt)
    {
        var lot = FindLot(lotId);
        Invariant.Require(lot is not null && lot.IsLiveAt(time), "What is prolonged is live.");
        if (lot.Remaining == 0 || expiresAt <= lot.ExpiresAt)
        {
            return null;
        }

        var before = lot.Position;
        var moved = Move(lot, before with { ExpiresAt = expiresAt });
        if (moved.RemindedDays != 0)
        {
            Replace(moved = moved with { RemindedDays = 0 });
        }

        return new Extension(moved, before);
    }

    /// <summary>Gives a live lot another end, be it sooner. Whoever was told of its end will be told of the new one.</summary>
    public Extension Redate(long lotId, Instant expiresAt)
    {
        var lot = FindLot(lotId);
        Invariant.Require(lot is { Remaining: > 0 } && lot.ActiveAt < expiresAt, "What is given another end is there.");
        var before = lot.Position;
        var moved = Move(lot, before with { ExpiresAt = expiresAt }) with { RemindedDays = 0 };
        Replace(moved);
        return new Extension(moved, before);
    }

    /// <summary>Notes that what lapsed of a lot came back, and says how much it was. The points themselves are granted as another lot.</summary>
    public long MarkReinstated(long lotId)
    {
        var lot = FindLot(lotId);
        Invariant.Require(lot is { Expired: > 0, LapseUse: LapseUse.None }, "Points come back once.");
        Replace(lot with { LapseUse = LapseUse.Reinstated });
        return lot.Expired;
    }

    /// <summary>Notes that the member was told, so many days before, that a lot will lapse.</summary>
    public void MarkReminded(long lotId, int days)
    {
        var lot = FindLot(lotId);
        Invariant.Require(lot is not null && (lot.RemindedDays == 0 || lot.RemindedDays > days), "A member is told of a lot once for each number of days.");
        Replace(lot with { RemindedDays = days });
    }
}
