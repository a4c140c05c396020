using Laurel.Platform.Outside;
using Laurel.Platform.Providers;

namespace Laurel.Identity.Wire;

/// <summary>Why there is no answer.</summary>
internal enum WireFault
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>The request never left: no such name, no connection, no trusted certificate. What it asked for did not happen.</summary>
    NotSent,

    /// <summary>The request may have arrived, and may have been carried out.</summary>
    Ambiguous,
}

/// <summary>What came back of one request.</summary>
/// <param name="Status">The HTTP status; 0 where there is none.</param>
/// <param name="Body">All of it; empty where there is none.</param>
internal readonly record struct WireAnswer(int Status, byte[] Body, WireFault Fault);

/// <summary>Sends requests to those who sign people in and carry messages. One for each process and kind of host. Thread-safe.</summary>
/// <remarks>No redirects, cookies, proxies of the environment, trace headers or spans: addresses carry secrets, because that is how WeChat
/// and QQ want them, and nothing of a request may be written down. Hosts that the operator names may lead inside; what tenants name is asked through a
/// <see cref="GuardedConnection"/>.</remarks>
internal sealed class ProviderClient : IDisposable
{
    /// <summary>Bytes of an answer at the most: a profile has a few hundred.</summary>
    public const int AnswerBytesMax = 256 * 1_024;

    /// <summary>From the connection to the last byte.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_connectMax = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client;

    /// <param name="guard">Makes the connections, where tenants name the hosts; null where the operator does.</param>
    public ProviderClient(TimeSpan timeout, GuardedConnection? guard = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = s_connectMax,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (guard is not null)
        {
            handler.ConnectCallback = guard.ConnectAsync;
        }

        _client = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = AnswerBytesMax };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Laurel/1.0");
    }

    /// <summary>Sends once; only our own end throws.</summary>
    /// <param name="provider">Whom it is sent to, for the metrics: out of a fixed list.</param>
    /// <exception cref="OperationCanceledException">When <paramref name="cancellationToken"/> asked for it.</exception>
    public async Task<WireAnswer> SendAsync(string provider, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await ProviderMetrics.WatchAsync(provider, () => _client.SendAsync(request, cancellationToken));
            return new WireAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), WireFault.None);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WireAnswer(0, [], WireFault.Ambiguous);
        }
        catch (Exception exception) when (exception is AddressRefusedException || exception.InnerException is AddressRefusedException)
        {
            return new WireAnswer(0, [], WireFault.NotSent);
        }
        catch (HttpRequestException exception)
        {
            return new WireAnswer(0, [], exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError => WireFault.NotSent,
                _ => WireFault.Ambiguous,
            });
        }
        catch (IOException)
        {
            return new WireAnswer(0, [], WireFault.Ambiguous);
        }
    }

    public void Dispose() => _client.Dispose();
}
