using Laurel.Platform.Http;

namespace Laurel.Membership.Programmes;

/// <summary>Why a part of the programme is switched on or off.</summary>
public sealed record PartSwitch
{
    internal const int ReasonLengthMax = 255;

    /// <summary>Kept with the version; at most 255 characters.</summary>
    public string? Reason { get; init; }

    internal static PartSwitch Read(JsonFields fields)
    {
        var change = new PartSwitch { Reason = fields.TextOrNull("reason", ReasonLengthMax) };
        fields.RefuseUnknown();
        return change;
    }
}
