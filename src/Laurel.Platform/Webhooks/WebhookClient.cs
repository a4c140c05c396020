using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Laurel.Platform.Outside;

namespace Laurel.Platform.Webhooks;

/// <summary>Where and how one endpoint is to be told.</summary>
/// <param name="Secrets">The secrets to sign with, the current one first.</param>
internal sealed record WebhookTarget(Uri Url, IReadOnlyList<byte[]> Secrets);

/// <summary>How one attempt went.</summary>
/// <param name="Status">The HTTP status, or null when none came.</param>
/// <param name="Error">Why none came: one of a fixed list of words; null when one did.</param>
/// <param name="Response">The first characters of the answer's body, or null.</param>
/// <param name="RetryAfter">What the receiver asked to wait, or null.</param>
internal sealed record AttemptResult(int? Status, string? Error, string? Response, TimeSpan Duration, TimeSpan? RetryAfter)
{
    /// <summary>There is nothing to send any more: the event is older than events are kept.</summary>
    public static readonly AttemptResult EventNotKept = new(null, "event_not_kept", null, TimeSpan.Zero, null);

    public bool Delivered => Status is >= 200 and < 300;

    /// <summary>The receiver wants nothing any more (410).</summary>
    public bool Gone => Status == 410;

    /// <summary>The receiver has too much to do (429, 502, 503, 504): it is left alone as a whole, not only with this event.</summary>
    public bool Overloaded => Status is 429 or 502 or 503 or 504;
}

/// <summary>Sends webhooks over connections that lead only where <see cref="AddressRule"/> allows.</summary>
/// <remarks>Connections are <see cref="GuardedConnection"/>s. No proxy of the environment, no cookies, no redirects, no trace headers. Thread-safe.</remarks>
internal sealed class WebhookClient : IDisposable
{
    /// <summary>Bytes of an answer that are read at the most; a longer one is cut off and its connection closed.</summary>
    public const int ResponseBytesMax = 64 * 1_024;

    /// <summary>Characters of an answer that are remembered.</summary>
    public const int ResponseCharactersMax = 1_024;

    /// <summary>A request to an address that is not allowed.</summary>
    public const string AddressRefused = "address_refused";

    private static readonly TimeSpan s_connectMax = TimeSpan.FromSeconds(10);

    private readonly WebhookOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _invoker;

    public WebhookClient(AddressRule rule, ResolveName resolve, WebhookOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            ConnectCallback = new GuardedConnection(rule, resolve).ConnectAsync,
            ConnectTimeout = s_connectMax,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = ResponseBytesMax,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            // A name is looked up anew from time to time, and idle connections of a thousand endpoints are not kept.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
    }

    /// <summary>Sends one event once. Every failure of the receiver is a result; only our own end throws.</summary>
    /// <param name="id">The id of the event, which is that of the webhook.</param>
    /// <param name="body">The CloudEvent as JSON.</param>
    /// <exception cref="OperationCanceledException">When <paramref name="cancellationToken"/> asked for it.</exception>
    public async Task<AttemptResult> SendAsync(WebhookTarget target, string id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var startedAt = _clock.GetTimestamp();
        using var patience = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var request = RequestOf(target, id, body, _clock.GetUtcNow());
            using var response = await _invoker.SendAsync(request, either.Token);
            var head = await ReadHeadAsync(response.Content, either.Token);
            var asked = RetryAfterOf(response, _clock.GetUtcNow());
            return new AttemptResult((int)response.StatusCode, null, head, _clock.GetElapsedTime(startedAt), asked);
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested && ErrorOf(exception, patience.IsCancellationRequested) is { } error)
        {
            return new AttemptResult(null, error, null, _clock.GetElapsedTime(startedAt), null);
        }
    }

    public void Dispose() => _invoker.Dispose();

    private static HttpRequestMessage RequestOf(WebhookTarget target, string id, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json", "utf-8");
        var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = content };
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSecret.Sign(target.Secrets, id, seconds, body.Span));
        request.Headers.TryAddWithoutValidation("User-Agent", "Laurel-Webhooks/1.0");
        return request;
    }

    /// <summary>Reads as much as is allowed, so that a giant or endless answer costs neither memory nor time, and keeps its head.</summary>
    private static async Task<string?> ReadHeadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[4 * ResponseCharactersMax];
        var head = 0;
        var read = 0L;
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var rest = new byte[8 * 1_024];
        while (read < ResponseBytesMax)
        {
            var target = head < buffer.Length ? buffer.AsMemory(head) : rest;
            var count = await stream.ReadAsync(target, cancellationToken);
            if (count == 0)
            {
                break;
            }

            head += head < buffer.Length ? count : 0;
            read += count;
        }

        return head == 0 ? null : Printable(Encoding.UTF8.GetString(buffer, 0, head));
    }

    // NUL is refused by databases, control characters disturb logs and terminals.
    private static string Printable(string text)
    {
        var length = Math.Min(text.Length, ResponseCharactersMax);
        var cut = text[..(length - (char.IsHighSurrogate(text[length - 1]) ? 1 : 0))];
        return string.Create(cut.Length, cut, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now)
    {
        var asked = response.Headers.RetryAfter;
        var wait = asked?.Delta ?? asked?.Date - now;
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>A word for why there was no answer; null for a fault of ours. What the exception says may name addresses inside our
    /// network, so it is not passed on.</summary>
    private static string? ErrorOf(Exception exception, bool timedOut) => exception switch
    {
        _ when timedOut => "timeout",
        OperationCanceledException => "timeout",
        HttpRequestException { InnerException: AddressRefusedException } or AddressRefusedException => AddressRefused,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "name_not_resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "tls",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "connection",
        HttpRequestException or IOException or SocketException => "response",
        _ => null,
    };
}
