namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>priority_service</c> (专属客服): somebody of one's own to ask.</summary>
public sealed class PriorityService : BenefitKind<PriorityService.Terms>
{
    /// <param name="Desk">Whom to ask, in words; null leaves it to the shop.</param>
    public sealed record Terms(string? Desk);

    public override string Code => "priority_service";

    protected override Terms Read(BenefitSettings settings) => new(settings.TextOrNull("desk", 200));

    protected override string? GiftOf(Terms settings) => settings.Desk;
}
