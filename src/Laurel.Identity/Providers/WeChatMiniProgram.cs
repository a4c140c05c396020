using System.Net.Http.Headers;
using System.Text.Json;
using Laurel.Identity.Wire;
using Laurel.Platform.Identifiers;

namespace Laurel.Identity.Providers;

/// <summary>What a page of an older mini program hands over: user data or a phone number, sealed for our app.</summary>
/// <param name="EncryptedData">Base64.</param>
/// <param name="Iv">Base64.</param>
public sealed record WeChatSealedData(string EncryptedData, string Iv);

/// <summary>What a sealed parcel held, beside whom it belongs to.</summary>
/// <param name="Phone">The phone number in E.164 where the parcel held one, else null.</param>
public sealed record WeChatOpenedData(ProviderIdentity Identity, string? Phone)
{
    /// <summary>Nothing of whom it belongs to.</summary>
    public override string ToString() => nameof(WeChatOpenedData);
}

/// <summary>A phone number that WeChat has verified.</summary>
/// <param name="Phone">E.164, such as <c>+8613800138000</c>.</param>
public sealed record WeChatPhone(string Phone)
{
    /// <summary>Nothing of the number.</summary>
    public override string ToString() => nameof(WeChatPhone);
}

/// <summary>A WeChat mini program: a code of <c>wx.login</c>, and phone numbers that users of it share.</summary>
public sealed class WeChatMiniProgram : ISignInProvider
{
    private readonly ProviderAppOptions _app;
    private readonly ProviderClient _client;
    private readonly ProviderFaults _faults;
    private readonly WeChatAccessToken _token;

    internal WeChatMiniProgram(ProviderAppOptions app, ProviderClient client, ProviderFaults faults, TimeProvider clock)
    {
        (_app, _client, _faults) = (app, client, faults);
        _token = new WeChatAccessToken(app, client, faults, clock);
    }

    public string Name => ProviderName.WeChatMini;

    public string AppId => _app.AppId;

    /// <inheritdoc/>
    public async Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken)
    {
        var session = await OpenSessionAsync(code, cancellationToken);
        return session.Succeeded ? session.Value.Identity : session.Refusal;
    }

    /// <summary>Signs in as <see cref="IdentifyAsync"/> does and opens a parcel that was sealed in the session of that code.</summary>
    /// <remarks>A parcel of another session, another app or another user is refused as a wrong code, without saying which.</remarks>
    public async Task<ProviderAnswer<WeChatOpenedData>> OpenAsync(string code, WeChatSealedData data, CancellationToken cancellationToken)
    {
        var session = await OpenSessionAsync(code, cancellationToken);
        if (!session.Succeeded)
        {
            return session.Refusal;
        }

        var opened = WeChatParcel.Open(data, session.Value.Key);
        var identity = session.Value.Identity;
        if (opened is not { } parcel || parcel.Object("watermark")?.Text("appid") != AppId
            || (parcel.Text("openId") is { } openId && openId != identity.OpenId))
        {
            return _faults.CodeInvalid();
        }

        identity = identity with
        {
            UnionId = identity.UnionId ?? ProfileText.Id(parcel.Text("unionId")),
            Nickname = ProfileText.Nickname(parcel.Text("nickName")),
            AvatarUrl = ProfileText.Url(parcel.Text("avatarUrl")),
            Gender = ProfileText.Gender(parcel.Text("gender")),
        };
        return new WeChatOpenedData(identity, PhoneOf(parcel));
    }

    /// <summary>The phone number behind a code of <c>getPhoneNumber</c>, which is not a code of <c>wx.login</c> and is good once, for five
    /// minutes.</summary>
    public async Task<ProviderAnswer<WeChatPhone>> FindPhoneAsync(string code, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return _faults.CodeInvalid();
        }

        string? rejected = null;
        while (true)
        {
            var token = await _token.GetAsync(rejected, cancellationToken);
            if (!token.Succeeded)
            {
                return token.Refusal;
            }

            var answer = await AskForPhoneAsync(token.Value, code, cancellationToken);
            if (LooseJson.Parse(answer.Body) is not { } body)
            {
                return _faults.Unreadable(answer);
            }

            var number = WeChatErrors.NumberOf(body);
            if (!WeChatErrors.IsTokenRejected(number))
            {
                return number == 0 ? ReadPhone(body) : WeChatErrors.RefusalOf(number, _faults);
            }

            if (rejected is not null)
            {
                return _faults.Misconfigured($"{number}");
            }

            rejected = token.Value;
        }
    }

    private async Task<ProviderAnswer<Session>> OpenSessionAsync(string code, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return _faults.CodeInvalid();
        }

        var query = WireText.Query(("appid", AppId), ("secret", _app.Secret), ("js_code", code), ("grant_type", "authorization_code"));
        using var request = new HttpRequestMessage(HttpMethod.Get, WireText.Url(_app.BaseAddress, "sns/jscode2session", query));
        var answer = await _client.SendAsync(Name, request, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return _faults.Unreadable(answer);
        }

        if (WeChatErrors.NumberOf(body) is not 0 and var number)
        {
            return WeChatErrors.RefusalOf(number, _faults);
        }

        return ProfileText.Id(body.Text("openid")) is { } openId && body.Text("session_key") is { } key
            ? new Session(new ProviderIdentity(Name, AppId, openId) { UnionId = ProfileText.Id(body.Text("unionid")) }, key)
            : _faults.Unavailable("no_openid");
    }

    private async Task<WireAnswer> AskForPhoneAsync(string token, string code, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("code", code);
            writer.WriteEndObject();
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Post, WireText.Url(_app.BaseAddress, "wxa/business/getuserphonenumber", WireText.Query(("access_token", token))))
        {
            Content = new ByteArrayContent(json.ToArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await _client.SendAsync(Name, request, cancellationToken);
    }

    private ProviderAnswer<WeChatPhone> ReadPhone(LooseJson body)
    {
        if (body.Object("phone_info") is not { } info || PhoneOf(info) is not { } phone)
        {
            return _faults.Unavailable("no_phone");
        }

        return info.Object("watermark")?.Text("appid") == AppId ? new WeChatPhone(phone) : _faults.CodeInvalid();
    }

    // countryCode is a number in WeChat's documents and text on the wire.
    private static string? PhoneOf(LooseJson info) =>
        info.Text("purePhoneNumber") is { } number && info.Text("countryCode") is { } country ? MobileNumber.International(country, number) : null;

    /// <remarks>No record: its text would show the key.</remarks>
    private sealed class Session(ProviderIdentity identity, string key)
    {
        public ProviderIdentity Identity { get; } = identity;

        public string Key { get; } = key;
    }
}
