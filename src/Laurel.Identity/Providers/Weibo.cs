using Laurel.Identity.Wire;
using Laurel.Kernel;

namespace Laurel.Identity.Providers;

/// <summary>Sign-in with Weibo. Its errors have a status of their own and an <c>error_code</c>.</summary>
internal sealed class Weibo(ProviderAppOptions app, ProviderClient client, ProviderFaults faults) : IRedirectProvider
{
    public string Name => ProviderName.Weibo;

    public string AppId => app.AppId;

    public string CodeParameter => "code";

    public string DefaultScope => "all";

    public Uri AuthorizeUrl(Uri redirectUri, string state, string? scope) => WireText.Url(app.BaseAddress, "oauth2/authorize", WireText.Query(
        ("client_id", AppId), ("redirect_uri", redirectUri.AbsoluteUri), ("response_type", "code"), ("state", state), ("scope", scope ?? DefaultScope)));

    public async Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return faults.CodeInvalid();
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, WireText.Url(app.BaseAddress, "oauth2/access_token", ""))
        {
            Content = new FormUrlEncodedContent(
            [
                new("client_id", AppId),
                new("client_secret", app.Secret),
                new("grant_type", "authorization_code"),
                new("code", code),
                new("redirect_uri", redirectUri?.AbsoluteUri ?? ""),
            ]),
        };
        var answer = await client.SendAsync(Name, request, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        if (ErrorOf(body) is not 0 and var number)
        {
            return RefusalOf(number);
        }

        return body.Text("access_token") is { } token && ProfileText.Id(body.Text("uid")) is { } uid
            ? await AddProfileAsync(new ProviderIdentity(Name, AppId, uid), token, cancellationToken)
            : faults.Unavailable("no_uid");
    }

    private async Task<ProviderAnswer<ProviderIdentity>> AddProfileAsync(ProviderIdentity identity, string token, CancellationToken cancellationToken)
    {
        var query = WireText.Query(("access_token", token), ("uid", identity.OpenId));
        using var request = new HttpRequestMessage(HttpMethod.Get, WireText.Url(app.BaseAddress, "2/users/show.json", query));
        var answer = await client.SendAsync(Name, request, cancellationToken);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        if (ErrorOf(body) is not 0 and var number)
        {
            return RefusalOf(number);
        }

        // idstr, where it is there, is the id as text: the number is too long for the numbers of many languages.
        return body.Text("idstr") is { } id && id != identity.OpenId
            ? faults.Unavailable("other_uid")
            : identity with
            {
                Nickname = ProfileText.Nickname(body.Text("screen_name") ?? body.Text("name")),
                AvatarUrl = ProfileText.Url(body.Text("avatar_large"), body.Text("profile_image_url")),
                Gender = ProfileText.Gender(body.Text("gender")),
            };
    }

    // An answer with an error and no number is one of OAuth 2.0.
    private static long ErrorOf(LooseJson body) => body.Integer("error_code") ?? (body.Text("error") is null ? 0 : long.MaxValue);

    private Refusal RefusalOf(long number) => number switch
    {
        21_325 or 21_327 or (>= 21_314 and <= 21_319) => faults.CodeInvalid(),
        21_330 or 20_003 => faults.Refused("denied"),
        10_001 or 10_002 or 10_003 or 10_009 or 10_010 or (>= 10_022 and <= 10_024) => faults.Busy($"{number}"),
        10_006 or 10_013 or 21_321 or 21_322 or 21_323 or 21_324 => faults.Misconfigured($"{number}"),
        _ => faults.Unavailable(number == long.MaxValue ? "oauth_error" : $"{number}"),
    };
}
