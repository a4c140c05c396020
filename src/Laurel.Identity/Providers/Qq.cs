using Laurel.Identity.Wire;
using Laurel.Kernel;
using Microsoft.AspNetCore.WebUtilities;

namespace Laurel.Identity.Providers;

/// <summary>Sign-in with QQ Connect.</summary>
/// <remarks>It is asked for JSON (<c>fmt=json</c>) and may answer in its older forms nevertheless: <c>a=b&amp;c=d</c> and
/// <c>callback( {…} );</c>. Errors come with HTTP 200.</remarks>
internal sealed class Qq(ProviderAppOptions app, ProviderClient client, ProviderFaults faults) : IRedirectProvider
{
    /// <summary>The app may not ask for the id over all apps.</summary>
    private const long UnionIdNotGranted = 100_048;

    public string Name => ProviderName.Qq;

    public string AppId => app.AppId;

    public string CodeParameter => "code";

    public string DefaultScope => "get_user_info";

    public Uri AuthorizeUrl(Uri redirectUri, string state, string? scope) => WireText.Url(app.BaseAddress, "oauth2.0/authorize", WireText.Query(
        ("response_type", "code"), ("client_id", AppId), ("redirect_uri", redirectUri.AbsoluteUri), ("state", state), ("scope", scope ?? DefaultScope)));

    public async Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return faults.CodeInvalid();
        }

        var query = WireText.Query(
            ("grant_type", "authorization_code"), ("client_id", AppId), ("client_secret", app.Secret), ("code", code),
            ("redirect_uri", redirectUri?.AbsoluteUri ?? ""), ("fmt", "json"));
        var answer = await AskAsync("oauth2.0/token", query, cancellationToken);
        if (LooseJson.Parse(answer.Body) is { } body && ErrorOf(body) is not 0 and var number)
        {
            return RefusalOf(number);
        }

        if (TokenOf(answer) is not { } token)
        {
            return faults.Unreadable(answer);
        }

        var identity = await FindUserAsync(token, withUnionId: true, cancellationToken);
        return identity.Succeeded ? await AddProfileAsync(identity.Value, token, cancellationToken) : identity;
    }

    private static string? TokenOf(WireAnswer answer)
    {
        if (LooseJson.Parse(answer.Body) is { } body)
        {
            return body.Text("access_token");
        }

        var form = QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(answer.Body));
        return answer.Status == 200 && form.TryGetValue("access_token", out var token) && ProfileText.IsCode(token.ToString()) ? token.ToString() : null;
    }

    private async Task<ProviderAnswer<ProviderIdentity>> FindUserAsync(string token, bool withUnionId, CancellationToken cancellationToken)
    {
        var query = withUnionId
            ? WireText.Query(("access_token", token), ("fmt", "json"), ("unionid", "1"))
            : WireText.Query(("access_token", token), ("fmt", "json"));
        var answer = await AskAsync("oauth2.0/me", query, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        switch (ErrorOf(body))
        {
            case UnionIdNotGranted when withUnionId:
                return await FindUserAsync(token, withUnionId: false, cancellationToken);
            case not 0 and var number:
                return RefusalOf(number);
            default:
                return ProfileText.Id(body.Text("openid")) is { } openId && (body.Text("client_id") ?? AppId) == AppId
                    ? new ProviderIdentity(Name, AppId, openId) { UnionId = ProfileText.Id(body.Text("unionid")) }
                    : faults.Unavailable("no_openid");
        }
    }

    private async Task<ProviderAnswer<ProviderIdentity>> AddProfileAsync(ProviderIdentity identity, string token, CancellationToken cancellationToken)
    {
        var query = WireText.Query(("access_token", token), ("oauth_consumer_key", AppId), ("openid", identity.OpenId));
        var answer = await AskAsync("user/get_user_info", query, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        if (ErrorOf(body) is not 0 and var number)
        {
            return RefusalOf(number);
        }

        return body.Integer("ret") is not 0 and var ret
            ? faults.Unavailable($"ret_{ret}")
            : identity with
            {
                Nickname = ProfileText.Nickname(body.Text("nickname")),
                AvatarUrl = ProfileText.Url(body.Text("figureurl_qq_2"), body.Text("figureurl_qq_1"), body.Text("figureurl_2")),
                Gender = ProfileText.Gender(body.Text("gender")),
            };
    }

    private static long ErrorOf(LooseJson body) => body.Integer("error") ?? 0;

    private Refusal RefusalOf(long number) => number switch
    {
        // The code was used, or what it was exchanged for is no longer good.
        100_014 or 100_015 or 100_016 or 100_019 or 100_020 => faults.CodeInvalid(),

        // Parameters that are missing (100000 to 100007), the app, its secret, the address to come back to.
        >= 100_000 and <= 100_010 => faults.Misconfigured($"{number}"),
        UnionIdNotGranted => faults.Misconfigured($"{number}"),
        _ => faults.Unavailable($"{number}"),
    };

    private async Task<WireAnswer> AskAsync(string path, string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, WireText.Url(app.BaseAddress, path, query));
        return await client.SendAsync(Name, request, cancellationToken);
    }
}
