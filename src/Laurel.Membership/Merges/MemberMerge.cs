using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Merges;

/// <summary>What a merge made of the survivor's level in a track.</summary>
/// <param name="Source">The level of the merged member.</param>
public sealed record TrackMerge(string Track, string Source, string Before, string After);

/// <summary>One member went into another.</summary>
public sealed record MemberMerge
{
    public required long Id { get; init; }

    /// <summary>The member that was merged.</summary>
    public required long Source { get; init; }

    /// <summary>The member that has what it had.</summary>
    public required long Survivor { get; init; }

    /// <summary>The caller's name of it, unique in the tenant for ever.</summary>
    public required string Reference { get; init; }

    public required string Reason { get; init; }

    public required string Operator { get; init; }

    public required Instant MergedAt { get; init; }

    /// <summary>The level of the merged member then.</summary>
    public required string SourceLevel { get; init; }

    /// <summary>The level of the survivor before and after.</summary>
    public required string LevelBefore { get; init; }

    /// <inheritdoc cref="LevelBefore"/>
    public required string LevelAfter { get; init; }

    /// <summary>The tracks in which the survivor's level changed; null for none.</summary>
    public IReadOnlyList<TrackMerge>? Tracks { get; init; }

    /// <summary>When it was undone; null while it stands.</summary>
    public Instant? UndoneAt { get; init; }

    public string? UndoReason { get; init; }

    public string? UndoOperator { get; init; }

    /// <summary>The handle by which a merge is found.</summary>
    public static Hash128 HandleOf(TenantId tenant, long id) =>
        Hash128.Of(tenant.Value, "member-merge", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>Something that went from one member to another for a merge.</summary>
/// <param name="Kind">Of <see cref="MoveKinds"/>.</param>
/// <param name="FromRef">The lot or the coupon; 0 for figures.</param>
/// <param name="ToRef">The lot or the coupon that it became; 0 for figures.</param>
/// <param name="Quantity">How much; of figures it may be negative.</param>
/// <param name="Code">Of a lot the order that earned it, of a limit or a cap its code, of a benefit the grant, of a card or a unit its code; otherwise empty.</param>
/// <param name="Period">Of a limit or a cap; otherwise 0.</param>
public sealed record MergeMove(long Id, long Merge, string Kind, long From, long FromRef, long To, long ToRef, long Quantity, string Code, int Period);

/// <summary>What may move.</summary>
internal static class MoveKinds
{
    public const string Lot = "lot";
    public const string Growth = "growth";
    public const string Balance = "balance";
    public const string Debt = "debt";
    public const string Receivable = "receivable";
    public const string Lifetime = "lifetime";
    public const string Orders = "orders";
    public const string Amount = "amount";
    public const string FirstOrder = "first_order";
    public const string Limit = "limit";
    public const string Cap = "cap";
    public const string Coupon = "coupon";
    public const string Benefit = "benefit";
    public const string Card = "card";

    /// <summary>An address, of which the survivor has a copy.</summary>
    public const string Address = "address";

    /// <summary>A tag that the survivor had not.</summary>
    public const string Tag = "tag";

    /// <summary>Of a unit that the programme defines.</summary>
    public const string Unit = "unit";

    /// <summary>Begins the codes of limits that count the coupons of a template which members got that were merged.</summary>
    public const string CouponsGot = "coupon:";
}

/// <summary>The merges in which a member was the one that went, and what they moved. A part of the member's book; most have none.</summary>
public sealed class MergeBook
{
    public Tracked<long, MemberMerge> All { get; private init; } = new();

    /// <summary>What moved for these merges, whichever way.</summary>
    public Tracked<long, MergeMove> Moves { get; private init; } = new();

    /// <summary>Whether all of both are here.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>The orders that earned the open lots, by lot; null until they were asked for.</summary>
    internal IReadOnlyDictionary<long, string>? LotOrders { get; set; }

    /// <summary>Whether all counters, coupons and grants of the member are loaded.</summary>
    internal bool HasHoldings { get; set; }

    /// <summary>The merge that stands, or null.</summary>
    public MemberMerge? Standing => All.Values.FirstOrDefault(merge => merge.UndoneAt is null);

    public MergeBook Copy() => new()
    {
        All = All.Copy(),
        Moves = Moves.Copy(),
        IsLoaded = IsLoaded,
        LotOrders = LotOrders,
        HasHoldings = HasHoldings,
    };
}
