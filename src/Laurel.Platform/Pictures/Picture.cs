namespace Laurel.Platform.Pictures;

/// <summary>The kinds of pictures that are taken.</summary>
public enum PictureKind
{
    Png,
    Jpeg,
    WebP,
}

/// <summary>Why bytes are not taken as a picture.</summary>
public enum PictureFault
{
    /// <summary>They are no PNG, JPEG or WebP picture, or a broken, an animated or an unusual one.</summary>
    Unreadable,

    /// <summary>It is wider or higher than <see cref="Picture.SideMax"/>.</summary>
    TooManyPixels,
}

/// <summary>A picture without anything but what is needed to show it.</summary>
/// <param name="Kind">By its content, whatever anybody said it is.</param>
/// <param name="Width">In pixels, 1 to <see cref="SideMax"/>.</param>
/// <param name="Height">In pixels, 1 to <see cref="SideMax"/>.</param>
/// <param name="Bytes">The parts that a decoder needs, copied as they were; nothing stands behind its end.</param>
public sealed record Picture(PictureKind Kind, int Width, int Height, byte[] Bytes)
{
    /// <summary>Pixels of a side at the most: what a browser unpacks of it stays below 64 MiB.</summary>
    public const int SideMax = 4_096;

    /// <summary>How the file of a kind ends.</summary>
    public string Extension => Kind switch
    {
        PictureKind.Png => "png",
        PictureKind.Jpeg => "jpg",
        PictureKind.WebP => "webp",
    };

    /// <summary>Reads the frame of a picture and copies the parts that are known to be harmless: no EXIF (so no place where it was taken), no XMP, no
    /// comments, no thumbnails, nothing behind its end. Of EXIF only the way up is kept. No pixel is unpacked, so it takes time and memory by the size of the
    /// file alone.</summary>
    /// <returns>The picture, or why there is none.</returns>
    public static (Picture? Picture, PictureFault Fault) Clean(ReadOnlySpan<byte> file)
    {
        var target = new MemoryStream(file.Length);
        var (kind, size) = file switch
        {
            _ when PngFrame.IsPng(file) => (PictureKind.Png, PngFrame.Copy(file, target)),
            _ when JpegFrame.IsJpeg(file) => (PictureKind.Jpeg, JpegFrame.Copy(file, target)),
            _ when WebPFrame.IsWebP(file) => (PictureKind.WebP, WebPFrame.Copy(file, target)),
            _ => (PictureKind.Png, null),
        };
        return size switch
        {
            null or { Width: < 1 } or { Height: < 1 } => (null, PictureFault.Unreadable),
            { Width: > SideMax } or { Height: > SideMax } => (null, PictureFault.TooManyPixels),
            { } found => (new Picture(kind, found.Width, found.Height, target.ToArray()), default),
        };
    }
}

/// <summary>Width and height in pixels.</summary>
internal readonly record struct PictureSize(int Width, int Height);
