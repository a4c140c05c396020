using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Laurel.Platform.Access;

/// <summary>What a signed call says of itself in its header <c>Authorization</c> (docs/reference/signing.md).</summary>
/// <param name="Key">The id of the key that it is signed under.</param>
/// <param name="Timestamp">When it was signed, in Unix seconds.</param>
/// <param name="Nonce">What tells it apart from every other call of the key.</param>
/// <param name="Digest">SHA-256 of the body as sent, 32 bytes.</param>
/// <param name="Signature">32 bytes.</param>
internal sealed record SignedCall(long Key, long Timestamp, string Nonce, byte[] Digest, byte[] Signature)
{
    /// <summary>Names the form, in the header and in what is signed.</summary>
    public const string Algorithm = "LAUREL-HMAC-SHA256";

    private const int NonceLengthMin = 16;

    private const int NonceLengthMax = 64;

    /// <summary>Longer headers are none of ours.</summary>
    private const int LengthMax = 512;

    private const int HexLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>Reads what follows <see cref="Algorithm"/>: a blank and <c>key</c>, <c>timestamp</c>, <c>nonce</c>, <c>digest</c> and <c>signature</c>, each once, as
    /// <c>name=value</c> with commas between. Null when it is anything else.</summary>
    public static SignedCall? Parse(string text)
    {
        if (text.Length is 0 or > LengthMax || text[0] != ' ')
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text[1..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !values.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                return null;
            }
        }

        return values.Count == 5
            && TryReadNumber(values.GetValueOrDefault("key"), out var key)
            && TryReadNumber(values.GetValueOrDefault("timestamp"), out var timestamp)
            && values.TryGetValue("nonce", out var nonce) && IsNonce(nonce)
            && TryReadHex(values.GetValueOrDefault("digest"), out var digest)
            && TryReadHex(values.GetValueOrDefault("signature"), out var signature)
                ? new SignedCall(key, timestamp, nonce, digest, signature)
                : null;
    }

    /// <summary>Whether it was signed under a secret, for this method and target. All of it is compared, in fixed time.</summary>
    /// <param name="secret">The letters of the secret, as bytes.</param>
    /// <param name="method">In upper case.</param>
    /// <param name="target">Path and query as sent.</param>
    public bool IsSignedBy(ReadOnlySpan<byte> secret, string method, string target)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(TextOf(method, target)), expected);
        return CryptographicOperations.FixedTimeEquals(expected, Signature);
    }

    /// <summary>What is signed: six lines, no line feed after the last.</summary>
    public string TextOf(string method, string target) => string.Create(
        CultureInfo.InvariantCulture, $"{Algorithm}\n{method}\n{target}\n{Convert.ToHexStringLower(Digest)}\n{Timestamp}\n{Nonce}");

    private static bool TryReadNumber(string? text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool IsNonce(string text) =>
        text.Length is >= NonceLengthMin and <= NonceLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool TryReadHex(string? text, out byte[] bytes)
    {
        bytes = new byte[SHA256.HashSizeInBytes];
        return text?.Length == HexLength && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
