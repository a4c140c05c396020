using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Laurel.Platform.Pictures;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Pictures;

/// <summary>What is left of pictures: what shows them, and nothing that was hidden in them.</summary>
public sealed class CleaningPicturesTests
{
    private static readonly byte[] s_secret = Encoding.ASCII.GetBytes("GPS 31.2304N 121.4737E");

    private static readonly byte[] s_zip = [.. "PK\u0003\u0004"u8, .. s_secret];

    [Fact]
    public void LosesWhatWasHiddenInIt_When_APngIsCleaned()
    {
        byte[] plain = [.. PngStart, .. Header(3, 2), .. Pixels(), .. Chunk("IEND")];
        byte[] dirty =
        [
            .. PngStart, .. Header(3, 2), .. Chunk("tEXt", s_secret), .. Chunk("eXIf", s_secret), .. Chunk("acTL", new byte[8]), .. Pixels(), .. Chunk("iTXt", s_secret),
            .. Chunk("prVt", s_secret), .. Chunk("IEND"), .. s_zip,
        ];

        var (picture, _) = Picture.Clean(dirty);

        picture.ShouldNotBeNull();
        (picture.Kind, picture.Width, picture.Height, picture.Extension).ShouldBe((PictureKind.Png, 3, 2, "png"));
        picture.Bytes.ShouldBe(plain);
    }

