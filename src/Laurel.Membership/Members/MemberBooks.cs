using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.DataKeys;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Statuses;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Members;

/// <summary>The kinds of root and the loaders a member's command works with: one set for the process.</summary>
public sealed partial class MemberBooks(ProgrammeKind programmes)
{
    public ProgrammeKind Programmes { get; } = programmes;

    public MemberKind Members { get; } = new();

    internal MemberCodeKind Codes { get; } = new();

    /// <summary>Pays what the rules give.</summary>
    internal RulePayments Rules => field ??= new RulePayments(this);

    internal LotPageLoader LotPages => field ??= new LotPageLoader(Members);

    internal LotLoader Lots => field ??= new LotLoader(Members);

    internal HoldLoader Holds => field ??= new HoldLoader(Members);

    internal LimitLoader Limits => field ??= new LimitLoader(Members);

    internal CapUseLoader Caps => field ??= new CapUseLoader(Members);

    internal PendingLoader Pending => field ??= new PendingLoader(Members);

    internal LapsedLoader Lapsed => field ??= new LapsedLoader(Members);

    internal ReturnLoader Returns => field ??= new ReturnLoader(Members);

    /// <summary>Counts the coupons that are made of each template.</summary>
    internal CouponStockKind CouponStocks { get; } = new();

    internal CouponBatchKind CouponBatches { get; } = new();

    internal CouponCodeKind CouponCodes { get; } = new();

    internal CouponLoader Coupons => field ??= new CouponLoader(Members);

    internal CouponOrderLoader CouponOrders => field ??= new CouponOrderLoader(Members);

    internal CouponShareLoader CouponShares => field ??= new CouponShareLoader(Members);

    internal CouponCountLoader CouponCounts => field ??= new CouponCountLoader(Members);

    internal CheckoutLoader Checkouts => field ??= new CheckoutLoader(Members);

    internal OrderLoader Orders => field ??= new OrderLoader(Members);

    internal RechargeLoader Recharges => field ??= new RechargeLoader(Members);

    internal WithdrawalLoader Withdrawals => field ??= new WithdrawalLoader(Members);

    internal SpendLoader Spends => field ??= new SpendLoader(Members);

    internal BenefitLoads Benefits => field ??= new BenefitLoads(this);

    internal CardLoads Cards => field ??= new CardLoads(this);

    internal UnitLoader Units => field ??= new UnitLoader(Members);

    internal AddressLoader Addresses => field ??= new AddressLoader(Members);

    internal NoteLoader Notes => field ??= new NoteLoader(Members);

    internal ConsentOriginLoader ConsentOrigins => field ??= new ConsentOriginLoader(Members);

    internal DealingsLoader Dealings => field ??= new DealingsLoader(Members);

    internal PersonalLoader Personal => field ??= new PersonalLoader(Members);

    internal AdjustmentLoader Adjustments => field ??= new AdjustmentLoader(Members);

    /// <summary>Where merged members have gone, as far as this node has met any.</summary>
    internal MergeHints Merged { get; } = new();

    internal MergeLoader Merges => field ??= new MergeLoader(Members);

    internal HoldingsLoader Holdings => field ??= new HoldingsLoader(Members);

    /// <summary>Makes the keyed hashes of devices and addresses; without it nobody is seen to share one.</summary>
    public PersonalDataVault? Vault { get; init; }

    /// <summary>Tells every node that a member may do more or less than before; without it they learn of it within a minute.</summary>
    public AccessChanges? Access { get; init; }

    /// <summary>Looks for what is unusual.</summary>
    internal WatchJudge Watch => field ??= new WatchJudge(this);

    internal WatchCaseLoader WatchCases => field ??= new WatchCaseLoader(Members);

    /// <summary>Asks for what is missing to settle what is due at <paramref name="time"/>, and to pay for a rise of the level.</summary>
    /// <param name="programme">By which it is decided; null while nothing is: the newest that this node knows.</param>
    /// <returns>Whether nothing is missing.</returns>
    internal bool HasDue(MemberBook book, Instant time, LoadPlan plan, ActiveProgramme? programme = null)
    {
        var rules = programme ?? Programmes.Latest(book.Identity.Tenant);
        var hasCounters = rules is null
            || (HasCounters(book, rules, EventTypes.LevelUpgraded, time, plan) & HasCounters(book, rules, EventTypes.TrackUpgraded, time, plan));
        return HasWallet(book, time, plan) && hasCounters;
    }

