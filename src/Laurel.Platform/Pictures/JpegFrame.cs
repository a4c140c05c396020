using System.Buffers.Binary;

namespace Laurel.Platform.Pictures;

/// <summary>The segments of a JPEG picture (ITU-T T.81).</summary>
internal static class JpegFrame
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App0 = 0xE0;
    private const byte App1 = 0xE1;
    private const byte App2 = 0xE2;
    private const byte App14 = 0xEE;
    private const byte Comment = 0xFE;

    /// <summary>A camera makes one scan and an editor a dozen; thousands only keep a decoder busy.</summary>
    private const int ScansMax = 64;

    /// <summary>Of JFIF without a thumbnail.</summary>
    private const int JfifLength = 14;

    private const int AdobeLength = 12;

    /// <summary>Where the way up stands in <see cref="Upright"/>.</summary>
    private const int UprightValueAt = 28;

    /// <summary>An EXIF segment that holds one tag: the way up.</summary>
    private static ReadOnlySpan<byte> Upright =>
    [
        0xFF, App1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
        (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    public static bool IsJpeg(ReadOnlySpan<byte> file) => file is [0xFF, StartOfImage, 0xFF, ..];

    /// <summary>Copies what shows the picture: tables, frame, scans, colour space.</summary>
    /// <returns>Its size; null when it is broken or of a kind that browsers do not show.</returns>
    public static PictureSize? Copy(ReadOnlySpan<byte> file, Stream target)
    {
        target.Write(file[..2]);
        PictureSize? size = null;
        var rest = file[2..];
        var (scans, isTurned) = (0, false);
        while (Next(ref rest) is { } marker)
        {
            if (marker == EndOfImage)
            {
                target.Write([0xFF, EndOfImage]);
                return scans > 0 ? size : null;
            }

            if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && (length < 2 || length > rest.Length))
            {
                return null;
            }

            var data = rest[2..length];
            rest = rest[length..];
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2 when size is null:
                    size = SizeOf(data);
                    if (size is null)
                    {
                        return null;
                    }

                    Write(target, marker, data);
                    break;
                case 0xC4 or 0xDB or 0xDD:
                    Write(target, marker, data);
                    break;
                case StartOfScan when size is not null && scans < ScansMax:
                    Write(target, marker, data);
                    var scan = rest[..ScanLength(rest)];
                    target.Write(scan);
                    rest = rest[scan.Length..];
                    scans++;
                    break;
                case App0 when data.Length >= JfifLength && data.StartsWith("JFIF\0"u8):
                    // Its thumbnail goes: the last two bytes are its width and height.
                    Write(target, App0, [.. data[..(JfifLength - 2)], 0, 0]);
                    break;
                case App1 when !isTurned && UprightOf(data) is { } upright:
                    isTurned = true;
                    target.Write([.. Upright[..UprightValueAt], 0, upright, .. Upright[(UprightValueAt + 2)..]]);
                    break;
                case App2 when data.StartsWith("ICC_PROFILE\0"u8):
                    Write(target, marker, data);
                    break;
                case App14 when data.Length == AdobeLength && data.StartsWith("Adobe"u8):
                    Write(target, marker, data);
                    break;
                case >= App0 and <= 0xEF or Comment:
                    // What a program noted, and nobody needs to see the picture.
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Steps over the next marker; null when there is none here.</summary>
    private static byte? Next(ref ReadOnlySpan<byte> rest)
    {
        if (rest is not [0xFF, ..])
        {
            return null;
        }

        // A marker may have any number of these in front.
        var at = rest.IndexOfAnyExcept((byte)0xFF);
        if (at < 0 || rest[at] == 0)
        {
            return null;
        }

        var marker = rest[at];
        rest = rest[(at + 1)..];
        return marker;
    }

    /// <summary>Bytes of a scan: to the next marker that is none of its own.</summary>
    private static int ScanLength(ReadOnlySpan<byte> rest)
    {
        for (var at = 0; at < rest.Length;)
        {
            var found = rest[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 1 >= rest.Length)
            {
                return rest.Length;
            }

            at += found;
            if (rest[at + 1] is not (0 or >= 0xD0 and <= 0xD7))
            {
                return at;
            }

            at += 2;
        }

        return rest.Length;
    }

    /// <summary>Of eight bits, with one, three or four colours; null of any other.</summary>
    private static PictureSize? SizeOf(ReadOnlySpan<byte> frame) =>
        frame is [8, _, _, _, _, 1 or 3 or 4, ..] && frame.Length == 6 + (3 * frame[5])
            ? new PictureSize(BinaryPrimitives.ReadUInt16BigEndian(frame[3..]), BinaryPrimitives.ReadUInt16BigEndian(frame[1..]))
            : null;

    /// <summary>Which way is up, 2 to 8, by the first directory of EXIF; null where it is as it stands, or cannot be read.</summary>
    private static byte? UprightOf(ReadOnlySpan<byte> data)
    {
        const int EntryLength = 12;
        if (data.Length < 16 || !data.StartsWith("Exif\0\0"u8))
        {
            return null;
        }

        var tiff = data[6..];
        var isBig = tiff.StartsWith("MM\0*"u8);
        if (!isBig && !tiff.StartsWith("II*\0"u8))
        {
            return null;
        }

        int Number16(ReadOnlySpan<byte> at) => isBig ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        var start = isBig ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return null;
        }

        var entries = tiff[((int)start + 2)..];
        for (var count = Number16(tiff[(int)start..]); count > 0 && entries.Length >= EntryLength; count--, entries = entries[EntryLength..])
        {
            if (Number16(entries) == 0x0112)
            {
                return Number16(entries[2..]) == 3 && Number16(entries[8..]) is >= 2 and <= 8 and var upright ? (byte)upright : null;
            }
        }

        return null;
    }

    private static void Write(Stream target, byte marker, ReadOnlySpan<byte> data)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(data.Length + 2));
        target.Write(head);
        target.Write(data);
    }
}
