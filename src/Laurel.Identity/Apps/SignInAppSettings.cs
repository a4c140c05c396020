using System.Text.Json;
using System.Text.Json.Serialization;

namespace Laurel.Identity.Apps;

/// <summary>What is told of a tenant's app and is no secret; what a kind does not have is null. Where a provider is asked is the operator's to say, so
/// it is not here: but for <see cref="KeysAddress"/> nothing that a tenant tells makes this server connect anywhere.</summary>
public sealed record SignInAppSettings
{
    /// <summary>The app's id with the provider; the number of the SMS application with Tencent.</summary>
    public string? AppId { get; init; }

    /// <summary>Of Alipay for the app: verifies what it answers.</summary>
    public string? AlipayPublicKey { get; init; }

    /// <summary>Who carries short messages: <c>aliyun</c> or <c>tencent</c>.</summary>
    public string? Carrier { get; init; }

    /// <summary>The AccessKey ID of Aliyun, the SecretId of Tencent.</summary>
    public string? KeyId { get; init; }

    /// <summary>With Tencent alone.</summary>
    public string? Region { get; init; }

    /// <summary>What is sent for each purpose: <c>login</c>, <c>register</c>, <c>reset</c>, <c>bind</c>.</summary>
    public IReadOnlyDictionary<string, SmsMessage>? Messages { get; init; }

    /// <summary>What templates are told, in their order: <c>code</c>, <c>minutes</c>.</summary>
    public IReadOnlyList<string>? TemplateParameters { get; init; }

    /// <summary>What <c>iss</c> of a token says, to the letter.</summary>
    public string? Issuer { get; init; }

    /// <summary>What <c>aud</c> of a token says, alone or among others.</summary>
    public string? Audience { get; init; }

    /// <summary>Where the issuer publishes its keys as a JWK set.</summary>
    public string? KeysAddress { get; init; }

    /// <summary>The claim that is the member's external id.</summary>
    public string? Claim { get; init; }

    /// <summary>What <c>typ</c> of a token must say; null takes what names no other kind of token.</summary>
    public string? Type { get; init; }

    /// <summary>Of <c>RS256</c>, <c>PS256</c>, <c>ES256</c>.</summary>
    public IReadOnlyList<string>? Algorithms { get; init; }

    /// <summary>Whose the secret is: with another one a secret that was told before is of no use.</summary>
    [JsonIgnore]
    internal string? Account => KeyId ?? AppId;
}

/// <summary>What a short message is made of.</summary>
/// <param name="SignName">That it begins with, without its brackets.</param>
/// <param name="Template">Its number with the carrier.</param>
public sealed record SmsMessage(string SignName, string Template);

/// <summary>What a tenant has of its own, as it is answered: never a secret.</summary>
public sealed record SignInAppReply
{
    public required string Code { get; init; }

    public required SignInAppSettings Settings { get; init; }

    /// <summary>When the secret was told last; null where there is none.</summary>
    public required DateTimeOffset? SecretSetAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    internal static SignInAppReply Of(SignInApp app) => new()
    {
        Code = app.Code,
        Settings = app.Settings,
        SecretSetAt = app.SecretSetAt?.ToDateTimeOffset(),
        ChangedAt = app.ChangedAt.ToDateTimeOffset(),
    };
}

/// <summary>What a tenant has of its own, by code.</summary>
public sealed record SignInAppList(IReadOnlyList<SignInAppReply> Items);

/// <summary>How settings are stored and answers written: compiled, camelCase, without what is null in settings.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SignInAppSettings))]
[JsonSerializable(typeof(SignInAppReply))]
[JsonSerializable(typeof(SignInAppList))]
internal sealed partial class SignInAppJson : JsonSerializerContext;
