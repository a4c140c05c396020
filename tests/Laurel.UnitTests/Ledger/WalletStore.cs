using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.UnitTests.Ledger;

/// <summary>
/// Stands for the database: keeps lots and holds between batches, and gives them back a page at a time.
/// </summary>
/// <remarks>Pages are tiny, so that most decisions are taken on a wallet of which only a part is loaded.</remarks>
internal sealed class WalletStore
{
    private const int PageLots = 2;

    private readonly SortedDictionary<LotPosition, Lot> _lots = [];
    private readonly Dictionary<long, Hold> _holds = [];
    private readonly Dictionary<long, PendingLot> _pending = [];

    public PointsWallet Wallet { get; private set; } = PointsWallet.Empty();

    /// <summary>Takes the outcome of a decision, as a batch does when a command was applied.</summary>
    public void Accept(PointsWallet wallet) => Wallet = wallet;

    /// <summary>Ends the batch: writes what is new or changed and forgets everything but the member's row.</summary>
    public void EndBatch()
    {
        foreach (var lot in Wallet.NewLots().Concat(Wallet.ChangedLots()))
        {
            Put(_lots, lot);
        }

        foreach (var pending in Wallet.Pending.New().Concat(Wallet.Pending.Changed()))
        {
            _pending[pending.LotId] = pending;
        }

        foreach (var hold in Wallet.Holds.New().Concat(Wallet.Holds.Changed()))
        {
            _holds[hold.Id] = hold;
        }

        Wallet = PointsWallet.Stored(Wallet.Balance, Wallet.Held, Wallet.Debt, Wallet.Receivable, Wallet.NextChangeAt, Wallet.ActivationAtMax, Wallet.Inactivity);
    }

    /// <summary>All lots as they stand now: those of the wallet over those that are stored.</summary>
    public IReadOnlyList<Lot> Lots()
    {
        var lots = new SortedDictionary<LotPosition, Lot>(_lots);
        foreach (var lot in Wallet.Lots.Values)
        {
            Put(lots, lot);
        }

        return [.. lots.Values];
    }

    /// <summary>All holds as they stand now.</summary>
    public IReadOnlyList<Hold> Holds()
    {
        var holds = new Dictionary<long, Hold>(_holds);
        foreach (var hold in Wallet.Holds.Values)
        {
            holds[hold.Id] = hold;
        }

        return [.. holds.Values.OrderBy(hold => hold.Id)];
    }

    /// <summary>Loads until what is due at a time can be settled.</summary>
    public void LoadDue(Instant time)
    {
        if (!Wallet.CanSettle(time))
        {
            LoadPending();
            Wallet.LoadHolds(_holds.Values.Where(hold => hold.Status == HoldStatus.Open), all: true);
        }

        while (!Wallet.CanSettle(time))
        {
            LoadPage();
        }

        LoadLots(Wallet.Holds.Values.SelectMany(hold => hold.Pins).Select(pin => pin.Lot.Id));
    }

    /// <summary>Loads until it is known whether the points can be taken.</summary>
    public long LoadCover(Instant time, long points)
    {
        long? available;
        while ((available = Wallet.AvailableAt(time, points)) is null)
        {
            LoadPage();
        }

        return available.Value;
    }

    public void LoadTakeBack(long points, IReadOnlyList<long> own, Instant time)
    {
        LoadLots(own);
        while (!Wallet.CanTakeBack(points, own, time))
        {
            LoadPage();
        }
    }

    public Hold LoadHold(long id)
    {
        if (Wallet.Holds.Find(id) is null)
        {
            Wallet.LoadHolds([_holds[id]], all: false);
        }

        var hold = Wallet.Holds.Find(id)!;
        LoadLots(hold.Pins.Select(pin => pin.Lot.Id));
        return hold;
    }

    /// <summary>Loads what waits, with its lots.</summary>
    public void LoadPending()
    {
        var waiting = _pending.Values.Where(pending => !pending.Ended).ToList();
        LoadLots(waiting.Select(pending => pending.LotId));
        Wallet.LoadPending(waiting, all: true);
    }

    /// <summary>Loads lots by id, wherever they stand.</summary>
    public void Load(params long[] ids) => LoadLots(ids);

    // A lot that has moved stands where it stands now, and nowhere else.
    private static void Put(SortedDictionary<LotPosition, Lot> lots, Lot lot)
    {
        foreach (var position in lots.Keys.Where(position => position.Id == lot.Id && position != lot.Position).ToList())
        {
            lots.Remove(position);
        }

        lots[lot.Position] = lot;
    }

    private void LoadLots(IEnumerable<long> ids)
    {
        foreach (var id in ids.Where(id => Wallet.FindLot(id) is null).ToList())
        {
            Wallet.LoadNamedLots(_lots.Values.Where(lot => lot.Id == id));
        }
    }

    private void LoadPage()
    {
        var after = Wallet.LoadedThrough!.Value;
        var page = _lots.Values.Where(lot => lot.Remaining > 0 && lot.Position > after).Take(PageLots).ToList();
        Wallet.LoadLots(page, page.Count < PageLots ? null : page[^1].Position);
    }
}
