using System.Buffers.Binary;

namespace Laurel.Platform.Pictures;

/// <summary>The chunks of a WebP picture (RFC 9649).</summary>
internal static class WebPFrame
{
    private const int HeadLength = 12;
    private const byte HasAnimation = 0x02;
    private const byte HasMetadata = 0x0C;

    public static bool IsWebP(ReadOnlySpan<byte> file) => file.Length >= HeadLength && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <summary>Copies the picture, its transparency and its colour space.</summary>
    /// <returns>Its size; null when it is broken or animated.</returns>
    public static PictureSize? Copy(ReadOnlySpan<byte> file, MemoryStream target)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (length < 4 || length > file.Length - 8)
        {
            return null;
        }

        target.Write(file[..HeadLength]);
        PictureSize? canvas = null;
        PictureSize? pixels = null;
        var isFirst = true;
        for (var rest = file[HeadLength..(8 + (int)length)]; rest.Length >= 8; isFirst = false)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (size > rest.Length - 8)
            {
                return null;
            }

            var type = rest[..4];
            var data = rest.Slice(8, (int)size);
            rest = rest[Math.Min(rest.Length, 8 + (int)size + ((int)size & 1))..];
            if (type.SequenceEqual("VP8X"u8))
            {
                if (!isFirst || data.Length != 10 || (data[0] & HasAnimation) != 0)
                {
                    return null;
                }

                canvas = new PictureSize(1 + Number24(data[4..]), 1 + Number24(data[7..]));
                Write(target, type, [(byte)(data[0] & ~HasMetadata), .. data[1..]]);
            }
            else if (type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8))
            {
                if (pixels is not null || (type[3] == 'L' ? LosslessSize(data) : LossySize(data)) is not { } found)
                {
                    return null;
                }

                pixels = found;
                Write(target, type, data);
            }
            else if (canvas is not null && (type.SequenceEqual("ALPH"u8) || type.SequenceEqual("ICCP"u8)))
            {
                Write(target, type, data);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target.GetBuffer().AsSpan(4), (uint)(target.Length - 8));
        return pixels is not null && (canvas ?? pixels) == pixels ? pixels : null;
    }

    private static PictureSize? LossySize(ReadOnlySpan<byte> data) =>
        data.Length >= 10 && (data[0] & 1) == 0 && data[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
            ? new PictureSize(BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF)
            : null;

    private static PictureSize? LosslessSize(ReadOnlySpan<byte> data)
    {
        if (data.Length < 5 || data[0] != 0x2F)
        {
            return null;
        }

        var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        return bits >> 29 == 0 ? new PictureSize(1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF)) : null;
    }

    private static int Number24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static void Write(Stream target, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, (uint)data.Length);
        target.Write(type);
        target.Write(size);
        target.Write(data);
        if ((data.Length & 1) == 1)
        {
            target.WriteByte(0);
        }
    }
}
