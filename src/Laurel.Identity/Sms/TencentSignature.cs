using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Laurel.Identity.Sms;

/// <summary>The signature TC3-HMAC-SHA256 of Tencent Cloud.</summary>
internal static class TencentSignature
{
    public const string Algorithm = "TC3-HMAC-SHA256";

    /// <param name="headers">What is signed of the headers: names in small letters, by name.</param>
    public static string CanonicalRequest(IReadOnlyList<(string Name, string Value)> headers, ReadOnlySpan<byte> body)
    {
        var lines = string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n"));
        return $"POST\n/\n\n{lines}\n{NamesOf(headers)}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
    }

    public static string StringToSign(string service, DateTimeOffset time, string canonicalRequest) =>
        $"{Algorithm}\n{time.ToUnixTimeSeconds()}\n{ScopeOf(service, time)}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    public static string Sign(string secret, string service, DateTimeOffset time, string stringToSign)
    {
        var key = Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("TC3" + secret), DayOf(time)), service), "tc3_request");
        return Convert.ToHexStringLower(Hmac(key, stringToSign));
    }

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    public static string Authorization(
        string keyId, string secret, string service, DateTimeOffset time, IReadOnlyList<(string Name, string Value)> headers, ReadOnlySpan<byte> body)
    {
        var signature = Sign(secret, service, time, StringToSign(service, time, CanonicalRequest(headers, body)));
        return $"{Algorithm} Credential={keyId}/{ScopeOf(service, time)}, SignedHeaders={NamesOf(headers)}, Signature={signature}";
    }

    // The day is the UTC one of the timestamp; another one makes another key.
    private static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string ScopeOf(string service, DateTimeOffset time) => $"{DayOf(time)}/{service}/tc3_request";

    private static string NamesOf(IReadOnlyList<(string Name, string Value)> headers) => string.Join(';', headers.Select(header => header.Name));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
