using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Hosting;

/// <summary>A running server as a shop sees it: what it asks for, in the shop's words.</summary>
internal sealed class LaurelServer : IAsyncDisposable
{
    public const string Json = "application/json";
    public const string Batch = "application/cloudevents-batch+json";
    private const string Reason = "A test asked for it";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient _client;

    private readonly bool _ownsProcess;

    private LaurelServer(LaurelProcess process, CancellationToken cancellationToken, string key = LaurelSite.AdministratorKey, bool ownsProcess = true)
    {
        (Process, Cancellation, _ownsProcess) = (process, cancellationToken, ownsProcess);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = process.Address,
            Timeout = TimeSpan.FromSeconds(60),
        };
        _client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", key);
    }

    public LaurelProcess Process { get; }

    /// <summary>Ends every call when the test is given up.</summary>
    private CancellationToken Cancellation { get; }

    /// <param name="port">Where it listens; null takes a free one.</param>
    public static async Task<LaurelServer> StartAsync(LaurelSite site, CancellationToken cancellationToken, int? port = null) =>
        new(await site.ServeAsync(cancellationToken, port), cancellationToken);

    /// <param name="program">How Laurel is started with these arguments.</param>
    public static async Task<LaurelServer> StartAsync(Func<IReadOnlyList<string>, ChildProgram> program, CancellationToken cancellationToken) =>
        new(await LaurelProcess.StartAsync(program, cancellationToken), cancellationToken);

    /// <summary>The same server as the holder of another key sees it; to be disposed of before the server.</summary>
    public LaurelServer As(string key) => new(Process, Cancellation, key, ownsProcess: false);

    /// <summary>Enrols a member, who then has the registration's 100 points.</summary>
    public Task<Answer> RegisterAsync(string externalId) => PostAsync("/api/members", new { externalId });

    /// <summary>Enrols a member and sets the points that can be spent.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> NewMemberAsync(string externalId, long points)
    {
        var member = (await RegisterAsync(externalId)).Json;
        var id = member.GetProperty("id").GetString()!;
        var given = member.GetProperty("points").GetProperty("available").GetInt64();
        if (points != given)
        {
            (await AdjustAsync(id, points - given, "opening of " + externalId)).Status.ShouldBe(200);
        }

        return id;
    }

    public Task<Answer> EarnAsync(string memberId, long points, string reference) =>
        PostAsync("/api/points/earn", Movement(memberId, points, reference));

    public Task<Answer> SpendAsync(string memberId, long points, string reference) =>
        PostAsync("/api/points/spend", Movement(memberId, points, reference));

    public Task<Answer> AdjustAsync(string memberId, long points, string reference) =>
        PostAsync("/api/points/adjust", Movement(memberId, points, reference));

    public Task<Answer> HoldAsync(string memberId, long points, string reference) =>
        PostAsync("/api/points/hold", Movement(memberId, points, reference));

    /// <param name="points">Null is all that is still held.</param>
    public Task<Answer> CaptureAsync(string holdId, long? points, string reference) =>
        PostAsync("/api/points/capture", new { holdId, points, reference });

    /// <param name="points">Null is all that is still held.</param>
    public Task<Answer> ReleaseAsync(string holdId, long? points, string reference) =>
        PostAsync("/api/points/release", new { holdId, points, reference });

    public Task<Answer> TransferAsync(string from, string to, long points, string reference) => PostAsync(
        "/api/points/transfer",
        new { from = new { memberId = from }, to = new { memberId = to }, points, reason = Reason, reference });

    public Task<Answer> SendAsync(params IReadOnlyList<object> events) =>
        SendAsync(HttpMethod.Post, "/api/events", Body(events), Batch);

    public Task<Answer> CompleteOrderAsync(string memberId, string orderId, long amount) =>
        SendAsync(ShopEvents.Completed(memberId, orderId, amount));

    public Task<Answer> RefundAsync(string orderId, string refundId, long amount) =>
        SendAsync(ShopEvents.Refunded(orderId, refundId, amount));

    public Task<Answer> MemberAsync(string memberId) => GetAsync($"/api/members/{memberId}");

    /// <summary>All that can be told of a member, to be compared before and after what must not change it.</summary>
    public async Task<string> BookAsync(string memberId) =>
        (await MemberAsync(memberId)).Text + (await GetAsync($"/api/members/{memberId}/points")).Text;

    public async Task<PointsStanding> PointsAsync(string memberId)
    {
        var points = (await MemberAsync(memberId)).Json.GetProperty("points");
        return new PointsStanding(
            points.GetProperty("available").GetInt64(),
            points.GetProperty("held").GetInt64(),
            points.GetProperty("debt").GetInt64());
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Reads what shows a version at the least.</summary>
    public Task<Answer> GetAsync(string path, string? version)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Laurel-Version", version);
        return SendAsync(request);
    }

    /// <summary>The body of an answer with the headers that mark an old one.</summary>
    public async Task<(string Body, string? Warning, TimeSpan? Age)> SendForHeadersAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        return (body, response.Headers.Warning.SingleOrDefault()?.ToString(), response.Headers.Age);
    }

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, Body(body), Json);

    public Task<Answer> PostAsync(string path, string body) =>
        SendAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), Json);

    /// <summary>Posts under an <c>Idempotency-Key</c>.</summary>
    public Task<Answer> PostUnderAsync(string key, string path, object body)
    {
        var request = Request(HttpMethod.Post, path, Body(body), Json);
        request.Headers.Add("Idempotency-Key", key);
        return SendAsync(request);
    }

    public Task<Answer> SendAsync(HttpMethod method, string path, byte[] body, string? mediaType) =>
        SendAsync(Request(method, path, body, mediaType));

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request, Cancellation);
            return new Answer
            {
                Status = (int)response.StatusCode,
                Body = await response.Content.ReadAsByteArrayAsync(Cancellation),
                MediaType = response.Content.Headers.ContentType?.MediaType,
                Replayed = response.Headers.TryGetValues("Idempotent-Replayed", out var values)
                    && values.Single() == "true",
                Allow = [.. response.Content.Headers.Allow],
                Version = HeaderOf(response, "Laurel-Version"),
                Source = HeaderOf(response, "Laurel-Source"),
                RetryAfter = response.Headers.RetryAfter?.Delta,
            };
        }
    }

    public static object Movement(string memberId, long points, string reference) =>
        new { memberId, points, reason = Reason, referenceType = "test", referenceId = reference };

    public static HttpRequestMessage Request(HttpMethod method, string path, byte[] body, string? mediaType)
    {
        var content = new ByteArrayContent(body);
        if (mediaType is not null)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        }

        return new HttpRequestMessage(method, path) { Content = content };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_ownsProcess)
        {
            await Process.DisposeAsync();
        }
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static byte[] Body(object body) => JsonSerializer.SerializeToUtf8Bytes(body, s_json);
}

/// <summary>A member's points as the member's answer shows them.</summary>
internal readonly record struct PointsStanding(long Available, long Held, long Debt);
