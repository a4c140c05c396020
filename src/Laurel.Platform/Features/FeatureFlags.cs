using Laurel.Kernel;

namespace Laurel.Platform.Features;

/// <summary>For whom a feature is on.</summary>
public sealed record FeatureRule
{
    /// <summary>Small letters, digits, <c>-</c> and <c>_</c>; 1 to <see cref="FeatureFlags.NameLengthMax"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the subjects, 0 to 10,000: 250 is 2.5 %.</summary>
    public required int ShareBasisPoints { get; init; }

    /// <summary>The only tenants that may have it; empty is all of them.</summary>
    public required IReadOnlySet<int> Tenants { get; init; }
}

/// <summary>Features that are on for some: for tenants, and for a share of their subjects (灰度发布).</summary>
/// <remarks>The share is taken by a hash of feature, tenant and subject, so every node and every start decides alike, two
/// features take different subjects, and a larger share keeps everybody who was in the smaller one.</remarks>
public sealed class FeatureFlags(IReadOnlyList<FeatureRule> rules)
{
    public const int NameLengthMax = 64;

    public const int SubjectLengthMax = 128;

    private const int Whole = 10_000;

    /// <summary>No feature at all.</summary>
    public static readonly FeatureFlags None = new([]);

    /// <summary>Every feature that has a rule, in order of name.</summary>
    public IReadOnlyList<string> Names { get; } = [.. rules.Select(rule => rule.Name).Order(StringComparer.Ordinal)];

    /// <summary>Whether a feature is on. One without a rule is off.</summary>
    /// <param name="subject">Whoever should always see the same: a member's external id, or an id of the host's.</param>
    public bool IsOn(string feature, TenantId tenant, string subject) =>
        rules.FirstOrDefault(rule => rule.Name == feature) is { } rule
        && (rule.Tenants.Count == 0 || rule.Tenants.Contains(tenant.Value))
        && (int)(Hash128.Of(tenant.Value, "feature", feature, subject).High % Whole) < rule.ShareBasisPoints;
}
