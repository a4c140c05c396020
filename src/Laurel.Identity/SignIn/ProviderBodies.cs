using Laurel.Identity.Providers;
using Laurel.Identity.Sessions;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Identity.SignIn;

/// <summary>A provider that the tenant has.</summary>
/// <param name="Redirects">Whether it has a page to send browsers to; otherwise the code comes from an app.</param>
/// <param name="CodeParameter">In which the code comes back from the page; null where there is none.</param>
public sealed record ProviderReply(string Name, bool Redirects, string? CodeParameter);

/// <summary>The providers that the tenant has.</summary>
public sealed record ProviderList(IReadOnlyList<ProviderReply> Items);

/// <summary>Where to send a browser.</summary>
/// <param name="State">Comes back with the code; the page compares it with what it was given, and gives it to the sign-in.</param>
public sealed record AuthorizeReply(Uri Url, string State);

/// <summary>What <c>POST /api/auth/providers/{provider}/login</c> asks for.</summary>
internal record ProviderCodeBody
{
    public const int CodeLengthMax = 512;

    /// <summary>That the provider gave; good once.</summary>
    public required string Code { get; init; }

    /// <summary>As <c>authorize</c> answered it; of providers with a page.</summary>
    public string? State { get; init; }

    /// <summary>As it was given to <c>authorize</c>.</summary>
    public string? RedirectUri { get; init; }

    public string? Totp { get; init; }

    public string? Device { get; init; }

    public static ProviderCodeBody Read(JsonFields fields)
    {
        var body = new ProviderCodeBody
        {
            Code = fields.Identifier("code", CodeLengthMax),
            State = fields.TextOrNull("state", SignInState.LengthMax),
            RedirectUri = fields.TextOrNull("redirectUri", 2_048),
            Totp = fields.TextOrNull("totp", 16),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/auth/wechat-login</c> asks for, of a mini program.</summary>
internal sealed record WeChatLoginBody : ProviderCodeBody
{
    /// <summary>Of <c>getPhoneNumber</c>: who is new is given that number, and who has it is recognised by it.</summary>
    public string? PhoneCode { get; init; }

    /// <summary>Of older mini programs, with <c>iv</c>.</summary>
    public string? EncryptedData { get; init; }

    public string? Iv { get; init; }

    /// <summary>Of who is registered by it.</summary>
    public string? Nickname { get; init; }

    internal WeChatSealedData? Sealed => EncryptedData is not null && Iv is not null ? new WeChatSealedData(EncryptedData, Iv) : null;

    public static new WeChatLoginBody Read(JsonFields fields)
    {
        var body = new WeChatLoginBody
        {
            Code = fields.Identifier("code", CodeLengthMax),
            PhoneCode = fields.IdentifierOrNull("phoneCode", CodeLengthMax),
            EncryptedData = fields.TextOrNull("encryptedData", 16_384),
            Iv = fields.TextOrNull("iv", 64),
            Nickname = fields.IdentifierOrNull("nickname", RegisterMemberBody.NicknameLengthMax),
            Totp = fields.TextOrNull("totp", 16),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        if ((body.EncryptedData is null) != (body.Iv is null))
        {
            fields.Fail(body.Iv is null ? "iv" : "encryptedData", FieldErrorCode.Required);
        }

        fields.RefuseUnknown();
        return body;
    }
}
