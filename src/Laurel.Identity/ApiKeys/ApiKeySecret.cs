using System.Security.Cryptography;
using System.Text;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.ApiKeys;

/// <summary>What the holder of a key has: letters that are presented, or that calls are signed with.</summary>
internal static class ApiKeySecret
{
    /// <summary>Of a key that is presented as it is.</summary>
    private const string Prefix = "lk_";

    /// <summary>Of a key that signs.</summary>
    private const string SigningPrefix = "ls_";

    private const int RandomBytes = 24;

    /// <summary>Draws a secret of 192 random bits.</summary>
    public static string Draw(bool signed) => (signed ? SigningPrefix : Prefix) + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>SHA-256 of the letters, which is all that is stored of a secret that is presented.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

/// <summary>A secret that a rotation gave a key; the first one stands with the key.</summary>
/// <param name="Rotation">1 for the first rotation.</param>
internal readonly record struct RotatedSecret(byte[] Hash, int Tenant, long Key, int Rotation, Instant CreatedAt)
{
    /// <summary>Kept for good: what a key once had is never taken for a new key.</summary>
    public static readonly SetStatement<RotatedSecret> Insert = Statements.Insert("api_key_secrets",
        Column<RotatedSecret>.Bytes("key_hash", s => s.Hash),
        Column<RotatedSecret>.Int32("tenant_id", s => s.Tenant),
        Column<RotatedSecret>.Int64("key_id", s => s.Key),
        Column<RotatedSecret>.Int32("rotation", s => s.Rotation),
        Column<RotatedSecret>.Instant("created_at", s => s.CreatedAt));
}
