using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Identity.SignIn;

/// <summary>What goes to a provider's page and comes back with the code: that we sent the browser there, for this tenant, this provider and this address, a
/// short while ago (RFC 6749 §10.12). Nothing of it is stored; the page keeps it and compares.</summary>
internal static class SignInState
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    public const int LengthMax = 64;

    private const int NonceLength = 8;
    private const int MessageLength = 8 + NonceLength;
    private const int ProofLength = 16;

    public static string Make(PersonalDataVault vault, TenantId tenant, string provider, Uri redirect, DateTimeOffset now, RandomNumberGenerator random)
    {
        var bytes = new byte[MessageLength + ProofLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now + Life).ToUnixTimeSeconds());
        random.GetBytes(bytes.AsSpan(8, NonceLength));
        Prove(vault, tenant, provider, redirect, bytes).CopyTo(bytes, MessageLength);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool IsOurs(PersonalDataVault vault, TenantId tenant, string provider, Uri redirect, string state, DateTimeOffset now)
    {
        var bytes = new byte[MessageLength + ProofLength];
        return Base64Url.IsValid(state, out var length) && length == bytes.Length
            && Base64Url.TryDecodeFromChars(state, bytes, out var written) && written == bytes.Length
            && CryptographicOperations.FixedTimeEquals(Prove(vault, tenant, provider, redirect, bytes), bytes.AsSpan(MessageLength))
            && BinaryPrimitives.ReadInt64BigEndian(bytes) > now.ToUnixTimeSeconds();
    }

    private static byte[] Prove(PersonalDataVault vault, TenantId tenant, string provider, Uri redirect, byte[] bytes) => vault.BlindIndex(
        tenant,
        "sign-in state",
        string.Create(CultureInfo.InvariantCulture, $"{provider} {redirect.AbsoluteUri} {Convert.ToHexString(bytes.AsSpan(0, MessageLength))}")).ToBytes();
}
