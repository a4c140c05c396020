using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Laurel.Identity.Providers;

/// <summary>RSA2 of Alipay's gateway: SHA-256 with RSA, PKCS#1 v1.5, over parameters that are not escaped.</summary>
internal static class AlipaySignature
{
    /// <summary>What is signed: all parameters but the signature and empty ones, by name, as they are.</summary>
    public static string ContentOf(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join('&', parameters
        .Where(parameter => parameter.Key != "sign" && parameter.Value.Length > 0)
        .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
        .Select(parameter => $"{parameter.Key}={parameter.Value}"));

    public static string Sign(RSA key, string content) =>
        Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Whether Alipay signed exactly these bytes.</summary>
    public static bool Verifies(RSA key, ReadOnlySpan<byte> content, string signature)
    {
        var bytes = new byte[signature.Length];
        return Convert.TryFromBase64String(signature, bytes, out var length)
            && key.VerifyData(content, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    /// <summary>The value of a field of the outermost object as it was sent, braces, blanks and escapes with it: that is what is signed.</summary>
    /// <returns>Empty where there is no such field.</returns>
    public static ReadOnlyMemory<byte> RawField(ReadOnlyMemory<byte> body, string name)
    {
        var reader = new Utf8JsonReader(body.Span);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var isIt = reader.ValueTextEquals(name);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isIt)
                {
                    return body[start..(int)reader.BytesConsumed];
                }
            }
        }
        catch (JsonException)
        {
            return default;
        }

        return default;
    }

    /// <summary>A key as Alipay's tools write it: Base64 of PKCS#8 or PKCS#1, or PEM. Null when it is none.</summary>
    /// <param name="isPrivate">Whether the private half is wanted; else the public one.</param>
    public static RSA? ReadKey(string text, bool isPrivate)
    {
        var key = RSA.Create();
        try
        {
            if (text.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                key.ImportFromPem(text);
            }
            else if (isPrivate)
            {
                ImportPrivate(key, Convert.FromBase64String(text));
            }
            else
            {
                key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            }

            // A public key where a private one is wanted is found at the start, not at the first sign-in.
            if (isPrivate)
            {
                _ = Sign(key, "");
            }

            return key.KeySize >= 2_048 ? key : Dispose(key);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            return Dispose(key);
        }
    }

    private static void ImportPrivate(RSA key, byte[] bytes)
    {
        try
        {
            key.ImportPkcs8PrivateKey(bytes, out _);
        }
        catch (CryptographicException)
        {
            key.ImportRSAPrivateKey(bytes, out _);
        }
    }

    private static RSA? Dispose(RSA key)
    {
        key.Dispose();
        return null;
    }
}
