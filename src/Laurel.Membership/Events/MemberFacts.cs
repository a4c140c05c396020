using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;

namespace Laurel.Membership.Events;

/// <summary>A member was enrolled.</summary>
internal sealed record Registration(long Member, string ExternalId, string MemberCode, string InitialLevel);

/// <summary>A member was given a tag, or it was taken from it.</summary>
internal sealed record TagFact(long Member, string Tag);

/// <summary>Points of a hold were set aside, captured or given back.</summary>
/// <param name="Cause">The kind of the change: <c>hold</c>, <c>capture</c>, <c>release</c> or <c>expire</c>.</param>
/// <param name="ExpiresAt">When the hold ends by itself.</param>
internal sealed record HoldMove(long Member, long Hold, long Points, string Cause, string Reference, Instant ExpiresAt);

/// <summary>A recharge was paid or refunded.</summary>
/// <param name="Amount">What moved, in minor units: the whole of a payment, the part of a refund.</param>
internal sealed record RechargeFact(long Member, Recharge Recharge, long Amount);

/// <summary>A withdrawal went one step further.</summary>
internal sealed record WithdrawalFact(long Member, Withdrawal Withdrawal);

/// <summary>A benefit was used, or a use of it given back.</summary>
internal sealed record BenefitUseFact(long Member, BenefitUse Use);

/// <summary>A benefit was granted, or a grant of it taken back.</summary>
internal sealed record BenefitGrantFact(long Member, BenefitGrant Grant);
