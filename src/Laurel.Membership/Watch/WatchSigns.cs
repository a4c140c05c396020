using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Rules;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Watch;

/// <summary>What an event tells by which members are seen to belong together. Devices and addresses only as keyed hashes: what they are is not kept.</summary>
internal sealed record WatchSigns
{
    public const string DeviceField = "deviceId";
    public const string AddressField = "address";
    public const string RefereeIdField = "refereeId";
    public const string RefereeExternalIdField = "refereeExternalId";

    public Hash128? Device { get; init; }

    public Hash128? Address { get; init; }

    /// <summary>Who was invited; null where the event tells of no invitation, or not of whom.</summary>
    public MemberReference? Referee { get; init; }

    /// <summary>The signs of an order; null where it tells none.</summary>
    public static WatchSigns? Of(TenantId tenant, string? deviceId, string? address, PersonalDataVault? vault) =>
        vault is null || (deviceId ?? address) is null
            ? null
            : new WatchSigns { Device = HashOf(tenant, DeviceField, deviceId, vault), Address = HashOf(tenant, AddressField, address, vault) };

    /// <summary>The signs of any other event; null where it tells none.</summary>
    public static WatchSigns? Of(TenantId tenant, EventFacts facts, PersonalDataVault? vault)
    {
        string? Text(string name) => facts.Data.GetValueOrDefault(name) as string is { Length: > 0 } text ? text : null;
        var signs = Of(tenant, Text(DeviceField), Text(AddressField), vault);
        if (facts.Type != EventTypes.ReferralCompleted)
        {
            return signs;
        }

        MemberReference? referee = Text(RefereeIdField) is { } id && MemberId.TryParse(id, out var member)
            ? MemberReference.ById(member)
            : Text(RefereeExternalIdField) is { } external ? MemberReference.ByExternalId(tenant, external) : null;
        return referee is null ? signs : (signs ?? new WatchSigns()) with { Referee = referee };
    }

    /// <summary>The marks that a rule measures by, and who is seen with each; those that it only asks come with nobody.</summary>
    public IEnumerable<(Hash128 Mark, long? Who)> MarksOf(TenantId tenant, WatchMeasure measure, MemberId member, HandleResolution handles)
    {
        var referee = Referee?.Resolve(handles);
        switch (measure)
        {
            case WatchMeasure.MembersOfDevice when Device is { } device:
                yield return (MarkOf(tenant, "device", TextOf(device)), member.Value);
                break;
            case WatchMeasure.MembersOfAddress when Address is { } address:
                yield return (MarkOf(tenant, "address", TextOf(address)), member.Value);
                break;
            case WatchMeasure.ReferralsOfDevice when Device is { } shared && referee is { } invited:
                yield return (MarkOf(tenant, "referral-device", $"{member}|{TextOf(shared)}"), invited.Value);
                break;
            case WatchMeasure.ReferralRing when referee is { } other:
                // Whom the other has invited is asked first, and told by the value.
                yield return (MarkOf(tenant, "referrals", other.ToString()), null);
                yield return (MarkOf(tenant, "referrals", member.ToString()), other.Value);
                break;
            default:
                break;
        }
    }

    private static Hash128 MarkOf(TenantId tenant, string kind, string what) => Hash128.Of(tenant.Value, "watch-mark", kind, what);

    private static string TextOf(Hash128 hash) => $"{hash.High:x}{hash.Low:x}";

    private static Hash128? HashOf(TenantId tenant, string field, string? text, PersonalDataVault vault) =>
        text is null ? null : vault.BlindIndex(tenant, "watch-" + field, text.Trim());
}
