using System.Text;
using Laurel.Identity.Host;
using Laurel.Identity.Providers;
using Laurel.Identity.Sms;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Outside;

namespace Laurel.Identity.Apps;

/// <summary>What <c>PUT /api/sign-in/apps/{code}</c> asks for; each kind has fields of its own.</summary>
/// <remarks>No record on purpose: the text of a record shows what is in it.</remarks>
internal sealed class SignInAppBody
{
    private const int IdLengthMax = 128;
    private const int SecretLengthMax = 512;
    private const int KeyLengthMax = 8_192;
    private const int TextLengthMax = 256;

    private static readonly Wording s_private = new("a private RSA key of at least 2048 bits, as Base64 or PEM", "至少 2048 位的 RSA 私钥（Base64 或 PEM）");

    private static readonly Wording s_public = new(
        "the public key that Alipay shows for the app, not the app's own, as Base64 or PEM", "支付宝为该应用显示的公钥（非应用自己的公钥），Base64 或 PEM");

    private static readonly Wording s_parameters = new("code, or code and minutes in the template's order", "code，或按模板顺序排列的 code 与 minutes");

    private static readonly Wording s_code = new(
        "one of wechat_mini, wechat, wechat_web, alipay, qq, weibo, sms, host", "wechat_mini、wechat、wechat_web、alipay、qq、weibo、sms、host 之一");

    private static readonly string[] s_algorithms = Enum.GetNames<HostAlgorithm>();

    public required SignInAppSettings Settings { get; init; }

    /// <summary>In the open; null keeps the one that is stored.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>Whether its kind has a secret.</summary>
    public bool HasSecret => Settings.Issuer is null;

    /// <summary>What is wrong with a code in a path; null when nothing is.</summary>
    public static FieldError? FaultOf(string code) =>
        SignInAppCode.All.Contains(code) ? null : new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Query, "code", ("expected", s_code));

    public static Func<JsonFields, SignInAppBody> Reader(string code, PublicUrl rule) => code switch
    {
        ProviderName.Alipay => ReadAlipay,
        SignInAppCode.Sms => ReadSms,
        SignInAppCode.Host => fields => ReadHost(fields, rule),
        _ => ReadApp,
    };

    private static SignInAppBody ReadApp(JsonFields fields)
    {
        var body = new SignInAppBody
        {
            Settings = new SignInAppSettings { AppId = fields.Identifier("appId", IdLengthMax) },
            Secret = BytesOf(fields.IdentifierOrNull("secret", SecretLengthMax)),
        };
        fields.RefuseUnknown();
        return body;
    }

    private static SignInAppBody ReadAlipay(JsonFields fields)
    {
        var (own, theirs) = (fields.TextOrNull("secret", KeyLengthMax), fields.Text("alipayPublicKey", KeyLengthMax));
        using var ownKey = own is null ? null : AlipayKeys.Read(own, isPrivate: true);
        using var theirKey = AlipayKeys.Read(theirs, isPrivate: false);
        if (own is not null && ownKey is null)
        {
            fields.Fail("secret", FieldErrorCode.InvalidFormat, ("expected", s_private));
        }

        if (theirs.Length > 0 && (theirKey is null
            || (ownKey is not null && ownKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(theirKey.ExportSubjectPublicKeyInfo()))))
        {
            fields.Fail("alipayPublicKey", FieldErrorCode.InvalidFormat, ("expected", s_public));
        }

        var body = new SignInAppBody
        {
            Settings = new SignInAppSettings { AppId = fields.Identifier("appId", IdLengthMax), AlipayPublicKey = theirs },
            Secret = BytesOf(own),
        };
        fields.RefuseUnknown();
        return body;
    }

    private static SignInAppBody ReadSms(JsonFields fields)
    {
        var carrier = fields.ChoiceOrNull("carrier", "aliyun", "tencent");
        if (carrier is null && !fields.Has("carrier"))
        {
            fields.Fail("carrier", FieldErrorCode.Required);
        }

        var isTencent = carrier == "tencent";
        var parameters = fields.TextsOrNull("templateParameters", 2, 16) ?? ["code"];
        if (!parameters.Contains("code") || parameters.Distinct().Count() < parameters.Count || !parameters.All(name => name is "code" or "minutes"))
        {
            fields.Fail("templateParameters", FieldErrorCode.InvalidFormat, ("expected", s_parameters));
        }

        var messages = fields.Object("messages");
        var body = new SignInAppBody
        {
            Settings = new SignInAppSettings
            {
                Carrier = carrier,
                KeyId = fields.Identifier("keyId", IdLengthMax),
                AppId = isTencent ? fields.Identifier("appId", IdLengthMax) : null,
                Region = isTencent ? fields.IdentifierOrNull("region", IdLengthMax) ?? SmsOptions.RegionDefault : null,
                TemplateParameters = parameters,
                Messages = messages is null ? null : ReadMessages(messages),
            },
            Secret = BytesOf(fields.IdentifierOrNull("secret", SecretLengthMax)),
        };
        messages?.RefuseUnknown();
        fields.RefuseUnknown();
        return body;
    }

    private static Dictionary<string, SmsMessage> ReadMessages(JsonFields messages) =>
        Enum.GetNames<SmsPurpose>().Select(name => name.ToLowerInvariant()).ToDictionary(name => name, name => ReadMessage(messages, name));

    private static SmsMessage ReadMessage(JsonFields messages, string purpose)
    {
        if (messages.Object(purpose) is not { } told)
        {
            return new SmsMessage("", "");
        }

        var message = new SmsMessage(told.Text("signName", 64), told.Identifier("template", 64));
        told.RefuseUnknown();
        return message;
    }

    private static SignInAppBody ReadHost(JsonFields fields, PublicUrl rule)
    {
        var text = fields.Text("keysAddress", PublicUrl.LengthMax);
        Uri? keys = null;
        if (text.Length > 0 && rule.FaultOf(text, out keys) is { } fault)
        {
            fields.Fail("keysAddress", ErrorCode.SignInAddressRefused, ("expected", fault));
        }

        var algorithms = fields.TextsOrNull("algorithms", s_algorithms.Length, 8) ?? s_algorithms;
        if (algorithms.Count == 0 || !algorithms.All(s_algorithms.Contains))
        {
            fields.Fail("algorithms", FieldErrorCode.InvalidFormat, ("expected", string.Join(", ", s_algorithms)));
        }

        var body = new SignInAppBody
        {
            Settings = new SignInAppSettings
            {
                Issuer = fields.Text("issuer", TextLengthMax),
                Audience = fields.Text("audience", TextLengthMax),
                KeysAddress = keys?.AbsoluteUri,
                Claim = fields.IdentifierOrNull("claim", 64) ?? "sub",
                Type = fields.IdentifierOrNull("type", 64),
                Algorithms = [.. algorithms.Distinct()],
            },
        };
        fields.RefuseUnknown();
        return body;
    }

    private static byte[]? BytesOf(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
