using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Laurel.Testing;

namespace Laurel.Chaos.History;

/// <summary>A host system in front of one node: it sends calls and tells what became of them.</summary>
internal sealed class Shop : IDisposable
{
    private static readonly TimeSpan s_repeatingMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _client;

    /// <param name="patience">After this long a call counts as unanswered.</param>
    public Shop(Uri address, TimeSpan patience)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(30) })
        {
            BaseAddress = address,
            Timeout = patience,
        };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSite.AdministratorKey);
    }

    public async Task<Ended> SendAsync(Call call, CancellationToken cancellationToken) =>
        (await TrySendAsync(call, cancellationToken)).Ended;

    /// <returns>Whether the answer says that it was given before.</returns>
    public async Task<(Ended Ended, bool Replayed)> TrySendAsync(Call call, CancellationToken cancellationToken)
    {
        using var request = RequestOf(call);
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            var status = (int)response.StatusCode;
            return (new Ended(call, KnowledgeOf(status), status, answer), response.Headers.Contains("Idempotent-Replayed"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ObjectDisposedException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (new Ended(call, Knowledge.Unknown, 0, exception.Message), false);
        }
    }

    /// <summary>Enrols a member and gives it points to begin with.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> EnrolAsync(string externalId, long points, CancellationToken cancellationToken)
    {
        using var member = JsonDocument.Parse(await UntilAnsweredAsync(
            () => new HttpRequestMessage(HttpMethod.Post, "/api/members")
            {
                Content = new StringContent(JsonSerializer.Serialize(new { externalId }), Encoding.UTF8, "application/json"),
                Headers = { { "Idempotency-Key", "enrol-" + externalId } },
            },
            cancellationToken));
        var id = member.RootElement.GetProperty("id").GetString()!;
        var given = member.RootElement.GetProperty("points").GetProperty("available").GetInt64();
        var opening = Calls.Move("adjust", id, points - given, $"opening-{externalId}");
        await UntilAnsweredAsync(() => RequestOf(opening), cancellationToken);
        return id;
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        var text = await UntilAnsweredAsync(() => new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>What a member can spend.</summary>
    public async Task<long> AvailableAsync(string member, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"/api/members/{member}", cancellationToken);
        return answer.GetProperty("points").GetProperty("available").GetInt64();
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage RequestOf(Call call) => new(HttpMethod.Post, call.Path)
    {
        Content = new StringContent(call.Body, Encoding.UTF8, "application/json"),
        Headers = { { "Idempotency-Key", call.Key } },
    };

    /// <summary>Sends a request again as long as it is answered 503, as every caller may.</summary>
    private async Task<string> UntilAnsweredAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var message = request();
            using var response = await _client.SendAsync(message, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return text;
            }

            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || TimeProvider.System.GetElapsedTime(begun) > s_repeatingMax)
            {
                throw new HttpRequestException($"{message.RequestUri} was answered {(int)response.StatusCode}: {text}");
            }

            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
        }
    }

    private static Knowledge KnowledgeOf(int status) => status switch
    {
        >= 200 and < 300 => Knowledge.Acknowledged,
        >= 400 and < 500 => Knowledge.Refused,
        _ => Knowledge.Unknown,
    };
}
