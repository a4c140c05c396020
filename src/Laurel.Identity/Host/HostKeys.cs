using System.Text.Json;
using Laurel.Identity.Wire;

namespace Laurel.Identity.Host;

/// <summary>The issuer's keys, asked for when they are first needed and kept in memory. Thread-safe.</summary>
/// <remarks>They are asked for again every hour, so that a key that was taken back goes, and when a token names one that is not known, but at most once
/// a minute: anybody can make up names. When the issuer does not answer, the keys that are known stay good for a day.</remarks>
internal sealed class HostKeys(Uri address, ProviderClient client, ProviderFaults faults, TimeProvider clock)
{
    public const string Name = "host_keys";

    private const int KeysMax = 64;

    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_good = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 16 };

    private readonly Lock _gate = new();
    private IReadOnlyList<HostKey> _keys = [];
    private DateTimeOffset? _readAt;
    private DateTimeOffset? _askedAt;
    private Task? _fetch;

    /// <summary>The key that a token names.</summary>
    /// <param name="id">The token's <c>kid</c>; null finds a key only where one alone fits.</param>
    /// <returns>No key and true where the issuer has no such key; no key and false where it could not be asked.</returns>
    public async Task<(HostKey? Key, bool IsKnown)> FindAsync(string? id, HostAlgorithm algorithm, CancellationToken cancellationToken)
    {
        var (key, isGood) = Look(id, algorithm, out var fetch);
        if ((key is null || !isGood) && fetch is not null)
        {
            await fetch.WaitAsync(cancellationToken);
            (key, isGood) = Look(id, algorithm, out _);
        }

        return isGood ? (key, true) : (null, false);
    }

    /// <summary>What is known now.</summary>
    /// <param name="fetch">A request for more that is under way, begun now where it is time; else null.</param>
    private (HostKey? Key, bool IsGood) Look(string? id, HostAlgorithm algorithm, out Task? fetch)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var isGood = _readAt is { } readAt && now - readAt < s_good;
            var fitting = _keys.Where(key => key.Fits(algorithm) && (id is null || key.Id == id)).Take(2).ToList();
            var found = isGood && fitting.Count == 1 ? fitting[0] : null;
            var isWanted = (found is null && (id is not null || !isGood)) || now - _readAt >= s_fresh;
            if (_fetch is null or { IsCompleted: true } && isWanted && (_askedAt is null || now - _askedAt >= s_pause))
            {
                _askedAt = now;
                _fetch = FetchAsync();
            }

            fetch = _fetch is { IsCompleted: false } ? _fetch : null;
            return (found, isGood);
        }
    }

    private async Task FetchAsync()
    {
        // The answer is waited for outside of the lock that this was begun under.
        await Task.Yield();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/jwk-set+json, application/json");
        var answer = await client.SendAsync("host_keys", request, CancellationToken.None);
        if (answer.Status != 200 || Read(answer.Body) is not { Count: > 0 } keys)
        {
            _ = faults.Unreadable(answer);
            return;
        }

        lock (_gate)
        {
            (_keys, _readAt) = (keys, clock.GetUtcNow());
        }
    }

    private static List<HostKey>? Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, s_options);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("keys", out var list)
                && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Take(KeysMax).Select(HostKey.Read).OfType<HostKey>()]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
