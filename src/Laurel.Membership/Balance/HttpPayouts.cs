using System.Net.Http.Headers;
using System.Text.Json;
using Laurel.Platform.Webhooks;

namespace Laurel.Membership.Balance;

/// <summary>Asks a server of the operator's for payouts: a POST signed as Standard Webhooks 1.0.0 asks, whose <c>webhook-id</c> is the
/// withdrawal's id, with the tenant's code and a colon before it where it is not of the platform's own. It answers
/// <c>accepted</c>, <c>paid</c> or <c>failed</c>, and may tell the result later by a signed request.</summary>
/// <remarks>Only an answer of 2xx that says <c>failed</c> fails a withdrawal. Whatever else goes wrong says nothing about the money: it is
/// asked again under the same id. The operator names the URL, so it may lead inside.</remarks>
internal sealed class HttpPayouts : IPayoutProvider
{
    private const int TextLengthMax = 128;

    private const int AnswerBytesMax = 64 * 1_024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    // A callback may be lost; asking again tells how it stands.
    private static readonly TimeSpan s_askAcceptedAgainAfter = TimeSpan.FromMinutes(15);

    private readonly Uri _url;
    private readonly IReadOnlyList<byte[]> _secrets;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public HttpPayouts(Uri url, IReadOnlyList<byte[]> secrets, TimeProvider clock)
    {
        (_url, _secrets, _clock) = (url, secrets, clock);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };

        // One for each process, for as long as it runs.
        _client = new HttpClient(handler) { Timeout = s_timeout, MaxResponseContentBufferSize = AnswerBytesMax };
    }

    public string Name => "http";

    public async Task<PayoutAnswer> SendAsync(PayoutOrder order, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new PayoutRequestBody(order.WithdrawalId, order.MemberId, order.Amount, order.Currency, order.Destination) { Tenant = order.Tenant },
            PayoutJson.Default.PayoutRequestBody);
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        foreach (var (name, value) in SignedRequests.HeadersOf(SignedRequests.SecretsOf(_secrets, order.Tenant), HeaderIdOf(order), _clock.GetUtcNow(), body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode
                ? Read(await response.Content.ReadAsByteArrayAsync(cancellationToken))
                : new PayoutAnswer.Unknown("status");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PayoutAnswer.Unknown("timeout");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new PayoutAnswer.Unknown("connection");
        }
    }

    internal static PayoutAnswer Read(byte[] body)
    {
        PayoutResponseBody? answer;
        try
        {
            answer = JsonSerializer.Deserialize(body, PayoutJson.Default.PayoutResponseBody);
        }
        catch (JsonException)
        {
            return new PayoutAnswer.Unknown("answer");
        }

        return answer?.Status switch
        {
            "accepted" => new PayoutAnswer.Accepted(Cut(answer.ProviderReference), s_askAcceptedAgainAfter),
            "paid" => new PayoutAnswer.Paid(Cut(answer.ProviderReference)),
            "failed" => new PayoutAnswer.Failed(Cut(answer.Reason) ?? "The provider gave no reason."),
            _ => new PayoutAnswer.Unknown("answer"),
        };
    }

    // What is no visible ASCII cannot stand in a header, and a full stop would end the id of the signature.
    private static string HeaderIdOf(PayoutOrder order)
    {
        var id = Uri.EscapeDataString(order.WithdrawalId).Replace(".", "%2E", StringComparison.Ordinal);
        return order.Tenant is { } tenant ? $"{tenant}:{id}" : id;
    }

    private static string? Cut(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var plain = string.Concat(text.Where(character => !char.IsControl(character) && !char.IsSurrogate(character)));
        return plain.Length <= TextLengthMax ? plain : plain[..TextLengthMax];
    }
}
