using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Addresses;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Levels;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Rules;
using Laurel.Membership.Search;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;

namespace Laurel.Membership.Members;

/// <summary>What a member may still do: docs/reference/persons.md has the table.</summary>
public enum MemberStatus
{
    Active = 0,

    /// <summary>Switched off for the time being: neither earns nor spends.</summary>
    Inactive = 1,

    /// <summary>Shut out: may not sign in either.</summary>
    Banned = 2,

    /// <summary>Went into another member, who has what this one had.</summary>
    Merged = 3,

    /// <summary>Earns, and may not spend.</summary>
    Frozen = 4,

    /// <summary>Has left for good, and nothing is known of the person any more.</summary>
    Cancelled = 5,
}

/// <summary>What each status lets a member do.</summary>
public static class MemberStatuses
{
    /// <summary>Whether orders and events pay the member.</summary>
    public static bool MayEarn(this MemberStatus status) => status switch
    {
        MemberStatus.Active or MemberStatus.Frozen => true,
        MemberStatus.Inactive or MemberStatus.Banned or MemberStatus.Merged or MemberStatus.Cancelled => false,
    };

    /// <summary>Whether the member may sign in.</summary>
    public static bool MaySignIn(this MemberStatus status) => status switch
    {
        MemberStatus.Active or MemberStatus.Frozen or MemberStatus.Inactive => true,
        MemberStatus.Banned or MemberStatus.Merged or MemberStatus.Cancelled => false,
    };

    /// <summary>Whether profile, addresses and consents may change.</summary>
    public static bool MayTellOfItself(this MemberStatus status) => MaySignIn(status);
}

/// <summary>Who the member is: what no movement changes.</summary>
public sealed record MemberIdentity
{
    public required TenantId Tenant { get; init; }

    public required MemberId Id { get; init; }

    /// <summary><c>MyyyyMMddNNNNN</c>, growing past five digits a day.</summary>
    public required string Code { get; init; }

    /// <summary>The host system's own id, unique within the tenant.</summary>
    public required string ExternalId { get; init; }

    public required string? Nickname { get; init; }

    public required Instant RegisteredAt { get; init; }
}

/// <summary>The aggregate: everything of one member that changes together. All of it is guarded by one row lock.</summary>
public sealed class MemberBook : Aggregate
{
    private BalanceBook? _money;
    private BenefitBook? _benefits;
    private CardBook? _cards;
    private CouponPocket? _coupons;
    private Tracked<string, Checkout>? _checkouts;

    private Tracked<long, AdjustmentRequest>? _adjustments;
    private MergeBook? _merges;
    private WatchBook? _watch;
    private UnitBook? _units;
    private PersonalBook? _personal;
    private AddressBook? _addresses;
    private NoteBook? _notes;

    public required MemberIdentity Identity { get; set; }

    /// <summary>Changed by <c>Posting.SetStatus</c> alone, which writes its history.</summary>
    public required MemberStatus Status { get; set; }

    /// <summary>When a member who asked to leave does; null for all others.</summary>
    public Instant? CancelDueAt { get; set; }

    /// <summary>Who asked that the member leaves, while a second person has yet to say so too: until then it stays. Null where nobody need.</summary>
    public Hands? CancelAskedBy { get; set; }

    /// <summary>Since when nothing is known of the person any more; null while it is.</summary>
    public Instant? ErasedAt { get; set; }

    public required PointsWallet Points { get; set; }

    /// <summary>The qualifying unit; earned with every order, never spent.</summary>
    public required long Growth { get; set; }

    /// <summary>Stored money in minor units.</summary>
    public required long Balance { get; set; }

    /// <summary>Of the stored money, what open withdrawals hold: 0 to <see cref="Balance"/>.</summary>
    public long BalanceHeld { get; set; }

    /// <summary>Whether somebody has verified the member's real name.</summary>
    public bool RealNameVerified { get; set; }

    /// <summary>Points earned in all by registration, orders, bonus and earnings, less what was taken back.</summary>
    public required long Lifetime { get; set; }

    /// <summary>Completed orders, less those refunded whole.</summary>
    public required long TotalOrders { get; set; }

    /// <summary>Paid for completed orders less refunds, in minor units.</summary>
    public required long TotalAmount { get; set; }

    /// <summary>Whether the first order above zero is behind; its bonus is then used up for good.</summary>
    public required bool FirstOrderUsed { get; set; }

    public required string LevelCode { get; set; }

    public required Instant LevelSince { get; set; }

    /// <summary>What judges the level besides the sums of this book.</summary>
    internal LevelState LevelState { get; set; } = LevelState.None;

    /// <summary>When something about the level falls due by itself; null for never.</summary>
    public Instant? LevelDueAt { get; set; }

    /// <summary>The date of the last carryover of the programme that was carried out for the member; null for none.</summary>
    public Instant? CarriedAt { get; set; }

    /// <summary>Where a merged member has gone; 0 for one that took part in a merge and stands on its own, null for all others.</summary>
    public long? MergedInto { get; set; }

    /// <summary>Whether the member went into another.</summary>
    public bool IsMerged => MergedInto > 0;

    /// <summary>Tags and groups of the member; the same object until they change.</summary>
    public MemberTags Tags { get; set; } = MemberTags.None;

    /// <summary>Whether the programme keeps the member's figures in an index of their own.</summary>
    internal bool KeepsFigures { get; set; }

    /// <summary>Whether the present batch brings the member into what members are found by, whatever is there of it.</summary>
    internal bool IsIndexed { get; set; }

