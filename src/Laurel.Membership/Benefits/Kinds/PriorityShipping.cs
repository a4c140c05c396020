namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>priority_shipping</c> (优先发货): orders leave before those of others. It has no settings.</summary>
public sealed class PriorityShipping : BenefitKind<PriorityShipping.Terms>
{
    public sealed record Terms;

    public override string Code => "priority_shipping";

    protected override Terms Read(BenefitSettings settings) => new();
}
