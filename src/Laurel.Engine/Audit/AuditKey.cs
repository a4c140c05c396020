using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>What the audit is sealed with: nobody who has the database alone can write a row of it.</summary>
/// <param name="key">32 bytes, derived from a key that is kept outside the database.</param>
public sealed class AuditKey(byte[] key)
{
    /// <summary>Of every hash, in bytes (HMAC-SHA-256).</summary>
    public const int HashLength = 32;

    // Every use of the key begins with a byte of its own, so that none can stand for another.
    private const byte Rows = 1;
    private const byte Begin = 2;
    private const byte Heads = 3;
    private const byte Clearings = 4;
    private const byte Addresses = 5;

    /// <summary>What the first row of a chain has in the place of the hash before it.</summary>
    internal byte[] BeginOf(long chain)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = Begin;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], chain);
        return HMACSHA256.HashData(key, bytes);
    }

    /// <summary>The hash of a row: of its place in the chain, of the row before and of all it says.</summary>
    internal byte[] HashOf(AuditRow row)
    {
        Span<byte> head = stackalloc byte[1 + (5 * sizeof(long)) + HashLength];
        head[0] = Rows;
        BinaryPrimitives.WriteInt64BigEndian(head[1..], row.Chain);
        BinaryPrimitives.WriteInt64BigEndian(head[9..], row.Sequence);
        BinaryPrimitives.WriteInt64BigEndian(head[17..], row.BatchId);
        BinaryPrimitives.WriteInt64BigEndian(head[25..], row.PreviousBatchId);
        BinaryPrimitives.WriteInt64BigEndian(head[33..], row.RecordedAt.UnixMicroseconds);
        row.PreviousHash.CopyTo(head[41..]);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(head);
        hash.AppendData(row.Body);
        return hash.GetHashAndReset();
    }

    /// <summary>Says that a row is the last of its chain.</summary>
    internal byte[] HeadOf(long chain, long sequence, ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[17 + HashLength];
        bytes[0] = Heads;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], chain);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], sequence);
        hash.CopyTo(bytes[17..]);
        return HMACSHA256.HashData(key, bytes);
    }

    /// <summary>Says that what is below an id was removed because of its age.</summary>
    internal byte[] ClearedOf(long before)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = Clearings;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], before);
        return HMACSHA256.HashData(key, bytes);
    }

    /// <summary>What stands for the address of a member in a tenant: the same for the same address, and of use to nobody without the key.</summary>
    public string HideAddress(TenantId tenant, string address)
    {
        // One address has several spellings; those of a search and of a call must meet.
        var text = IPAddress.TryParse(address, out var parsed) ? parsed.ToString() : address;
        var bytes = new byte[5 + Encoding.UTF8.GetByteCount(text)];
        bytes[0] = Addresses;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), tenant.Value);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(5));
        return "~" + Convert.ToHexStringLower(HMACSHA256.HashData(key, bytes).AsSpan(0, 12));
    }
}
