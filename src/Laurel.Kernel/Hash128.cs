using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Laurel.Kernel;

/// <summary>The first 16 bytes of SHA-256 over length-prefixed parts: the primary key of every key table.</summary>
/// <remarks>128 bits make an accidental collision among 2^40 keys less likely than one in 2^48. Length prefixes keep
/// <c>("ab", "c")</c> and <c>("a", "bc")</c> apart.</remarks>
public readonly record struct Hash128(ulong High, ulong Low) : IComparable<Hash128>
{
    public static Hash128 Of(int tenant, string scope, string first, string second = "")
    {
        Span<byte> stack = stackalloc byte[512];
        var needed = 16 + Encoding.UTF8.GetMaxByteCount(scope.Length + first.Length + second.Length);
        var buffer = needed <= stack.Length ? stack : new byte[needed];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, tenant);
        var length = 4;
        length += Append(buffer[length..], scope);
        length += Append(buffer[length..], first);
        length += Append(buffer[length..], second);
        return Of(buffer[..length]);
    }

    public static Hash128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return FromBytes(hash);
    }

    public static Hash128 FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Big endian, so that databases order the bytes as <see cref="CompareTo"/> orders the values.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), Low);
        return bytes;
    }

    public int CompareTo(Hash128 other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    private static int Append(Span<byte> target, string part)
    {
        var written = Encoding.UTF8.GetBytes(part, target[4..]);
        BinaryPrimitives.WriteInt32LittleEndian(target, written);
        return written + 4;
    }
}