    [Fact]
    public void LosesWhatWasHiddenInIt_When_AJpegIsCleaned()
    {
        byte[] jfif = [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1];
        byte[] scan = [0x11, 0xFF, 0x00, 0x22, 0xFF, 0xD0, 0x33];
        byte[] frame = [.. Segment(0xC0, 8, 0, 20, 0, 30, 1, 1, 0x11, 0), .. Segment(0xC4, 0, 1), .. Segment(0xDA, 1, 1, 0, 0, 63, 0), .. scan];
        byte[] icc = [.. "ICC_PROFILE\0"u8, 1, 1, 9];
        byte[] dirty =
        [
            0xFF, 0xD8, .. Segment(0xE0, [.. jfif, 1, 1, 7, 7, 7]), .. Segment(0xE1, [.. "Exif\0\0"u8, .. s_secret]),
            .. Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. s_secret]),
            .. Segment(0xE2, icc), .. Segment(0xE2, [.. "MPF\0"u8, .. s_secret]),
            .. Segment(0xED, s_secret), .. Segment(0xFE, s_secret), 0xFF, .. frame, 0xFF, 0xD9, .. s_zip,
        ];

        var (picture, _) = Picture.Clean(dirty);

        picture.ShouldNotBeNull();
        (picture.Kind, picture.Width, picture.Height, picture.Extension).ShouldBe((PictureKind.Jpeg, 30, 20, "jpg"));
        picture.Bytes.ShouldBe([0xFF, 0xD8, .. Segment(0xE0, [.. jfif, 0, 0]), .. Segment(0xE2, icc), .. frame, 0xFF, 0xD9]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StaysTheRightWayUp_When_ACameraHeldItSideways(bool isBig)
    {
        var picture = Picture.Clean(TurnedJpeg(isBig, 6)).Picture.ShouldNotBeNull();

        picture.Bytes.AsSpan().IndexOf(s_secret).ShouldBe(-1);
        Convert.ToHexString(picture.Bytes.AsSpan(2, 36)).ShouldBe("FFE10022457869660000" + "4D4D002A00000008" + "0001" + "011200030000000100060000" + "00000000");
        Picture.Clean(picture.Bytes).Picture!.Bytes.ShouldBe(picture.Bytes);
        Picture.Clean(TurnedJpeg(isBig, 1)).Picture!.Bytes.Length.ShouldBe(picture.Bytes.Length - 36);
        Picture.Clean(TurnedJpeg(isBig, 9)).Picture!.Bytes.Length.ShouldBe(picture.Bytes.Length - 36);
    }

    [Fact]
    public void LosesWhatWasHiddenInIt_When_AWebPIsCleaned()
    {
        byte[] image = RiffChunk("VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A, 40, 0, 30, 0, 1]);
        byte[] canvas(byte flags) => RiffChunk("VP8X", [flags, 0, 0, 0, 39, 0, 0, 29, 0, 0]);
        byte[] dirty = [.. Riff([.. canvas(0x0C), .. image, .. RiffChunk("EXIF", s_secret),
            .. RiffChunk("XMP ", s_secret), .. RiffChunk("note", s_secret)]), .. s_zip];

        var (picture, _) = Picture.Clean(dirty);

        picture.ShouldNotBeNull();
        (picture.Kind, picture.Width, picture.Height, picture.Extension).ShouldBe((PictureKind.WebP, 40, 30, "webp"));
        picture.Bytes.ShouldBe(Riff([.. canvas(0), .. image]));
        Picture.Clean(Riff(RiffChunk("VP8L", [0x2F, 39, 0x40, 0x07, 0]))).Picture.ShouldNotBeNull().Height.ShouldBe(30);
        Picture.Clean(Riff([.. canvas(0x02), .. RiffChunk("ANIM", new byte[6]), .. RiffChunk("ANMF", new byte[24])])).ShouldBe((null, PictureFault.Unreadable));
        Picture.Clean(Riff([.. RiffChunk("VP8X", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), .. image])).ShouldBe((null, PictureFault.Unreadable));
    }

    [Fact]
    public void IsRefusedByItsFrameAlone_When_ItWouldUnpackToFarMore()
    {
        byte[] png = [.. PngStart, .. Header(100_000, 100_000), .. Pixels(), .. Chunk("IEND")];
        byte[] jpeg = [0xFF, 0xD8, .. Segment(0xC2, 8, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0), .. Segment(0xDA, 1, 1, 0, 0, 63, 0), 1, 0xFF, 0xD9];
        byte[] webP = Riff(RiffChunk("VP8L", [0x2F, 0xFF, 0xFF, 0xFF, 0x0F]));

        Picture.Clean(png).ShouldBe((null, PictureFault.TooManyPixels));
        Picture.Clean(jpeg).ShouldBe((null, PictureFault.TooManyPixels));
        Picture.Clean(webP).ShouldBe((null, PictureFault.TooManyPixels));
    }

    [Fact]
    public void IsRefused_When_ItIsNoPictureOrABrokenOne()
    {
        byte[] png = [.. PngStart, .. Header(3, 2), .. Pixels(), .. Chunk("IEND")];
        var jpeg = TurnedJpeg(isBig: true, 6);
        var others = new[] { "", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "<html>", "RIFF\0\0\0\0WEBP", "\u0089PNG" };

        foreach (var other in others)
        {
            Picture.Clean(Encoding.Latin1.GetBytes(other)).ShouldBe((null, PictureFault.Unreadable), other);
        }

        Picture.Clean([.. PngStart, .. Header(3, 2), .. Chunk("IEND")]).Picture.ShouldBeNull();
        Picture.Clean([.. PngStart, .. Pixels(), .. Header(3, 2), .. Chunk("IEND")]).Picture.ShouldBeNull();
        Picture.Clean([.. PngStart, .. Header(0, 2), .. Pixels(), .. Chunk("IEND")]).Picture.ShouldBeNull();
        Picture.Clean([0xFF, 0xD8, 0xFF, 0xD9]).Picture.ShouldBeNull();
        for (var length = 0; length < png.Length; length++)
        {
            Picture.Clean(png.AsSpan(0, length)).Picture.ShouldBeNull();
        }

        for (var length = 0; length < jpeg.Length; length++)
        {
            Picture.Clean(jpeg.AsSpan(0, length)).Picture.ShouldBeNull();
        }

        png[20] ^= 1;
        Picture.Clean(png).Picture.ShouldBeNull();
    }

    [Fact]
    public void IsReadOrRefusedAndNothingElse_When_AnyByteIsAnother()
    {
        var random = new Random(7);
        byte[] webP = Riff([.. RiffChunk("VP8X", [0, 0, 0, 0, 39, 0, 0, 29, 0, 0]), .. RiffChunk("VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A, 40, 0, 30, 0, 1])]);
        byte[] png = [.. PngStart, .. Header(3, 2), .. Pixels(), .. Chunk("IEND")];
        foreach (var whole in new[] { webP, png, TurnedJpeg(isBig: false, 6) })
        {
            for (var i = 0; i < 5_000; i++)
            {
                var file = whole.ToArray();
                file[random.Next(file.Length)] = (byte)random.Next(256);
                file[random.Next(file.Length)] = (byte)random.Next(256);
                if (Picture.Clean(file).Picture is { } picture)
                {
                    picture.Bytes.Length.ShouldBeLessThanOrEqualTo(file.Length + 36);
                    Picture.Clean(picture.Bytes).Picture.ShouldNotBeNull().Bytes.ShouldBe(picture.Bytes);
                }
            }
        }
    }

    private static ReadOnlySpan<byte> PngStart => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private static byte[] Header(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        return Chunk("IHDR", header);
    }

    private static byte[] Pixels()
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(new byte[2 * (1 + (3 * 3))]);
        }

        return Chunk("IDAT", packed.ToArray());
    }

    private static byte[] Chunk(string type, params byte[] data)
    {
        byte[] checkedPart = [.. Encoding.ASCII.GetBytes(type), .. data];
        var crc = uint.MaxValue;
        foreach (var b in checkedPart)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        var (length, end) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(end, ~crc);
        return [.. length, .. checkedPart, .. end];
    }

    private static byte[] Segment(byte marker, params byte[] data) => [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] TurnedJpeg(bool isBig, byte upright)
    {
        byte[] tiff = isBig
            ? [.. "MM\0*\0\0\0\u0008\0\u0002"u8, 0x01, 0x0F, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, upright, 0, 0, 0, 0, 0, 0]
            : [.. "II*\0\u0008\0\0\0\u0002\0"u8, 0x0F, 0x01, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, upright, 0, 0, 0, 0, 0, 0, 0];
        return
        [
            0xFF, 0xD8, .. Segment(0xE1, [.. "Exif\0\0"u8, .. tiff, .. s_secret]),
            .. Segment(0xC0, 8, 0, 20, 0, 30, 1, 1, 0x11, 0), .. Segment(0xDA, 1, 1, 0, 0, 63, 0), 0x11, 0x22, 0xFF, 0xD9,
        ];
    }

    private static byte[] RiffChunk(string type, params byte[] data)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, data.Length);
        return [.. Encoding.ASCII.GetBytes(type), .. size, .. data, .. new byte[data.Length & 1]];
    }

    private static byte[] Riff(byte[] chunks)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, chunks.Length + 4);
        return [.. "RIFF"u8, .. size, .. "WEBP"u8, .. chunks];
    }
}
