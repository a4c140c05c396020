using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Laurel.Identity.Host;

/// <summary>Why a token of the host is not accepted. Callers of the API are told none of this, only that they are not signed in.</summary>
public enum HostTokenFault
{
    /// <summary>No signed token of three parts with a header and claims that can be read.</summary>
    Malformed,

    /// <summary>Signed in a way that is not among those that are accepted.</summary>
    Algorithm,

    /// <summary>Not an access token.</summary>
    Type,

    /// <summary>Signed by a key that the issuer does not publish.</summary>
    Key,
    Signature,
    Issuer,
    Audience,
    Expired,
    NotYetValid,

    /// <summary>It does not say who it is about.</summary>
    Subject,

    /// <summary>The issuer's keys could not be had: the same token may be good a moment later.</summary>
    KeysUnavailable,
}

/// <summary>Whom the shop's own sign-in has let in.</summary>
/// <param name="ExternalId">The shop's id of the member, 1 to 128 characters.</param>
/// <param name="ExpiresAt">When the token ends; it is accepted for a minute longer.</param>
public sealed record HostPerson(string ExternalId, DateTimeOffset ExpiresAt);

/// <summary>Whether a token of the host is good: a person, or why not.</summary>
public readonly record struct HostTokenAnswer(HostPerson? Person, HostTokenFault? Fault);

/// <summary>Reads access tokens of a shop that signs its members in itself: JWS in compact form (RFC 7515, 7519, 9068), RS256, PS256 or ES256.</summary>
/// <remarks>The way of signing is chosen by us, never by the token: it must be among those of the settings and fit the key. Header fields that
/// bring or name keys are not looked at, and critical ones (<c>crit</c>) are refused. Thread-safe.</remarks>
public sealed class HostTokens
{
    public const int TokenLengthMax = 8 * 1_024;

    public const int ExternalIdLengthMax = 128;

    /// <summary>How far the host's clock and ours may be apart.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly HostTokenOptions _options;
    private readonly HostKeys _keys;
    private readonly TimeProvider _clock;

    internal HostTokens(HostTokenOptions options, HostKeys keys, TimeProvider clock) => (_options, _keys, _clock) = (options, keys, clock);

    /// <exception cref="OperationCanceledException">When <paramref name="cancellationToken"/> asked for it.</exception>
    public async Task<HostTokenAnswer> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > TokenLengthMax || token.Split('.') is not [var head, var body, var end]
            || ReadObject(head) is not { } header || BytesOf(end) is not { } signature)
        {
            return Refuse(HostTokenFault.Malformed);
        }

        if (HeaderFault(header, out var algorithm) is { } fault)
        {
            return Refuse(fault);
        }

        var (key, isKnown) = await _keys.FindAsync(TextOf(header, "kid"), algorithm, cancellationToken);
        if (key is null)
        {
            return Refuse(isKnown ? HostTokenFault.Key : HostTokenFault.KeysUnavailable);
        }

        if (!key.Verifies(algorithm, Encoding.ASCII.GetBytes(token, 0, head.Length + 1 + body.Length), signature))
        {
            return Refuse(HostTokenFault.Signature);
        }

        // Nothing of the claims is looked at before the signature is known to be right.
        return ReadObject(body) is { } claims ? Judge(claims) : Refuse(HostTokenFault.Malformed);
    }

    private static HostTokenAnswer Refuse(HostTokenFault fault) => new(null, fault);

    private HostTokenFault? HeaderFault(JsonElement header, out HostAlgorithm algorithm)
    {
        // By name, not by number: Enum.TryParse reads "0" too.
        HostAlgorithm? named = TextOf(header, "alg") switch
        {
            "RS256" => HostAlgorithm.RS256,
            "PS256" => HostAlgorithm.PS256,
            "ES256" => HostAlgorithm.ES256,
            _ => null,
        };
        algorithm = named.GetValueOrDefault();
        if (named is null || !_options.Algorithms.Contains(algorithm))
        {
            return HostTokenFault.Algorithm;
        }

        if (header.TryGetProperty("crit", out _))
        {
            return HostTokenFault.Malformed;
        }

        var type = TextOf(header, "typ")?.ToLowerInvariant().Replace("application/", "", StringComparison.Ordinal);
        var isType = _options.Type is { } wanted ? type == wanted.ToLowerInvariant() : type is null or "jwt" or "at+jwt";
        return isType ? null : HostTokenFault.Type;
    }

    private HostTokenAnswer Judge(JsonElement claims)
    {
        if (TextOf(claims, "iss") != _options.Issuer)
        {
            return Refuse(HostTokenFault.Issuer);
        }

        if (!IsForUs(claims))
        {
            return Refuse(HostTokenFault.Audience);
        }

        var now = _clock.GetUtcNow();
        if (TimeOf(claims, "exp") is not { } expiresAt || expiresAt + Leeway <= now)
        {
            return Refuse(HostTokenFault.Expired);
        }

        if (claims.TryGetProperty("nbf", out _) && (TimeOf(claims, "nbf") is not { } notBefore || notBefore - Leeway > now))
        {
            return Refuse(HostTokenFault.NotYetValid);
        }

        return SubjectOf(claims) is { Length: > 0 and <= ExternalIdLengthMax } id && !id.Any(char.IsControl)
            ? new HostTokenAnswer(new HostPerson(id, expiresAt), null)
            : Refuse(HostTokenFault.Subject);
    }

    private bool IsForUs(JsonElement claims) => claims.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && PlainText(one) == _options.Audience),
        _ => audience.ValueKind == JsonValueKind.String && PlainText(audience) == _options.Audience,
    };

    // Shops number their users: a number counts as it is written.
    private string? SubjectOf(JsonElement claims) =>
        claims.TryGetProperty(_options.Claim, out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _)
            ? id.GetRawText()
            : TextOf(claims, _options.Claim);

    /// <summary>A NumericDate: seconds since 1970, with or without a fraction; null for anything else.</summary>
    private static DateTimeOffset? TimeOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Floor(seconds))
            : null;

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? PlainText(value) : null;

    private static string? PlainText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static JsonElement? ReadObject(string part)
    {
        if (BytesOf(part) is not { } bytes)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Base64url without padding, blanks or anything else that would give one token many spellings.
    private static byte[]? BytesOf(string part)
    {
        foreach (var c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return null;
            }
        }

        var bytes = new byte[part.Length];
        return part.Length > 0 && Base64Url.TryDecodeFromChars(part, bytes, out var length) && Base64Url.EncodeToString(bytes.AsSpan(0, length)) == part
            ? bytes[..length]
            : null;
    }
}