    /// <summary>The last id drawn for this member: the next is greater.</summary>
    public required long LastId { get; set; }

    /// <summary>Counts the writes of the row: an update that finds another version must not be committed.</summary>
    public required long Version { get; init; }

    /// <summary>The id as callers see it.</summary>
    public string IdText => Identity.Id.ToString();

    public Tracked<string, OrderBook> Orders { get; private set; } = new();

    public Tracked<LimitKey, LimitUse> Limits { get; private set; } = new();

    /// <summary>What the caps of rules have counted, by the number of the period.</summary>
    internal Tracked<int, CapUse> Caps { get; private set; } = new();

    /// <summary>What questions about lapsed lots found.</summary>
    internal Tracked<LotStatements.LapsedKey, LapsedLots> Lapsed { get; private set; } = new();

    /// <summary>The returns of an order that were asked for, by its id.</summary>
    internal Tracked<string, OrderReturns> Returns { get; private set; } = new();

    /// <summary>Recharges, withdrawals and spends. Most commands have nothing to do with them, so they come to be when they are asked for.</summary>
    public BalanceBook Money => _money ??= new BalanceBook();

    public bool HasMoney => _money is not null;

    /// <summary>Grants and uses of benefits; come to be when they are asked for.</summary>
    public BenefitBook Benefits => _benefits ??= new BenefitBook();

    public bool HasBenefits => _benefits is not null;

    /// <summary>Memberships and purchases of cards; come to be when they are asked for. What is held stands in <see cref="LevelState"/>.</summary>
    internal CardBook Cards => _cards ??= new CardBook();

    internal bool HasCards => _cards is not null;

    /// <summary>What is known of the member's coupons.</summary>
    public CouponPocket Coupons => _coupons ??= new CouponPocket();

    /// <summary>Whether anybody has asked for <see cref="Coupons"/>.</summary>
    internal bool HasCoupons => _coupons is not null;

    /// <summary>Checkouts that were asked for, by their ids.</summary>
    public Tracked<string, Checkout> Checkouts => _checkouts ??= new Tracked<string, Checkout>();

    /// <summary>Whether anybody has asked for <see cref="Checkouts"/>.</summary>
    internal bool HasCheckouts => _checkouts is not null;

    /// <summary>What is known of adjustments that take a second person, by id.</summary>
    public Tracked<long, AdjustmentRequest> Adjustments => _adjustments ??= new();

    /// <summary>Whether anybody has asked for <see cref="Adjustments"/>.</summary>
    internal bool HasAdjustments => _adjustments is not null;

    /// <summary>What is known of the merges in which this member went into another.</summary>
    public MergeBook Merges => _merges ??= new MergeBook();

    /// <summary>Whether anybody has asked for <see cref="Merges"/>.</summary>
    internal bool HasMerges => _merges is not null;

    /// <summary>What is known of the member's watch cases.</summary>
    public WatchBook Watch => _watch ??= new WatchBook();

    /// <summary>Whether anybody has asked for <see cref="Watch"/>.</summary>
    internal bool HasWatch => _watch is not null;

    /// <summary>What the member has of the units that the programme defines; come to be when they are asked for.</summary>
    public UnitBook Units => _units ??= new UnitBook();

    /// <summary>Whether anybody has asked for <see cref="Units"/>.</summary>
    internal bool HasUnits => _units is not null;

    /// <summary>What is kept of the member as a person; come to be when it is asked for.</summary>
    public PersonalBook Personal => _personal ??= new PersonalBook();

    /// <summary>Whether anybody has asked for <see cref="Personal"/>.</summary>
    internal bool HasPersonal => _personal is not null;

    /// <summary>Where the member wants things sent; come to be when they are asked for.</summary>
    public AddressBook Addresses => _addresses ??= new AddressBook();

    /// <summary>Whether anybody has asked for <see cref="Addresses"/>.</summary>
    internal bool HasAddresses => _addresses is not null;

    /// <summary>What the staff has noted about the member; come to be when it is asked for.</summary>
    public NoteBook Notes => _notes ??= new NoteBook();

    /// <summary>Whether anybody has asked for <see cref="Notes"/>.</summary>
    internal bool HasNotes => _notes is not null;

    /// <summary>What the present command has moved that may be watched; null while it is nothing, or nothing is watched.</summary>
    internal List<WatchMovement>? Movements { get; private set; }

    /// <summary>Takes note of what the present command moves.</summary>
    internal void Move(WatchMovement movement) => (Movements ??= []).Add(movement);

    public override Aggregate Copy()
    {
        var copy = (MemberBook)MemberwiseClone();
        copy.Points = Points.Copy();
        copy.Orders = Orders.Copy();
        copy.Limits = Limits.Copy();
        copy.Caps = Caps.Copy();
        copy.Lapsed = Lapsed.Copy();
        copy.Returns = Returns.Copy();
        copy._money = _money?.Copy();
        copy._benefits = _benefits?.Copy();
        copy._cards = _cards?.Copy();
        copy._coupons = _coupons?.Copy();
        copy._checkouts = _checkouts?.Copy();
        copy._adjustments = _adjustments?.Copy();
        copy._merges = _merges?.Copy();
        copy._watch = _watch?.Copy();
        copy._units = _units?.Copy();
        copy._personal = _personal?.Copy();
        copy._addresses = _addresses?.Copy();
        copy._notes = _notes?.Copy();
        copy.Movements = null;
        return copy;
    }
}
