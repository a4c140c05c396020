using System.Buffers.Binary;

namespace Laurel.Platform.Pictures;

/// <summary>The chunks of a PNG picture (ISO/IEC 15948).</summary>
internal static class PngFrame
{
    private const int ChunkBytesMin = 12;
    private const int HeaderLength = 13;

    private static readonly uint[] s_crcTable = MakeTable();

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>Copies what shows the picture: its pixels, palette, transparency and colour space. Frames of an animation go, its first picture stays.</summary>
    /// <returns>Its size; null when it is broken.</returns>
    public static PictureSize? Copy(ReadOnlySpan<byte> file, Stream target)
    {
        target.Write(Signature);
        PictureSize? size = null;
        var hasPixels = false;
        for (var rest = file[Signature.Length..]; rest.Length >= ChunkBytesMin;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > (uint)(rest.Length - ChunkBytesMin))
            {
                return null;
            }

            var chunk = rest[..((int)length + ChunkBytesMin)];
            var type = chunk[4..8];
            var data = chunk[8..^4];
            rest = rest[chunk.Length..];
            if (size is null)
            {
                // The header is the first chunk, and there is one.
                size = type.SequenceEqual("IHDR"u8) ? SizeOf(data) : null;
                if (size is null)
                {
                    return null;
                }
            }
            else if (!IsKept(type))
            {
                continue;
            }

            if (Crc(chunk[4..^4]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
            {
                return null;
            }

            hasPixels |= type.SequenceEqual("IDAT"u8);
            target.Write(chunk);
            if (type.SequenceEqual("IEND"u8))
            {
                return hasPixels && data.IsEmpty ? size : null;
            }
        }

        return null;
    }

    private static bool IsKept(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("PLTE"u8) || type.SequenceEqual("IDAT"u8) || type.SequenceEqual("IEND"u8) || type.SequenceEqual("tRNS"u8)
        || type.SequenceEqual("gAMA"u8) || type.SequenceEqual("cHRM"u8) || type.SequenceEqual("sRGB"u8) || type.SequenceEqual("iCCP"u8);

    private static PictureSize? SizeOf(ReadOnlySpan<byte> header)
    {
        if (header.Length != HeaderLength)
        {
            return null;
        }

        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        var isKnown = header[8] is 1 or 2 or 4 or 8 or 16 && header[9] is 0 or 2 or 3 or 4 or 6 && header[10] == 0 && header[11] == 0 && header[12] <= 1;
        return isKnown && width <= int.MaxValue && height <= int.MaxValue ? new PictureSize((int)width, (int)height) : null;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = s_crcTable[(int)((crc ^ b) & 0xFF)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320;
            }

            table[i] = value;
        }

        return table;
    }
}
