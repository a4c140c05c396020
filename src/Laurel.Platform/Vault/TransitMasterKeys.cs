using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Platform.Providers;

namespace Laurel.Platform.Vault;

/// <summary>Where the key service is and as whom it is asked.</summary>
public sealed record TransitOptions
{
    /// <summary>Of the server: <c>https://vault.example:8200</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>Gives the token, anew for each request: an agent may have renewed it.</summary>
    public required Func<string> Token { get; init; }

    /// <summary>The name of the service's own key.</summary>
    public string Key { get; init; } = "laurel";

    /// <summary>Where the engine is mounted.</summary>
    public string Mount { get; init; } = "transit";

    /// <summary>Null where the service has no namespaces.</summary>
    public string? Namespace { get; init; }
}

/// <summary>Master keys closed by the transit engine of HashiCorp Vault, or of OpenBao, which speaks the same
/// (https://developer.hashicorp.com/vault/api-docs/secret/transit). The service's own key never leaves it, and says in each text which version closed it.</summary>
/// <remarks>A key that still stands in the open is read as it is, so that an installation can move into the service: <see cref="RenewAsync"/> closes it.</remarks>
public sealed class TransitMasterKeys(TransitOptions options) : IMasterKeyGuard
{
    /// <summary>How the texts of the service begin.</summary>
    internal const string Mark = "vault:";

    private const int AnswerBytesMax = 64 * 1_024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public async Task<string> CloseAsync(byte[] key, CancellationToken cancellationToken) =>
        TextOf(await AskAsync("encrypt", new TransitRequest { Plaintext = Convert.ToBase64String(key) }, cancellationToken));

    public async Task<byte[]> OpenAsync(string text, string source, CancellationToken cancellationToken)
    {
        if (!text.StartsWith(Mark, StringComparison.Ordinal))
        {
            return OpenMasterKeys.Decode(text, source);
        }

        var data = await AskAsync("decrypt", new TransitRequest { Ciphertext = text }, cancellationToken);
        return OpenMasterKeys.Decode(data.Plaintext ?? throw Unreadable("answered without the key"), source);
    }

    public async Task<string> RenewAsync(string text, CancellationToken cancellationToken) => text.StartsWith(Mark, StringComparison.Ordinal)
        ? TextOf(await AskAsync("rewrap", new TransitRequest { Ciphertext = text }, cancellationToken))
        : await CloseAsync(OpenMasterKeys.Decode(text, "The key"), cancellationToken);

    private string TextOf(TransitData data) =>
        data.Ciphertext is { } text && text.StartsWith(Mark, StringComparison.Ordinal) && !text.Contains(',') ? text : throw Unreadable("answered without a closed key");

    private async Task<TransitData> AskAsync(string operation, TransitRequest body, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null };
        using var client = new HttpClient(handler) { Timeout = s_timeout, MaxResponseContentBufferSize = AnswerBytesMax };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Address, $"/v1/{options.Mount}/{operation}/{options.Key}"))
        {
            Content = JsonContent.Create(body, TransitJson.Default.TransitRequest),
        };
        request.Headers.Add("X-Vault-Request", "true");
        if (!request.Headers.TryAddWithoutValidation("X-Vault-Token", options.Token())
            || (options.Namespace is { } space && !request.Headers.TryAddWithoutValidation("X-Vault-Namespace", space)))
        {
            throw Unreadable("cannot be asked with this token and namespace");
        }

        try
        {
            using var response = await ProviderMetrics.WatchAsync("transit", () => client.SendAsync(request, cancellationToken));
            var answer = await response.Content.ReadFromJsonAsync(TransitJson.Default.TransitAnswer, cancellationToken);
            return response.IsSuccessStatusCode && answer?.Data is { } data
                ? data
                : throw Unreadable($"answered {(int)response.StatusCode}: {string.Join("; ", answer?.Errors ?? [])}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreadable($"does not answer within {s_timeout.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException exception)
        {
            throw Unreadable($"cannot be reached ({exception.HttpRequestError})");
        }
        catch (JsonException)
        {
            throw Unreadable("answered what is no answer of a transit engine");
        }
    }

    private MasterKeysUnreadableException Unreadable(string what) =>
        new($"The key service at {options.Address.GetLeftPart(UriPartial.Authority)} {what} (mount {options.Mount}, key {options.Key}).");
}

internal sealed record TransitRequest
{
    public string? Plaintext { get; init; }

    public string? Ciphertext { get; init; }
}

internal sealed record TransitData
{
    public string? Plaintext { get; init; }

    public string? Ciphertext { get; init; }
}

internal sealed record TransitAnswer
{
    public TransitData? Data { get; init; }

    public IReadOnlyList<string>? Errors { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TransitRequest))]
[JsonSerializable(typeof(TransitAnswer))]
internal sealed partial class TransitJson : JsonSerializerContext;
