using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Laurel.Platform.Webhooks;

/// <summary>Signatures of Standard Webhooks 1.0.0: HMAC-SHA256, told as <c>v1,base64</c>.</summary>
internal static class WebhookSecret
{
    /// <summary>Bytes of a secret that Laurel draws; the specification asks for 24 to 64.</summary>
    public const int Length = 32;

    private const string Prefix = "whsec_";

    /// <summary>The form in which a receiver gets a secret: <c>whsec_</c> and base64.</summary>
    public static string Show(ReadOnlySpan<byte> secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary>Bytes of a secret that somebody else drew, at the least and at the most: the specification's bounds.</summary>
    private const int LengthMin = 24;

    private const int LengthMax = 64;

    /// <summary>Reads what <see cref="Show"/> writes, of 24 to 64 bytes; null when the text is nothing of the kind.</summary>
    public static byte[]? Parse(string text)
    {
        Span<byte> secret = stackalloc byte[LengthMax];
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..], secret, out var length)
            && length >= LengthMin
                ? secret[..length].ToArray()
                : null;
    }

    /// <summary>The value of <c>webhook-signature</c>: one signature for each secret, with a blank between.</summary>
    /// <param name="secrets">The current one, and for a while after a rotation the one before it.</param>
    /// <param name="id">The value of <c>webhook-id</c>; it must not hold a full stop.</param>
    /// <param name="unixSeconds">The value of <c>webhook-timestamp</c>.</param>
    /// <param name="body">The bytes exactly as they are sent.</param>
    public static string Sign(IReadOnlyList<byte[]> secrets, string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}."));
        var header = new StringBuilder();
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
            hmac.AppendData(head);
            hmac.AppendData(body);
            hmac.GetHashAndReset(hash);
            header.Append(header.Length == 0 ? "v1," : " v1,").Append(Convert.ToBase64String(hash));
        }

        return header.ToString();
    }
}
