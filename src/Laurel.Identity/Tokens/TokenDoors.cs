using System.Buffers.Text;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.Tokens;

/// <summary>A public key as a JSON Web Key (RFC 7517, RFC 7518 §6.2).</summary>
public sealed record PublicKey
{
    [JsonPropertyName("kty")]
    public required string KeyType { get; init; }

    [JsonPropertyName("crv")]
    public required string Curve { get; init; }

    [JsonPropertyName("x")]
    public required string X { get; init; }

    [JsonPropertyName("y")]
    public required string Y { get; init; }

    [JsonPropertyName("kid")]
    public required string Id { get; init; }

    [JsonPropertyName("alg")]
    public required string Algorithm { get; init; }

    [JsonPropertyName("use")]
    public required string Use { get; init; }
}

/// <summary>A set of public keys (RFC 7517 §5).</summary>
public sealed record KeySet([property: JsonPropertyName("keys")] IReadOnlyList<PublicKey> Keys);

/// <summary>The key that signs from now on.</summary>
public sealed record RotatedReply(string Kid);

/// <summary>What each call about the keys of tokens does.</summary>
internal sealed class TokenDoors(TokenKeys keys)
{
    /// <summary>A shared secret is in no set: who checks such tokens has it.</summary>
    public async Task KeySetAsync(HttpContext context)
    {
        var ring = await keys.RingAsync(context.RequestAborted);
        var set = new KeySet([.. ring.Keys.OfType<OwnTokenKey>().Select(KeyOf)]);
        context.Response.Headers.CacheControl = "public, max-age=300";
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, set, IdentityJson.Default.KeySet);
    }

    public async Task RotateAsync(HttpContext context)
    {
        if (await keys.RotateAsync(context.RequestAborted) is { } kid)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, new RotatedReply(kid), IdentityJson.Default.RotatedReply);
            return;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.TokenKeyShared), context.RequestAborted);
    }

    private static PublicKey KeyOf(OwnTokenKey key)
    {
        var (x, y) = key.PublicPoint;
        return new PublicKey
        {
            KeyType = "EC",
            Curve = "P-256",
            X = Base64Url.EncodeToString(x),
            Y = Base64Url.EncodeToString(y),
            Id = key.Id,
            Algorithm = nameof(TokenAlgorithm.ES256),
            Use = "sig",
        };
    }
}
