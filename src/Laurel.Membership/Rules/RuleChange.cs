using Laurel.Membership.Programmes;
using Laurel.Platform.Http;

namespace Laurel.Membership.Rules;

/// <summary>A rule as somebody sends it, and why.</summary>
internal sealed record RuleChange(Rule Rule, string? Reason)
{
    public static RuleChange Read(JsonFields fields)
    {
        var change = new RuleChange(RuleBody.ReadRule(fields), fields.TextOrNull("reason", PartSwitch.ReasonLengthMax));
        fields.RefuseUnknown();
        return change;
    }
}
