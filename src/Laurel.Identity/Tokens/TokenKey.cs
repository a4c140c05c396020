using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Identity.Tokens;

/// <summary>How a token is signed (RFC 7518 §3.1).</summary>
public enum TokenAlgorithm
{
    /// <summary>HMAC with SHA-256, with the secret that the shop's own programs share.</summary>
    HS256,

    /// <summary>ECDSA on P-256 with SHA-256: whoever checks a token needs no secret.</summary>
    ES256,
}

/// <summary>A key that signs access tokens, and looks at signatures. Thread-safe.</summary>
public abstract class TokenKey(string id) : IDisposable
{
    /// <summary>The <c>kid</c> of its tokens.</summary>
    public string Id { get; } = id;

    public abstract TokenAlgorithm Algorithm { get; }

    /// <summary>The only tenant that its tokens speak for; null speaks for all of them.</summary>
    /// <remarks>Whoever knows a shared secret can make tokens with it.</remarks>
    public TenantId? OnlyFor { get; init; }

    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    public abstract bool Holds(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    public virtual void Dispose()
    {
    }
}

/// <summary>A secret that the shop's own programs share (<c>JWT_SECRET</c>).</summary>
public sealed class SharedTokenKey : TokenKey
{
    /// <summary>RFC 7518 §3.2: a key has at least as many bits as the hash.</summary>
    public const int BytesMin = 32;

    private readonly byte[] _secret;

    public SharedTokenKey(string secret)
        : base("shared-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("kid:" + secret)).AsSpan(0, 6))) =>
        _secret = Encoding.UTF8.GetBytes(secret);

    public override TokenAlgorithm Algorithm => TokenAlgorithm.HS256;

    public override byte[] Sign(ReadOnlySpan<byte> message) => HMACSHA256.HashData(_secret, message);

    public override bool Holds(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, message, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}

/// <summary>A pair of keys of Laurel's own.</summary>
public sealed class OwnTokenKey : TokenKey
{
    private const int SignatureLength = 64;

    private readonly ECDsa _pair;

    private OwnTokenKey(string id, ECDsa pair)
        : base(id) => _pair = pair;

    public override TokenAlgorithm Algorithm => TokenAlgorithm.ES256;

    /// <summary>The public point, for whoever checks tokens (RFC 7518 §6.2.1).</summary>
    public (byte[] X, byte[] Y) PublicPoint
    {
        get
        {
            var point = _pair.ExportParameters(includePrivateParameters: false).Q;
            return (point.X!, point.Y!);
        }
    }

    /// <summary>Draws a pair and gives the bytes by which <see cref="Read"/> has it again.</summary>
    public static byte[] Draw()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return pair.ExportPkcs8PrivateKey();
    }

    public static OwnTokenKey Read(string id, ReadOnlySpan<byte> pkcs8)
    {
        var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(pkcs8, out _);
        return new OwnTokenKey(id, pair);
    }

    public override byte[] Sign(ReadOnlySpan<byte> message) =>
        _pair.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public override bool Holds(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => signature.Length == SignatureLength
        && _pair.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public override void Dispose() => _pair.Dispose();
}
