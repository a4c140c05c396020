using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Sessions;

/// <summary>What a refresh token names: a session, and which of its tokens it is. The rest of it proves that we made it.</summary>
/// <remarks>It is reckoned from the session's secret and not drawn: whoever lost the answer to a refresh, and asks again at once, is given the same
/// token again. What is stored is the sealed secret, so a copy of the database holds no token.</remarks>
public readonly record struct RefreshToken(int Tenant, long Session, int Generation)
{
    /// <summary>Marks what it is where it turns up.</summary>
    public const string Prefix = "lr_";

    public const int LengthMax = 64;

    private const int NameLength = 16;
    private const int ProofLength = 24;
    internal const string Purpose = "session secret";

    private const int SecretLength = 32;

    /// <summary>A sealed secret for a new session.</summary>
    public static byte[] DrawSecret(SecretVault vault, TenantId tenant, long session) =>
        vault.Seal(tenant, Purpose, session, vault.Draw(SecretLength));

    /// <summary>The token of a session as it is now.</summary>
    public static string Of(SecretVault vault, Session session)
    {
        Span<byte> bytes = stackalloc byte[NameLength + ProofLength];
        Write(bytes, session.Tenant, session.Id, session.Generation);
        Prove(vault, session, bytes[..NameLength], bytes[NameLength..]);
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what a token says it is; null when it has not the form of one.</summary>
    public static RefreshToken? Read(string text)
    {
        Span<byte> bytes = stackalloc byte[NameLength + ProofLength];
        return TryDecode(text, bytes)
            ? new RefreshToken(
                BinaryPrimitives.ReadInt32BigEndian(bytes),
                BinaryPrimitives.ReadInt64BigEndian(bytes[4..]),
                BinaryPrimitives.ReadInt32BigEndian(bytes[12..]))
            : null;
    }

    /// <summary>Whether a token was made for this session, whichever of its tokens it is.</summary>
    public static bool IsOf(SecretVault vault, Session session, string text)
    {
        Span<byte> bytes = stackalloc byte[NameLength + ProofLength];
        if (!TryDecode(text, bytes))
        {
            return false;
        }

        Span<byte> proof = stackalloc byte[ProofLength];
        Prove(vault, session, bytes[..NameLength], proof);
        return CryptographicOperations.FixedTimeEquals(proof, bytes[NameLength..]);
    }

    private static bool TryDecode(string text, Span<byte> bytes) =>
        text.Length <= LengthMax && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text.AsSpan(Prefix.Length), out var length) && length == bytes.Length
        && Base64Url.TryDecodeFromChars(text.AsSpan(Prefix.Length), bytes, out var written) && written == bytes.Length;

    private static void Write(Span<byte> bytes, TenantId tenant, long session, int generation)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, tenant.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[4..], session);
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], generation);
    }

    private static void Prove(SecretVault vault, Session session, ReadOnlySpan<byte> name, Span<byte> proof)
    {
        var secret = vault.Open(session.Tenant, Purpose, session.Id, session.Secret);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, name, hash);
        CryptographicOperations.ZeroMemory(secret);
        hash[..ProofLength].CopyTo(proof);
    }
}
