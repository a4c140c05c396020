using System.Security.Cryptography;

namespace Laurel.Identity.Providers;

/// <summary>Keys for Alipay as settings hold them.</summary>
public static class AlipayKeys
{
    /// <summary>A key as Alipay's tools write it: Base64 of PKCS#8 or PKCS#1, or PEM. Null when it is none.</summary>
    /// <param name="isPrivate">Whether the private half is wanted; else the public one.</param>
    public static RSA? Read(string text, bool isPrivate)
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
                _ = AlipaySignature.Sign(key, "");
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
