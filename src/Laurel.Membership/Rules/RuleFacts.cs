using Laurel.Expressions;
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

/// <summary>The environments of the expressions of rules.</summary>
/// <remarks>A text that the shop did not tell is empty and not absent: a rule that asks for a category must not fail on the line that has none.</remarks>
internal static class RuleLanguage
{
    /// <summary>Of rules that listen to orders.</summary>
    public static readonly ExpressionEnvironment<RuleFacts> Orders = OfOrder().Build();

    /// <summary>Of the eligible part of a line.</summary>
    public static readonly ExpressionEnvironment<RuleFacts> Lines = OfOrder().Variable("line", f => f.Line!).Build();

    /// <summary>Of rules that listen to anything else, and of campaigns.</summary>
    public static readonly ExpressionEnvironment<RuleFacts> Events = OfEvent().Build();

    /// <summary>The environment of the conditions and amounts of rules with this trigger.</summary>
    public static ExpressionEnvironment<RuleFacts> For(string trigger) => trigger == EventTypes.OrderCompleted ? Orders : Events;

    private static ExpressionEnvironmentBuilder<RuleFacts> OfEvent() => new ExpressionEnvironmentBuilder<RuleFacts>()
        .Record<MemberBook>("Member", member => member
            .Field("id", m => m.IdText)
            .Field("externalId", m => m.Identity.ExternalId)
            .Field("level", m => m.LevelCode)
            .Field("levelSince", m => m.LevelSince.ToDateTimeOffset())
            .Field("registeredAt", m => m.Identity.RegisteredAt.ToDateTimeOffset())
            .Field("points", m => m.Points.Balance)
            .Field("growth", m => m.Growth)
            .Field("lifetime", m => m.Lifetime)
            .Field("orders", m => m.TotalOrders)
            .Field("spent", m => m.TotalAmount)
            .Field("hasOrdered", m => m.FirstOrderUsed))
        .Record<EventFacts>("Event", happened => happened
            .Field("type", e => e.Type)
            .Field("source", e => e.Source)
            .Field("id", e => e.Id)
            .Field("data", e => e.Data))
        .Variable("member", f => f.Member)
        .Variable("tracks", f => f.Tracks)
        .Variable("event", f => f.Event)
        .Variable("now", f => f.Time.ToDateTimeOffset());

    private static ExpressionEnvironmentBuilder<RuleFacts> OfOrder() => OfEvent()
        .Record<OrderLineRequest>("Line", line => line
            .Field("id", l => l.LineId)
            .Field("sku", l => l.Sku ?? "")
            .Field("category", l => l.Category ?? "")
            .Field("kind", l => l.Kind)
            .Field("quantity", l => l.Quantity)
            .Field("amount", l => l.Amount)
            .Field("eligible", l => l.Eligible)
            .Field("discounted", l => l.Discounted))
        .Record<OrderRequest>("Order", order => order
            .Field("id", o => o.OrderId)
            .Field("currency", o => o.Currency)
            .Field("channel", o => o.Channel ?? "")
            .Field("amount", o => o.Amount)
            .Field("eligible", o => o.Eligible)
            .Field("lines", o => o.Lines))
        .Variable("order", f => f.Order!);
}
