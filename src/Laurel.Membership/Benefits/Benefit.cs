using System.Collections.Immutable;
using System.Text.Json;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>Whether a benefit can be used at all.</summary>
public enum BenefitStatus
{
    Active = 0,

    /// <summary>Nobody has it until it is enabled again; grants stay.</summary>
    Disabled = 1,
}

/// <summary>What takes a use of a benefit.</summary>
public enum BenefitUser
{
    /// <summary>A call that says so.</summary>
    Call = 0,

    /// <summary>A checkout whose price rests on it, beside such calls. Where its uses are up it takes nothing off.</summary>
    Checkout = 1,
}

/// <summary>How often one member may use a benefit in a period.</summary>
public sealed record BenefitLimit
{
    /// <summary><c>day</c>, <c>month</c>, <c>year</c> or <c>total</c>, by business time in the tenant's zone.</summary>
    public required CapPeriod Period { get; init; }

    /// <summary>Uses of one member in one period at the most, 0 or more.</summary>
    public required long UsesMax { get; init; }
}

/// <summary>A privilege of the programme. Whoever holds it may use it while it is in force.</summary>
public sealed record BenefitDefinition
{
    /// <summary>Names it for good: 1 to 40 lower-case letters, digits, underscores.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public string? Description { get; init; }

    /// <summary>The code of a <see cref="BenefitKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What the kind wants to know; null where nothing.</summary>
    public JsonElement? Settings { get; init; }

    /// <summary>From when on it is in force, inclusive; null is from ever.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Until when it is in force, exclusive; null is for ever.</summary>
    public DateTimeOffset? EndTime { get; init; }

    public BenefitStatus Status { get; init; }

    /// <summary>At most one for each period; none is without limit.</summary>
    public ImmutableArray<BenefitLimit> Limits { get; init; } = [];

    public BenefitUser UsedBy { get; init; }
}

/// <summary>Benefits that a level gives together.</summary>
public sealed record BenefitPackage
{
    /// <summary>Names it for good, in the form of a benefit's code.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    /// <summary>A disabled package gives nothing.</summary>
    public BenefitStatus Status { get; init; }

    /// <summary>Codes of benefits of the programme.</summary>
    public ImmutableArray<string> Benefits { get; init; } = [];
}
