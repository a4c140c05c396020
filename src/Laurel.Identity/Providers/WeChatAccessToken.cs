using System.Net.Http.Headers;
using System.Text.Json;
using Laurel.Identity.Wire;

namespace Laurel.Identity.Providers;

/// <summary>The token of an app for calls that concern no one user; asked for once and kept until it is about to end.</summary>
/// <remarks>It comes from <c>/cgi-bin/stable_token</c>: there, unlike at <c>/cgi-bin/token</c>, asking again gives the same token, so nodes and
/// other systems of the merchant do not take it away from each other (docs/adr/0082). Thread-safe.</remarks>
internal sealed class WeChatAccessToken(ProviderAppOptions app, ProviderClient client, ProviderFaults faults, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private (string Token, DateTimeOffset Until)? _held;
    private Task<ProviderAnswer<string>>? _fetch;

    /// <summary>A token that was good a moment ago. Callers that come while it is asked for share the one answer.</summary>
    /// <param name="rejected">One that was given out before and is no longer good; null at first.</param>
    public Task<ProviderAnswer<string>> GetAsync(string? rejected, CancellationToken cancellationToken)
    {
        Task<ProviderAnswer<string>> fetch;
        lock (_gate)
        {
            if (_held is { } held && held.Token != rejected && clock.GetUtcNow() < held.Until)
            {
                return Task.FromResult<ProviderAnswer<string>>(held.Token);
            }

            if (_fetch is null or { IsCompleted: true })
            {
                // Not with the token of this caller: others wait for it too. The client's time limit ends it.
                _fetch = FetchAsync();
            }

            fetch = _fetch;
        }

        return fetch.WaitAsync(cancellationToken);
    }

    private async Task<ProviderAnswer<string>> FetchAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, WireText.Url(app.BaseAddress, "cgi-bin/stable_token", ""))
        {
            Content = new ByteArrayContent(Body()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var askedAt = clock.GetUtcNow();
        var answer = await client.SendAsync(ProviderName.WeChatMini, request, CancellationToken.None);
        if (LooseJson.Parse(answer.Body) is not { } body)
        {
            return faults.Unreadable(answer);
        }

        // Here 40001 says that the secret is wrong.
        if (WeChatErrors.NumberOf(body) is not 0 and var number)
        {
            return number == 40_001 ? faults.Misconfigured($"{number}") : WeChatErrors.RefusalOf(number, faults);
        }

        if (body.Text("access_token") is not { } token || body.Integer("expires_in") is not (> 0 and <= 86_400 and var seconds))
        {
            return faults.Unavailable("no_token");
        }

        lock (_gate)
        {
            // It is renewed early: a request under way must not meet its end.
            _held = (token, askedAt + TimeSpan.FromSeconds(seconds * 9 / 10));
        }

        return token;
    }

    private byte[] Body()
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("grant_type", "client_credential");
            json.WriteString("appid", app.AppId);
            json.WriteString("secret", app.Secret);
            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
