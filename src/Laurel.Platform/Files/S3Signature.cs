using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Platform.Files;

/// <summary>Who calls a store that speaks S3.</summary>
/// <param name="Region">As the store names it: <c>us-east-1</c>, <c>cn-hangzhou</c> …</param>
public sealed record S3Credentials(string AccessKey, string SecretKey, string Region);

/// <summary>Signs requests to a store with AWS Signature Version 4.</summary>
public static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "s3";

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="path">Encoded as it is sent, with its leading slash.</param>
    /// <param name="query">Encoded, sorted by name and without its question mark; empty where there is none.</param>
    /// <param name="headers">All that are signed, by their names in lower case; <c>host</c>, <c>x-amz-date</c> and <c>x-amz-content-sha256</c> among them.</param>
    /// <param name="at">The time that <c>x-amz-date</c> tells.</param>
    public static string Sign(S3Credentials credentials, string method, string path, string query, IReadOnlyDictionary<string, string> headers, Instant at)
    {
        var sorted = headers.OrderBy(header => header.Key, StringComparer.Ordinal).ToList();
        var names = string.Join(';', sorted.Select(header => header.Key));
        var canonical = string.Join(
            '\n', method, path, query, string.Concat(sorted.Select(header => $"{header.Key}:{header.Value.Trim()}\n")), names, headers["x-amz-content-sha256"]);
        var day = DateOf(at)[..8];
        var scope = $"{day}/{credentials.Region}/{Service}/aws4_request";
        var toSign = string.Join('\n', Algorithm, DateOf(at), scope, HashOf(Encoding.UTF8.GetBytes(canonical)));
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (var part in (ReadOnlySpan<string>)[day, credentials.Region, Service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return $"{Algorithm} Credential={credentials.AccessKey}/{scope},SignedHeaders={names},Signature={signature}";
    }

    /// <summary>As the headers of a request tell a time: <c>20130524T000000Z</c>.</summary>
    public static string DateOf(Instant at) => at.ToDateTimeOffset().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>SHA-256 in hexadecimal digits, as <c>x-amz-content-sha256</c> tells it of a body.</summary>
    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));
}
