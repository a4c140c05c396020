using System.Net;
using System.Net.Http.Headers;
using Laurel.Kernel;
using Laurel.Platform.Providers;

namespace Laurel.Platform.Files;

/// <summary>A bucket of a store that speaks S3.</summary>
/// <param name="Endpoint">Of the store, without the bucket: <c>https://s3.eu-central-1.amazonaws.com</c>, <c>http://minio:9000</c>.</param>
/// <param name="Bucket">Its name; it stands first in the path.</param>
public sealed record S3Options(Uri Endpoint, string Bucket, S3Credentials Credentials);

/// <summary>Files in a bucket, each under its name. Every request is signed, and carries one file.</summary>
public sealed class S3Files : IFileStore, IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    /// <summary>More than any file that is kept.</summary>
    private const int AnswerBytesMax = 8 * 1024 * 1024;

    private readonly S3Options _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public S3Files(S3Options options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);

        // A redirection would take what is signed for one place to another.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = s_timeout,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    public async Task KeepAsync(FileName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Put, name, bytes, cancellationToken);
        Require(answer, answer.IsSuccessStatusCode);
    }

    public async Task<byte[]?> FindAsync(FileName name, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, name, default, cancellationToken);
        if (await IsGoneAsync(answer, cancellationToken))
        {
            return null;
        }

        Require(answer, answer.StatusCode == HttpStatusCode.OK);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public async Task RemoveAsync(FileName name, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, name, default, cancellationToken);
        Require(answer, answer.IsSuccessStatusCode || await IsGoneAsync(answer, cancellationToken));
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, FileName name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var now = Instant.Now(_clock);
        var url = new Uri(_options.Endpoint, $"/{_options.Bucket}/{name}");
        var headers = new Dictionary<string, string>
        {
            ["host"] = url.Authority,
            ["x-amz-content-sha256"] = S3Signature.HashOf(body.Span),
            ["x-amz-date"] = S3Signature.DateOf(now),
        };
        using var request = new HttpRequestMessage(method, url);
        if (method == HttpMethod.Put)
        {
            headers["content-type"] = name.MediaType;
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(name.MediaType);
        }

        request.Headers.Add("x-amz-content-sha256", headers["x-amz-content-sha256"]);
        request.Headers.Add("x-amz-date", headers["x-amz-date"]);
        request.Headers.TryAddWithoutValidation("Authorization", S3Signature.Sign(_options.Credentials, method.Method, url.AbsolutePath, "", headers, now));
        try
        {
            return await ProviderMetrics.WatchAsync("s3", () => _client.SendAsync(request, cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new FileStoreUnavailableException("The store of files does not answer.", exception);
        }
    }

    /// <summary>Whether there is no file of that name. A bucket that is not there has the same status, and says nothing of files.</summary>
    private static async Task<bool> IsGoneAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.StatusCode == HttpStatusCode.NotFound
        && (await answer.Content.ReadAsStringAsync(cancellationToken)).Contains("<Code>NoSuchKey</Code>", StringComparison.Ordinal);

    private static void Require(HttpResponseMessage answer, bool holds)
    {
        if (!holds)
        {
            throw new FileStoreUnavailableException($"The store of files answers {(int)answer.StatusCode}.");
        }
    }
}
