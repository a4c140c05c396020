using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Laurel.Kernel;

namespace Laurel.Platform.Http;

/// <summary>Where a list goes on: the sort values and the id of the last row given, as one opaque word.</summary>
/// <remarks>It holds nothing secret and grants nothing: whoever changes it only starts elsewhere in what they may
/// read.</remarks>
public static class Cursor
{
    /// <summary>More values than any list sorts by.</summary>
    public const int ValuesMax = 8;

    private const byte Version = 1;

    /// <summary>The base64url form (RFC 4648 §5, unpadded) of 1 to <see cref="ValuesMax"/> numbers.</summary>
    public static string Write(params ReadOnlySpan<long> values)
    {
        Invariant.Require(values.Length is >= 1 and <= ValuesMax, "A cursor holds 1 to 8 numbers.");
        Span<byte> bytes = stackalloc byte[1 + (ValuesMax * sizeof(long))];
        bytes[0] = Version;
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[(1 + (i * sizeof(long)))..], values[i]);
        }

        return Base64Url.EncodeToString(bytes[..(1 + (values.Length * sizeof(long)))]);
    }

    /// <summary>Fills <paramref name="values"/> from a cursor of exactly so many; false for any other text.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<long> values)
    {
        Span<byte> bytes = stackalloc byte[1 + (ValuesMax * sizeof(long))];
        var length = 1 + (values.Length * sizeof(long));
        if (text.Length != Base64Url.GetEncodedLength(length)
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != length
            || bytes[0] != Version)
        {
            return false;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(1 + (i * sizeof(long)))..]);
        }

        return true;
    }
}
