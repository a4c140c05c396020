using System.Collections.Immutable;
using Laurel.Expressions;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Membership.Units;

namespace Laurel.Membership.Rules;

/// <summary>The environments of the expressions of rules. They differ only in the units that a programme defines.</summary>
/// <remarks>A text that the shop did not tell is empty and not absent: a rule that asks for a category must not fail on the line that has none.</remarks>
internal sealed class RuleLanguage
{
    private static readonly RuleLanguage s_withoutUnits = new([]);

    private readonly bool _hasUnits;

    private RuleLanguage(ImmutableArray<string> units)
    {
        _hasUnits = !units.IsEmpty;
        Orders = OfOrder(units).Build();
        Lines = OfOrder(units).Variable("line", f => f.Line!).Build();
        Events = OfEvent(units).Build();
    }

    /// <summary>Of rules that listen to orders.</summary>
    public ExpressionEnvironment<RuleFacts> Orders { get; }

    /// <summary>Of the eligible part of a line.</summary>
    public ExpressionEnvironment<RuleFacts> Lines { get; }

    /// <summary>Of rules that listen to anything else, and of campaigns.</summary>
    public ExpressionEnvironment<RuleFacts> Events { get; }

    /// <summary>The language of a programme's rules.</summary>
    public static RuleLanguage Of(Programme programme) => programme.Units.IsEmpty
        ? s_withoutUnits
        : new RuleLanguage([.. programme.Units.Where(unit => unit?.Code is not null).Select(unit => unit.Code).Distinct()]);

    /// <summary>The environment of the conditions and amounts of rules with this trigger.</summary>
    public ExpressionEnvironment<RuleFacts> For(string trigger) => trigger == EventTypes.OrderCompleted ? Orders : Events;

    /// <summary>Whether a rule pays a unit of the programme, or may ask how many a member has.</summary>
    public bool AsksForUnits(Rule rule) =>
        !RuleUnits.All.Contains(rule.Unit) || NamesUnits(rule.Condition) || NamesUnits(rule.Eligible) || NamesUnits(rule.Amount.Expression);

    /// <summary>Whether an expression may ask for units. The word may stand in a text of it: then they are read for nothing, and nothing is wrong.</summary>
    public bool NamesUnits(string? expression) => _hasUnits && expression is not null && expression.Contains("units", StringComparison.Ordinal);

    private static ExpressionEnvironmentBuilder<RuleFacts> OfEvent(ImmutableArray<string> units)
    {
        var environment = new ExpressionEnvironmentBuilder<RuleFacts>();
        if (!units.IsEmpty)
        {
            environment.Record<UnitBook>("Units", amounts =>
            {
                foreach (var unit in units)
                {
                    amounts.Field(unit, u => u.AmountOf(unit));
                }
            });
        }

        return environment
            .Record<MemberBook>("Member", member => OfMember(member, !units.IsEmpty))
            .Record<EventFacts>("Event", happened => happened
                .Field("type", e => e.Type)
                .Field("source", e => e.Source)
                .Field("id", e => e.Id)
                .Field("data", e => e.Data))
            .Variable("member", f => f.Member)
            .Variable("tracks", f => f.Tracks)
            .Variable("event", f => f.Event)
            .Variable("now", f => f.Time.ToDateTimeOffset());
    }

    private static void OfMember(RecordBuilder<MemberBook> member, bool hasUnits)
    {
        member
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
            .Field("hasOrdered", m => m.FirstOrderUsed)
            .Field("tags", m => m.Tags.All);
        if (hasUnits)
        {
            member.Field("units", m => m.Units);
        }
    }

    private static ExpressionEnvironmentBuilder<RuleFacts> OfOrder(ImmutableArray<string> units) => OfEvent(units)
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
