using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Wire;

namespace Laurel.Identity.Sms;

/// <summary>Aliyun's signature V3, ACS3-HMAC-SHA256.</summary>
internal static class AliyunSignature
{
    public const string Algorithm = "ACS3-HMAC-SHA256";

    /// <summary>Of no body at all.</summary>
    public static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>Parameters by name, escaped as RFC 3986 says: both what is signed and what is sent.</summary>
    public static string QueryOf(IEnumerable<(string Name, string Value)> parameters) =>
        WireText.Query([.. parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)]);

    /// <param name="headers">Names in small letters.</param>
    public static string CanonicalRequest(string method, string query, IEnumerable<(string Name, string Value)> headers, string bodyHash)
    {
        var sorted = headers.OrderBy(header => header.Name, StringComparer.Ordinal).ToList();
        var lines = string.Concat(sorted.Select(header => $"{header.Name}:{header.Value.Trim()}\n"));
        return $"{method}\n/\n{query}\n{lines}\n{NamesOf(sorted)}\n{bodyHash}";
    }

    public static string Sign(string secret, string canonicalRequest)
    {
        var content = $"{Algorithm}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content)));
    }

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    public static string Authorization(string keyId, string secret, string method, string query, IReadOnlyList<(string Name, string Value)> headers, string bodyHash)
    {
        var names = NamesOf(headers.OrderBy(header => header.Name, StringComparer.Ordinal));
        return $"{Algorithm} Credential={keyId},SignedHeaders={names},Signature={Sign(secret, CanonicalRequest(method, query, headers, bodyHash))}";
    }

    private static string NamesOf(IEnumerable<(string Name, string Value)> sorted) => string.Join(';', sorted.Select(header => header.Name));
}
