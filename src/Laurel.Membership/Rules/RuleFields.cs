using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Rules;

/// <summary>A rule as GraphQL shows one.</summary>
[GraphQLType("PointsRule")]
internal sealed class RuleNode(Rule rule, int place, Language language)
{
    public string Id => rule.Code;

    public string Name => rule.NameIn(language);

    public string? Description => rule.Description;

    public string Type => rule.Trigger;

    public string Unit => rule.Unit;

    public long? Points => rule.Amount.Fixed;

    public JsonElement Amount => JsonSerializer.SerializeToElement(rule.Amount, ProgrammeDocument.Options);

    public string? Conditions => rule.Condition;

    public bool IsActive => rule.Active;

    public DateTimeOffset? StartTime => rule.Window?.From;

    public DateTimeOffset? EndTime => rule.Window?.Until;

    public long? DailyLimit => LimitOf(CapPeriod.Day);

    public long? TotalLimit => LimitOf(CapPeriod.Total);

    public int SortOrder { get; } = place;

    private long? LimitOf(CapPeriod period) =>
        rule.Caps.Where(cap => cap is { Scope: CapScope.Member, PointsMax: not null } && cap.Period == period).Min(cap => cap.PointsMax);
}

/// <summary>A page of rules.</summary>
/// <param name="Total">How many there are in all.</param>
[GraphQLType("PointsRulesResponse")]
internal sealed record PointsRulesResponse(IReadOnlyList<RuleNode> Items, int Total, int Page, int PageSize);

/// <summary>Which rules are asked for.</summary>
[GraphQLInput("PointsRuleQueryInput")]
internal sealed record RuleQueryInput
{
    public required int Page { get; init; }

    public required int PageSize { get; init; }

    public string? Type { get; init; }

    public bool? IsActive { get; init; }
}

/// <summary>Asks for rules.</summary>
[GraphQLType("Query")]
internal sealed class RuleFields(Doors doors, ProgrammeKind programmes)
{
    private static readonly Door s_list = new(HttpMethods.Get, "/api/points/rules");

    [GraphQLField("pointsRules")]
    public async Task<Resolved<PointsRulesResponse>> ListAsync(RuleQueryInput? input, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var admission = await doors.AdmitAsync(caller, new DoorCall(s_list), cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var rules = programmes.Latest(caller.Tenant)!.Programme.Rules
            .Select((rule, place) => (Rule: rule, Place: place))
            .Where(one => (input?.Type is null || one.Rule.Trigger == input.Type) && (input?.IsActive is null || one.Rule.Active == input.IsActive))
            .ToList();
        var page = NumberedPage.Of(input?.Page ?? 1, input?.PageSize ?? NumberedPage.SizeByDefault);
        return new PointsRulesResponse(
            [.. page.In(rules).Select(one => new RuleNode(one.Rule, one.Place, caller.Language))], rules.Count, page.Number, page.Size);
    }
}
