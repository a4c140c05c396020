using System.Collections.Frozen;
using Laurel.Kernel;
using Laurel.Membership.Benefits.Kinds;

namespace Laurel.Membership.Benefits;

/// <summary>The kinds of benefits that this process knows: those of the house and those that were added.</summary>
public sealed class BenefitKinds
{
    private readonly FrozenDictionary<string, BenefitKind> _byCode;

    /// <param name="added">Kinds beside those of the house. Their codes are new.</param>
    /// <exception cref="InvariantBrokenException">When a code is used twice.</exception>
    public BenefitKinds(IEnumerable<BenefitKind> added)
    {
        List<BenefitKind> all =
        [
            new Discount(), new FreeShipping(), new PointsMultiplier(), new BirthdayGift(), new PriorityService(), new PriorityShipping(),
            new ExclusiveEvent(), new MemberPrice(), .. added,
        ];
        Invariant.Require(all.DistinctBy(kind => kind.Code).Count() == all.Count, "Each kind of benefit has a code of its own.");
        _byCode = all.ToFrozenDictionary(kind => kind.Code);
        Codes = [.. all.Select(kind => kind.Code)];
    }

    /// <summary>Those of the house alone.</summary>
    public static BenefitKinds OfTheHouse { get; } = new([]);

    /// <summary>Those of the house first.</summary>
    public IReadOnlyList<string> Codes { get; }

    /// <summary>The kind of a code; null when this process does not know it.</summary>
    public BenefitKind? Find(string code) => _byCode.GetValueOrDefault(code);
}
