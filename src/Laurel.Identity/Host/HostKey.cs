using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Laurel.Identity.Host;

/// <summary>A public key of a JWK set (RFC 7517) that we can verify with.</summary>
internal sealed class HostKey
{
    private const int RsaBitsMin = 2_048;

    private const int RsaBytesMax = 1_024;

    private const int CoordinateLength = 32;

    private const int Es256Length = 2 * CoordinateLength;

    private readonly string? _algorithm;
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    // The framework does not promise that one key may be used by several threads at once.
    private readonly Lock _gate = new();

    private HostKey(string? id, string? algorithm, RSA? rsa, ECDsa? ec) => (Id, _algorithm, _rsa, _ec) = (id, algorithm, rsa, ec);

    /// <summary>Its <c>kid</c>, or null.</summary>
    public string? Id { get; }

    /// <summary>Reads one key; null where it is for something else than signing, too weak, or of a kind that we do not verify with.</summary>
    public static HostKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" when Bytes(jwk, "n") is { Length: <= RsaBytesMax } modulus && Bytes(jwk, "e") is { } exponent =>
                    Of(jwk, RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent })),
                "EC" when Text(jwk, "crv") == "P-256" && Bytes(jwk, "x") is { Length: CoordinateLength } x && Bytes(jwk, "y") is { Length: CoordinateLength } y =>
                    new HostKey(Text(jwk, "kid"), Text(jwk, "alg"), null, ECDsa.Create(PointOf(x, y))),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether it may be used so: by its kind, and by what it says of itself.</summary>
    public bool Fits(HostAlgorithm algorithm) => (_algorithm is null || _algorithm == algorithm.ToString()) && algorithm switch
    {
        HostAlgorithm.RS256 or HostAlgorithm.PS256 => _rsa is not null,
        HostAlgorithm.ES256 => _ec is not null,
    };

    /// <param name="algorithm">One that it <see cref="Fits"/>.</param>
    public bool Verifies(HostAlgorithm algorithm, byte[] content, byte[] signature)
    {
        lock (_gate)
        {
            return algorithm switch
            {
                HostAlgorithm.RS256 => _rsa!.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                HostAlgorithm.PS256 => _rsa!.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                HostAlgorithm.ES256 => signature.Length == Es256Length
                    && _ec!.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            };
        }
    }

    private static ECParameters PointOf(byte[] x, byte[] y) => new() { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };

    private static HostKey? Of(JsonElement jwk, RSA rsa)
    {
        if (rsa.KeySize >= RsaBitsMin)
        {
            return new HostKey(Text(jwk, "kid"), Text(jwk, "alg"), rsa, null);
        }

        rsa.Dispose();
        return null;
    }

    private static string? Text(JsonElement jwk, string name)
    {
        try
        {
            return jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[]? Bytes(JsonElement jwk, string name)
    {
        try
        {
            return Text(jwk, name) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