    private bool HasCounters(MemberBook book, ActiveProgramme programme, string rise, Instant time, LoadPlan plan) =>
        programme.Rules.For(rise).Rules.IsEmpty || Rules.HasCounters(book, programme, rise, time, plan);

    private bool HasWallet(MemberBook book, Instant time, LoadPlan plan)
    {
        if (!book.Points.CanSettle(time))
        {
            if (book.Points.MissesLots(time))
            {
                NeedLots(book, plan);
            }

            if (!book.Points.AllHoldsLoaded)
            {
                plan.Need(Holds, KeyOf(book, 0));
            }

            HasPending(book, plan);
            return false;
        }

        return book.Points.NextChangeAt > time || HasPins(book, plan);
    }

    /// <summary>Asks for more lots until it is known whether <paramref name="points"/> can be taken at <paramref name="time"/>.</summary>
    internal bool HasCover(MemberBook book, long points, Instant time, LoadPlan plan)
    {
        if (book.Points.AvailableAt(time, points) is not null)
        {
            return true;
        }

        NeedLots(book, plan);
        return false;
    }

    internal void NeedLots(MemberBook book, LoadPlan plan)
    {
        if (book.Points.LoadedThrough is { } through)
        {
            plan.Need(LotPages, new LotStatements.PageKey(book.Identity.Tenant.Value, book.Identity.Id.Value, through));
        }
    }

