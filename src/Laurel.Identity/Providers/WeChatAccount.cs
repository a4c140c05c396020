using Laurel.Identity.Wire;

namespace Laurel.Identity.Providers;

/// <summary>Sign-in with WeChat in a browser: inside WeChat through an official account, outside of it by a QR code of a website.</summary>
internal sealed class WeChatAccount(string name, WeChatAccountOptions app, ProviderClient client, ProviderFaults faults) : IRedirectProvider
{
    private const string UserInfoScope = "snsapi_userinfo";

    private const string LoginScope = "snsapi_login";

    public string Name => name;

    public string AppId => app.AppId;

    public string CodeParameter => "code";

    public string DefaultScope => name == ProviderName.WeChatWeb ? LoginScope : UserInfoScope;

    public Uri AuthorizeUrl(Uri redirectUri, string state, string? scope)
    {
        // WeChat's own pages want the parameters in this order.
        var query = WireText.Query(
            ("appid", AppId), ("redirect_uri", redirectUri.AbsoluteUri), ("response_type", "code"), ("scope", scope ?? DefaultScope), ("state", state));
        return WireText.Url(app.AuthorizeAddress, name == ProviderName.WeChatWeb ? "connect/qrconnect" : "connect/oauth2/authorize", query + "#wechat_redirect");
    }

    public async Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return faults.CodeInvalid();
        }

        var query = WireText.Query(("appid", AppId), ("secret", app.Secret), ("code", code), ("grant_type", "authorization_code"));
        var answer = await AskAsync("sns/oauth2/access_token", query, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        if (WeChatErrors.NumberOf(body) is not 0 and var number)
        {
            return WeChatErrors.RefusalOf(number, faults);
        }

        // WeChat lets people look at a page as somebody who does not exist. Whoever was let in so could never come back.
        if (body.Integer("is_snapshotuser") == 1)
        {
            return faults.Refused("snapshot");
        }

        if (ProfileText.Id(body.Text("openid")) is not { } openId || body.Text("access_token") is not { } token)
        {
            return faults.Unavailable("no_openid");
        }

        var identity = new ProviderIdentity(Name, AppId, openId) { UnionId = ProfileText.Id(body.Text("unionid")) };
        var scope = body.Text("scope");
        return scope is null || scope.Contains(UserInfoScope, StringComparison.Ordinal) || scope.Contains(LoginScope, StringComparison.Ordinal)
            ? await AddProfileAsync(identity, token, cancellationToken)
            : identity;
    }

    private async Task<ProviderAnswer<ProviderIdentity>> AddProfileAsync(ProviderIdentity identity, string token, CancellationToken cancellationToken)
    {
        var query = WireText.Query(("access_token", token), ("openid", identity.OpenId), ("lang", "zh_CN"));
        var answer = await AskAsync("sns/userinfo", query, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        switch (WeChatErrors.NumberOf(body))
        {
            case WeChatErrors.ApiUnauthorized:
                // The user was asked for no more than who it is.
                return identity;
            case not 0 and var number:
                return WeChatErrors.RefusalOf(number, faults);
            default:
                return body.Text("openid") is { } openId && openId != identity.OpenId
                    ? faults.Unavailable("other_openid")
                    : identity with
                    {
                        UnionId = identity.UnionId ?? ProfileText.Id(body.Text("unionid")),
                        Nickname = ProfileText.Nickname(body.Text("nickname")),
                        AvatarUrl = ProfileText.Url(body.Text("headimgurl")),
                        Gender = ProfileText.Gender(body.Text("sex")),
                    };
        }
    }

    private async Task<WireAnswer> AskAsync(string path, string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, WireText.Url(app.BaseAddress, path, query));
        return await client.SendAsync(Name, request, cancellationToken);
    }
}
