using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;

namespace Laurel.Membership.Rules;

/// <summary>What happened, as rules see it.</summary>
/// <param name="Data">What the sender told beside the member: text, numbers (<see cref="long"/> or <see cref="double"/>), flags, and
/// lists and maps of them.</param>
public sealed record EventFacts(string Type, string Source, string Id, IReadOnlyDictionary<string, object?> Data)
{
    /// <summary>Of an event that tells nothing more.</summary>
    public static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>();

    /// <summary>What it says that it is about: <c>reference</c> of its data, or <c>orderId</c>; null where it says neither.</summary>
    internal string? Reference => (Data.GetValueOrDefault("reference") ?? Data.GetValueOrDefault("orderId")) as string;
}

/// <summary>What expressions of rules may name.</summary>
/// <remarks>The member is seen as it was before the event.</remarks>
internal sealed class RuleFacts
{
    private static readonly IReadOnlyDictionary<string, string> NoTracks = new Dictionary<string, string>();

    public required MemberBook Member { get; init; }

    public required EventFacts Event { get; init; }

    /// <summary>Business time.</summary>
    public required Instant Time { get; init; }

    /// <summary>Null for events that are no orders.</summary>
    public OrderRequest? Order { get; init; }

    /// <summary>Whether rules have paid for the same before: only those pay that repeat themselves.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>The code of the member's level in each track of the programme that asks.</summary>
    public IReadOnlyDictionary<string, string> Tracks { get; set; } = NoTracks;

    /// <summary>While it is told which part of a line earns.</summary>
    public OrderLineRequest? Line { get; set; }
}
