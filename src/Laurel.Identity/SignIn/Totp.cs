using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Identity.SignIn;

/// <summary>One-time passwords of six digits that a device makes every thirty seconds (RFC 6238, HMAC-SHA-1, which is what authenticator apps make).</summary>
internal static class Totp
{
    public const int SecretLength = 20;

    private const int StepSeconds = 30;
    internal const string Purpose = "totp secret";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A sealed secret for a user, and the text by which its device is told.</summary>
    public static (byte[] Sealed, string Text) Draw(SecretVault vault, TenantId tenant, long user)
    {
        var secret = vault.Draw(SecretLength);
        return (vault.Seal(tenant, Purpose, user, secret), TextOf(secret));
    }

    public static byte[] Open(SecretVault vault, TenantId tenant, long user, byte[] stored) => vault.Open(tenant, Purpose, user, stored);

    /// <summary>Under which the tries of a user's one-time passwords are counted.</summary>
    public static NameKey TriesOf(PersonalDataVault vault, TenantId tenant, FoundUser user) => NameKey.Of(vault, tenant, "totp", user.Username);

    /// <summary>The step that a password belongs to, now or one step to either side, as clocks differ (RFC 6238 §5.2); null when it is of none.</summary>
    public static long? StepOf(ReadOnlySpan<byte> secret, string password, DateTimeOffset now)
    {
        var present = now.ToUnixTimeSeconds() / StepSeconds;
        var given = Encoding.ASCII.GetBytes(password);
        for (var step = present - 1; step <= present + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(At(secret, step)), given))
            {
                return step;
            }
        }

        return null;
    }

    /// <summary>The password of a step (RFC 4226 §5.3).</summary>
    public static string At(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The algorithm of the standard; as a keyed hash it is not broken.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xF)..]) & 0x7FFF_FFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    // RFC 4648 §6; a secret's length is a multiple of five bytes, so there is no padding.
    private static string TextOf(byte[] secret)
    {
        var text = new StringBuilder();
        for (var i = 0; i < secret.Length; i += 5)
        {
            var bits = ((ulong)secret[i] << 32) | BinaryPrimitives.ReadUInt32BigEndian(secret.AsSpan(i + 1));
            for (var shift = 35; shift >= 0; shift -= 5)
            {
                text.Append(Base32[(int)((bits >> shift) & 31)]);
            }
        }

        return text.ToString();
    }
}
