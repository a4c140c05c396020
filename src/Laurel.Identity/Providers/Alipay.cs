using System.Globalization;
using Laurel.Identity.Wire;
using Laurel.Kernel;

namespace Laurel.Identity.Providers;

/// <summary>Sign-in with Alipay. Requests are signed with the key of our app, and answers are believed only under Alipay's own signature.</summary>
internal sealed class Alipay(AlipayOptions app, ProviderClient client, ProviderFaults faults, TimeProvider clock) : IRedirectProvider
{
    private const string BasicScope = "auth_base";

    private static readonly TimeSpan s_beijing = TimeSpan.FromHours(8);

    // The framework does not promise that one key may be used by several threads at once.
    private readonly Lock _ownKey = new();
    private readonly Lock _theirKey = new();

    public string Name => ProviderName.Alipay;

    public string AppId => app.AppId;

    public string CodeParameter => "auth_code";

    public string DefaultScope => "auth_user";

    public Uri AuthorizeUrl(Uri redirectUri, string state, string? scope) => WireText.Url(app.AuthorizeAddress, "oauth2/publicAppAuthorize.htm", WireText.Query(
        ("app_id", AppId), ("scope", scope ?? DefaultScope), ("redirect_uri", redirectUri.AbsoluteUri), ("state", state)));

    public async Task<ProviderAnswer<ProviderIdentity>> IdentifyAsync(string code, Uri? redirectUri, CancellationToken cancellationToken)
    {
        if (!ProfileText.IsCode(code))
        {
            return faults.CodeInvalid();
        }

        var (answer, refusal) = await AskAsync(
            "alipay.system.oauth.token", [new("grant_type", "authorization_code"), new("code", code)], cancellationToken);
        if (answer is not { } body)
        {
            return refusal!;
        }

        // Apps of today are given an open_id, older ones the user_id.
        var openId = ProfileText.Id(body.Text("open_id")) ?? ProfileText.Id(body.Text("user_id"));
        if (openId is null || body.Text("access_token") is not { } token)
        {
            return faults.Unavailable("no_user_id");
        }

        var identity = new ProviderIdentity(Name, AppId, openId);
        return body.Text("scope") == BasicScope ? identity : await AddProfileAsync(identity, token, cancellationToken);
    }

    private async Task<ProviderAnswer<ProviderIdentity>> AddProfileAsync(ProviderIdentity identity, string token, CancellationToken cancellationToken)
    {
        var (answer, refusal) = await AskAsync("alipay.user.info.share", [new("auth_token", token)], cancellationToken);
        if (answer is not { } body)
        {
            return refusal!;
        }

        var openId = ProfileText.Id(body.Text("open_id")) ?? ProfileText.Id(body.Text("user_id"));
        return openId is not null && openId != identity.OpenId
            ? faults.Unavailable("other_user_id")
            : identity with
            {
                Nickname = ProfileText.Nickname(body.Text("nick_name")),
                AvatarUrl = ProfileText.Url(body.Text("avatar")),
                Gender = ProfileText.Gender(body.Text("gender")),
            };
    }

    private async Task<(LooseJson? Body, Refusal? Refusal)> AskAsync(
        string method, IReadOnlyList<KeyValuePair<string, string>> own, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] common =
        [
            new("app_id", AppId),
            new("method", method),
            new("format", "JSON"),
            new("charset", "utf-8"),
            new("sign_type", "RSA2"),
            new("timestamp", clock.GetUtcNow().ToOffset(s_beijing).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)),
            new("version", "1.0"),
        ];
        var sign = Sign(AlipaySignature.ContentOf([.. common, .. own]));
        var query = WireText.Query([.. common.Select(parameter => (parameter.Key, parameter.Value)), ("sign", sign)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, WireText.Url(app.BaseAddress, "gateway.do", query))
        {
            // What is common stands in the address and the rest in the body, as Alipay's own clients send it.
            Content = new FormUrlEncodedContent(own),
        };
        return Read(await client.SendAsync(Name, request, cancellationToken), method);
    }

    private (LooseJson? Body, Refusal? Refusal) Read(WireAnswer answer, string method)
    {
        if (LooseJson.Parse(answer.Body) is not { } whole)
        {
            return (null, faults.Unreadable(answer));
        }

        // Errors of the gateway are not always signed; they let nobody in.
        if (whole.Object("error_response") is { } error)
        {
            return (null, RefusalOf(error));
        }

        var raw = AlipaySignature.RawField(answer.Body, method.Replace('.', '_') + "_response");
        if (LooseJson.Parse(raw) is not { } body)
        {
            return (null, faults.Unreadable(answer));
        }

        if (whole.Text("sign") is not { } sign || !IsTheirs(raw.Span, sign))
        {
            return (null, faults.Misconfigured("answer_signature"));
        }

        return body.Text("code") is null or "10000" ? (body, null) : (null, RefusalOf(body));
    }

    private string Sign(string content)
    {
        lock (_ownKey)
        {
            return AlipaySignature.Sign(app.PrivateKey, content);
        }
    }

    private bool IsTheirs(ReadOnlySpan<byte> content, string sign)
    {
        lock (_theirKey)
        {
            return AlipaySignature.Verifies(app.AlipayPublicKey, content, sign);
        }
    }

    private Refusal RefusalOf(LooseJson error)
    {
        var (code, detail) = (error.Text("code") ?? "", error.Text("sub_code") ?? "");
        var why = detail.Length == 0 ? code : detail;
        return (code, detail) switch
        {
            (_, "aop.invalid-auth-token" or "aop.auth-token-time-out") => faults.CodeInvalid(),
            _ when detail.StartsWith("isv.code-", StringComparison.Ordinal) => faults.CodeInvalid(),
            _ when detail.EndsWith("call-limited", StringComparison.Ordinal) || detail.StartsWith("isp.", StringComparison.Ordinal) => faults.Busy(why),
            ("20000", _) => faults.Busy(why),
            ("20001" or "40001" or "40002" or "40003" or "40006", _) => faults.Misconfigured(why),
            _ => faults.Unavailable(why.Length == 0 ? "error" : why),
        };
    }
}
