using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Platform.Vault;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Laurel.Membership.Profiles;

/// <summary>What a member tells of itself beside nickname, phone and e-mail. Kept whole, as one sealed document.</summary>
public sealed record MemberProfile
{
    // Before what is made of it.
    private static readonly IReadOnlyDictionary<string, JsonElement> s_none = new Dictionary<string, JsonElement>();

    public static readonly MemberProfile Empty = new();

    public string? RealName { get; init; }

    /// <summary><c>male</c>, <c>female</c> or <c>unknown</c>; null where nothing was told.</summary>
    public string? Gender { get; init; }

    public DateOnly? Birthday { get; init; }

    /// <summary>The business day on which the birthday was last told; null before the first time.</summary>
    public DateOnly? BirthdaySetOn { get; init; }

    /// <summary>Where the picture is, as the host gave it.</summary>
    public string? Avatar { get; init; }

    /// <summary>Values of the attributes that the programme defines, by their codes. What it defines no longer stays until it is cleared.</summary>
    public IReadOnlyDictionary<string, JsonElement> Attributes { get; init => field = value ?? s_none; } = s_none;

    /// <summary>Whether other members may find the member in the shop. Laurel keeps it for the shop, which shows members to each other.</summary>
    public bool Searchable { get; init; } = true;

    /// <summary>Whether the shop may show the birthday to other members.</summary>
    public bool ShowBirthday { get; init; }

    internal byte[] Seal(DataKey key) => key.Encrypt(PersonalField.Profile, JsonSerializer.Serialize(this, ProfileJson.Default.MemberProfile));

    /// <summary>The profile that was sealed; an empty one where there is none.</summary>
    internal static MemberProfile Open(DataKey key, byte[]? stored)
    {
        if (stored is null)
        {
            return Empty;
        }

        var profile = JsonSerializer.Deserialize(key.Decrypt(PersonalField.Profile, stored), ProfileJson.Default.MemberProfile);
        Invariant.Require(profile is not null, "A sealed profile is an object.");
        return profile;
    }
}

/// <summary>How sealed documents are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemberProfile))]
[JsonSerializable(typeof(AddressText))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(bool))]
internal sealed partial class ProfileJson : JsonSerializerContext;
