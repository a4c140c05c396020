using System.Security.Cryptography;
using Laurel.Identity.Wire;

namespace Laurel.Identity.Providers;

/// <summary>Opens <c>encryptedData</c> of mini programs: AES-128 in CBC with PKCS#7 under the session key, without any seal of its own, so
/// what comes out is trusted only as far as its watermark names our app.</summary>
internal static class WeChatParcel
{
    private const int KeyLength = 16;

    private const int DataLengthMax = 16 * 1_024;

    /// <returns>Null when it is not Base64, was sealed under another key, or holds no object of JSON.</returns>
    public static LooseJson? Open(WeChatSealedData data, string sessionKey)
    {
        if (BytesOf(sessionKey) is not { Length: KeyLength } key || BytesOf(data.Iv) is not { Length: KeyLength } iv
            || BytesOf(data.EncryptedData) is not { Length: > 0 } sealedBytes || sealedBytes.Length % KeyLength != 0)
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.Key = key;
        try
        {
            return LooseJson.Parse(aes.DecryptCbc(sealedBytes, iv));
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[]? BytesOf(string text)
    {
        if (text.Length > DataLengthMax)
        {
            return null;
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
