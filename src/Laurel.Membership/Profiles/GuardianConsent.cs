using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Profiles;

/// <summary>That a guardian agrees: what comes with the call that tells of somebody who is too young to agree alone.</summary>
public sealed record GuardianConsentBody
{
    /// <summary>Which version of the text the guardian saw.</summary>
    public required string TextVersion { get; init; }

    /// <summary>Who the guardian is and how it agreed, in the shop's words. Kept encrypted.</summary>
    public string? Origin { get; init; }
}

/// <summary>The consent of a guardian, kept as the member's consent to <see cref="Purpose"/> in the commit that needs it.</summary>
/// <remarks>It comes with that call and is not looked for among earlier ones: what a guardian agrees to is this very thing.</remarks>
/// <param name="TextVersion">Which version of the text the guardian saw.</param>
/// <param name="Origin">As in <see cref="GuardianConsentBody"/>.</param>
/// <param name="Actor">Who told it.</param>
public sealed record GuardianConsent(string TextVersion, string? Origin, string Actor)
{
    internal const string Field = "guardianConsent";

    private const string Purpose = "guardian";

    /// <summary>Null where none is told, or it is at fault.</summary>
    internal static GuardianConsent? ReadOrNull(JsonFields fields, string actor)
    {
        if (fields.ObjectOrNull(Field) is not { } told)
        {
            return null;
        }

        var consent = new GuardianConsent(
            told.Identifier("textVersion", ConsentBody.TextVersionLengthMax), told.IdentifierOrNull("origin", ConsentBody.OriginLengthMax), actor);
        told.RefuseUnknown();
        return consent;
    }

    /// <summary>What refuses somebody who is too young, where nobody has agreed.</summary>
    internal static Refusal? Missing(GuardianConsent? consent, ProfileRules rules, DateOnly bornOn, DateOnly today) =>
        consent is null && rules.NeedsGuardian(bornOn, today)
            ? new Refusal(ErrorCode.GuardianConsentRequired, ("age", rules.GuardianAge)) { Pointer = "/" + Field, Definitive = false }
            : null;

    internal void Note(Posting posting, DataKey key)
    {
        var origin = Origin is null ? null : key.Encrypt(PersonalField.Origin, Origin);
        GiveConsent.Insert(posting, new ConsentGiven(Purpose, TextVersion, Given: true, Actor, Origin), origin);
    }
}
