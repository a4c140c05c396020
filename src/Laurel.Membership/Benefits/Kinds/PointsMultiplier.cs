namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>points_multiplier</c>: more points for purchases. Without <c>multiplierBasisPoints</c> the factor is the level's.</summary>
/// <remarks>Counts where the package of a level or of a card gives it: earning reads these and no grants.</remarks>
public sealed class PointsMultiplier : BenefitKind<PointsMultiplier.Terms>
{
    /// <param name="MultiplierBasisPoints">The factor times 10,000; null is as the level says.</param>
    public sealed record Terms(int? MultiplierBasisPoints);

    public override string Code => "points_multiplier";

    protected override Terms Read(BenefitSettings settings) => new((int?)settings.IntegerOrNull("multiplierBasisPoints", 0, 1_000_000));

    protected override int? MultiplierOf(Terms settings) => settings.MultiplierBasisPoints;
}
