using Laurel.Platform.Http;

namespace Laurel.Membership.Rules;

/// <summary>A change of a rule as it was asked for.</summary>
internal sealed record RuleChange(Rule? Rule, string? Reason)
{
    public const int ReasonLengthMax = 255;

    public static RuleChange ReadRule(JsonFields fields)
    {
        var change = new RuleChange(RuleBody.ReadRule(fields), fields.TextOrNull("reason", ReasonLengthMax));
        fields.RefuseUnknown();
        return change;
    }

    public static RuleChange ReadSwitch(JsonFields fields)
    {
        var change = new RuleChange(null, fields.TextOrNull("reason", ReasonLengthMax));
        fields.RefuseUnknown();
        return change;
    }
}

/// <summary>Why a rule is changed, for the documentation of the API.</summary>
public sealed record RuleChangeBody
{
    /// <summary>Kept with the version; at most 255 characters.</summary>
    public string? Reason { get; init; }
}