    /// <summary>Asks for lots by id.</summary>
    /// <returns>Whether it is known of all of them where they are, or that they are not.</returns>
    internal bool HasLots(MemberBook book, IReadOnlyList<long> ids, LoadPlan plan)
    {
        var all = true;
        foreach (var id in ids)
        {
            if (!book.Points.IsLotKnown(id))
            {
                plan.Need(Lots, new LotStatements.LotKey(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
                all = false;
            }
        }

        return all;
    }

    /// <summary>Asks for the pending lots of the member.</summary>
    /// <returns>Whether they are here.</returns>
    internal bool HasPending(MemberBook book, LoadPlan plan)
    {
        if (!book.Points.AllPendingLoaded)
        {
            plan.Need(Pending, new PendingStatements.MemberKey(book.Identity.Tenant.Value, book.Identity.Id.Value));
        }

        return book.Points.AllPendingLoaded;
    }

    /// <summary>Asks for the pending lots of the member where one of these lots, all of them loaded, may be pending.</summary>
    internal bool HasPendingOf(MemberBook book, IReadOnlyList<long> lots, Instant time, LoadPlan plan) =>
        !lots.Any(id => book.Points.FindLot(id) is { } lot && lot.ActiveAt > time) || HasPending(book, plan);

    /// <summary>Asks for a recharge.</summary>
    /// <returns>Whether it is here, or known to be none of the member's.</returns>
    internal bool HasRecharge(MemberBook book, string id, LoadPlan plan)
    {
        if (book.HasMoney && book.Money.Recharges.IsKnown(id))
        {
            return true;
        }

        plan.Need(Recharges, new BalanceStatements.TextKey(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
        return false;
    }

    /// <inheritdoc cref="HasRecharge"/>
    internal bool HasWithdrawal(MemberBook book, string id, LoadPlan plan)
    {
        if (book.HasMoney && book.Money.Withdrawals.IsKnown(id))
        {
            return true;
        }

        plan.Need(Withdrawals, new BalanceStatements.TextKey(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
        return false;
    }

    /// <inheritdoc cref="HasRecharge"/>
    internal bool HasSpend(MemberBook book, SpendReference reference, LoadPlan plan)
    {
        if (book.HasMoney && book.Money.Spends.IsKnown(reference))
        {
            return true;
        }

        plan.Need(Spends, new BalanceStatements.SpendKey(book.Identity.Tenant.Value, book.Identity.Id.Value, reference));
        return false;
    }

    /// <summary>Asks for a request of an adjustment.</summary>
    /// <returns>Whether it is here, or known to be none of the member's.</returns>
    internal bool HasAdjustment(MemberBook book, long id, LoadPlan plan)
    {
        if (book.HasAdjustments && book.Adjustments.IsKnown(id))
        {
            return true;
        }

        plan.Need(Adjustments, new AdjustmentStatements.Key(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
        return false;
    }

    /// <summary>Asks for the watch cases of the member.</summary>
    /// <returns>Whether they are here.</returns>
    internal bool HasCases(MemberBook book, LoadPlan plan)
    {
        // A member who is not stored yet has none but new ones.
        if (book.Version == 0 || (book.HasWatch && book.Watch.AllLoaded))
        {
            return true;
        }

        plan.Need(WatchCases, new WatchStatements.MemberKey(book.Identity.Tenant.Value, book.Identity.Id.Value));
        return false;
    }

    /// <summary>Asks for what the member has of the units that the programme defines.</summary>
    /// <returns>Whether it is here.</returns>
    internal bool HasUnits(MemberBook book, LoadPlan plan)
    {
        // A member who is not stored yet has none but new ones.
        if (book.Version == 0 || (book.HasUnits && book.Units.IsLoaded))
        {
            return true;
        }

        plan.Need(Units, new UnitStatements.MemberKey(book.Identity.Tenant.Value, book.Identity.Id.Value));
        return false;
    }

    /// <summary>Asks for what is kept of the member as a person.</summary>
    /// <returns>Whether it is here.</returns>
    internal bool HasPersonal(MemberBook book, LoadPlan plan)
    {
        // Of a member who is not stored yet nothing is kept but what is new.
        if (book.Version == 0 || (book.HasPersonal && book.Personal.IsLoaded))
        {
            return true;
        }

        plan.Need(Personal, PersonalStatements.KeyOf(book));
        return false;
    }

    /// <summary>Asks for the addresses of the member.</summary>
    /// <returns>Whether they are here.</returns>
    internal bool HasAddresses(MemberBook book, LoadPlan plan)
    {
        // A member who is not stored yet has none but new ones.
        if (book.Version == 0 || (book.HasAddresses && book.Addresses.IsLoaded))
        {
            return true;
        }

        plan.Need(Addresses, PersonalStatements.KeyOf(book));
        return false;
    }

    /// <summary>Asks for the notes about the member.</summary>
    /// <returns>Whether they are here.</returns>
    internal bool HasNotes(MemberBook book, LoadPlan plan)
    {
        // About a member who is not stored yet there are none but new ones.
        if (book.Version == 0 || (book.HasNotes && book.Notes.IsLoaded))
        {
            return true;
        }

        plan.Need(Notes, PersonalStatements.KeyOf(book));
        return false;
    }

    /// <summary>Asks from where the member's consents were given.</summary>
    /// <returns>Whether it is known.</returns>
    internal bool HasConsentOrigins(MemberBook book, LoadPlan plan)
    {
        if (book.HasPersonal && book.Personal.Origins is not null)
        {
            return true;
        }

        plan.Need(ConsentOrigins, PersonalStatements.KeyOf(book));
        return false;
    }

    /// <summary>Asks for how much of a limit is used.</summary>
    /// <returns>Whether it is known.</returns>
    internal bool HasLimit(MemberBook book, LimitKey key, LoadPlan plan)
    {
        if (book.Limits.Find(key) is not null)
        {
            return true;
        }

        plan.Need(Limits, new LimitStatements.Row(book.Identity.Tenant.Value, book.Identity.Id.Value, key, 0));
        return false;
    }

    internal static HoldStatements.HoldKey KeyOf(MemberBook book, long hold) =>
        new(book.Identity.Tenant.Value, book.Identity.Id.Value, hold);

    /// <summary>Asks for the lots that loaded open holds pin: the end of a hold changes them.</summary>
    internal bool HasPins(MemberBook book, LoadPlan plan)
    {
        var all = true;
        foreach (var pin in book.Points.Holds.Values.SelectMany(hold => hold.Pins))
        {
            if (!book.Points.HasLot(pin.Lot))
            {
                plan.Need(Lots, new LotStatements.LotKey(book.Identity.Tenant.Value, book.Identity.Id.Value, pin.Lot.Id));
                all = false;
            }
        }

        return all;
    }
}
