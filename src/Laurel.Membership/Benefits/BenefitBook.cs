using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Benefits;

/// <summary>What a member is granted beside what the level gives.</summary>
public sealed record BenefitGrant
{
    /// <summary>Begins the references of what rules grant; nobody else may choose one that does.</summary>
    public const string RulePrefix = "rule:";

    /// <summary>The source of what a card gives. It is written nowhere: it is there while the card is held.</summary>
    internal const string OfCard = "card";

    /// <summary>The source of what a track gives: the level held in it, which is written elsewhere.</summary>
    internal const string OfTrack = "track";

    /// <summary>The caller's name of it, unique in the tenant for ever.</summary>
    public required string Reference { get; init; }

    /// <summary>Orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Benefit { get; init; }

    /// <summary><c>hand</c> or <c>rule</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Business time, inclusive.</summary>
    public required Instant StartTime { get; init; }

    /// <summary>Business time, exclusive; never ends for <see cref="Instant.Never"/>.</summary>
    public required Instant EndTime { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who did it by hand; null where nobody did.</summary>
    public string? Operator { get; init; }

    public required Instant GrantedAt { get; init; }

    /// <summary>Business time from which on it is taken back; null where it is not.</summary>
    public Instant? RevokedAt { get; init; }

    /// <summary>The natural key of a grant, and the handle by which it is found.</summary>
    public static Hash128 HandleOf(TenantId tenant, string reference) => Hash128.Of(tenant.Value, "benefit-grant", reference);

    public bool IsInForce(Instant time) => time >= StartTime && time < EndTime && (RevokedAt is not { } revoked || time < revoked);
}

/// <summary>A benefit that was used.</summary>
public sealed record BenefitUse
{
    /// <summary>Begins the names of what checkouts use; nobody else may choose one that does.</summary>
    public const string CheckoutPrefix = "checkout:";

    /// <summary>The caller's name of it, unique in the tenant for ever; of a checkout's, see <see cref="NameOf"/>.</summary>
    public required string BizNo { get; init; }

    /// <summary>Orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Benefit { get; init; }

    /// <summary>How many uses it took, 1 or more.</summary>
    public required long Quantity { get; init; }

    /// <summary>Where the member had it from: <c>level</c>, <c>track</c>, <c>card</c>, <c>hand</c> or <c>rule</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The business day that it counts for.</summary>
    public required DateOnly Day { get; init; }

    public required Instant ConsumedAt { get; init; }

    /// <summary>What it took off the price, in minor units.</summary>
    public required long DiscountAmount { get; init; }

    public required bool FreeShipping { get; init; }

    /// <summary>What was handed out, in words; null for nothing.</summary>
    public string? Gift { get; init; }

    /// <summary>The shop's id of the order it was used for; null where there is none.</summary>
    public string? OrderId { get; init; }

    /// <summary>When it was given back; null where it was not.</summary>
    public Instant? ReturnedAt { get; init; }

    /// <summary>The checkout that takes it; null where a call did.</summary>
    public string? CheckoutId { get; init; }

    /// <summary>Until when the checkout keeps it without being paid, exclusive; null where it does not wait for that.</summary>
    public Instant? HeldUntil { get; init; }

    /// <summary>The name of the use that a checkout takes of a benefit. It has no natural key of its own: the checkout has one.</summary>
    public static string NameOf(string checkoutId, string benefit) => $"{CheckoutPrefix}{checkoutId}:{benefit}";

    /// <summary>The natural key of a use, and the handle by which it is given back.</summary>
    public static Hash128 HandleOf(TenantId tenant, string bizNo) => Hash128.Of(tenant.Value, "benefit-use", bizNo);
}

/// <summary>The grants and uses of one member that a command works with. A part of the member's book.</summary>
public sealed class BenefitBook
{
    private readonly HashSet<string> _granted;

    public BenefitBook()
        : this([])
    {
    }

    private BenefitBook(HashSet<string> granted) => _granted = granted;

    /// <summary>Whether all uses that checkouts hold are here.</summary>
    public bool KnowsHeldUses { get; private set; }

    public Tracked<string, BenefitUse> Uses { get; private set; } = new();

    /// <summary>By reference.</summary>
    public Tracked<string, BenefitGrant> Grants { get; private set; } = new();

    /// <summary>Whether all grants of a benefit are here.</summary>
    public bool KnowsGrantsOf(string benefit) => _granted.Contains(benefit);

    /// <summary>Takes all stored grants of a benefit.</summary>
    internal void LoadGrants(string benefit, IEnumerable<BenefitGrant> grants)
    {
        foreach (var grant in grants)
        {
            Grants.Load(grant.Reference, grant);
        }

        _granted.Add(benefit);
    }

    /// <summary>Takes all stored uses that checkouts hold.</summary>
    internal void LoadHeldUses(IEnumerable<BenefitUse> uses)
    {
        foreach (var use in uses)
        {
            Uses.Load(use.BizNo, use);
        }

        KnowsHeldUses = true;
    }

    public BenefitBook Copy() => new(_granted) { Uses = Uses.Copy(), Grants = Grants.Copy(), KnowsHeldUses = KnowsHeldUses };
}
