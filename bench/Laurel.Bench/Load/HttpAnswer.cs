using System.Buffers.Text;
using System.Text;

namespace Laurel.Bench.Load;

/// <summary>Finds where an HTTP/1.1 answer ends and what its status is (RFC 9112 §4, §6, §7.1), and nothing
/// more.</summary>
internal readonly ref struct HttpAnswer
{
    private const int StatusOffset = 9;

    public required int Status { get; init; }

    /// <summary>Bytes of head and body together.</summary>
    public required int Length { get; init; }

    /// <summary>The server closes the connection after this answer.</summary>
    public required bool Closes { get; init; }

    /// <summary>False when more bytes are needed; the bytes are read again from their beginning when they have
    /// come.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an answer we can delimit.</exception>
    public static bool TryRead(ReadOnlySpan<byte> data, out HttpAnswer answer)
    {
        answer = default;
        var headEnd = data.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var head = data[..headEnd];
        if (!head.StartsWith("HTTP/1.1 "u8)
            || !Utf8Parser.TryParse(head[StatusOffset..], out int status, out var digits) || digits != 3)
        {
            throw new InvalidDataException("The answer has no HTTP/1.1 status line.");
        }

        var (contentLength, chunked, closes) = ReadFields(head);
        var body = data[(headEnd + 4)..];
        var bodyLength = status is 204 or 304 ? 0 : chunked ? ChunkedLength(body) : contentLength;
        if (bodyLength < 0 || bodyLength > body.Length)
        {
            return false;
        }

        answer = new HttpAnswer { Status = status, Length = headEnd + 4 + bodyLength, Closes = closes };
        return true;
    }

    private static (int ContentLength, bool Chunked, bool Closes) ReadFields(ReadOnlySpan<byte> head)
    {
        var (contentLength, chunked, closes) = (0, false, false);
        var at = head.IndexOf("\r\n"u8);
        while (at >= 0)
        {
            var line = head[(at + 2)..];
            var length = line.IndexOf("\r\n"u8);
            var next = length < 0 ? -1 : at + 2 + length;
            line = length < 0 ? line : line[..length];

            // Both letters stand for either case: 0x20 is the bit between them.
            switch (line.IsEmpty ? 0 : line[0] | 0x20)
            {
                case 'c' when ValueOf(line, "content-length:"u8, out var value):
                    contentLength = Utf8Parser.TryParse(value, out int bytes, out _)
                        ? bytes
                        : throw new InvalidDataException("Content-Length is no number.");
                    break;
                case 'c' when ValueOf(line, "connection:"u8, out var value):
                    closes = Ascii.EqualsIgnoreCase(value, "close"u8);
                    break;
                case 't' when ValueOf(line, "transfer-encoding:"u8, out var value):
                    chunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
                    break;
                default:
                    break;
            }

            at = next;
        }

        return (contentLength, chunked, closes);
    }

    private static bool ValueOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var matches = line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
        value = matches ? line[name.Length..].Trim(" \t"u8) : default;
        return matches;
    }

    /// <summary>Bytes of a chunked body with its closing line, or -1 when it is not all there. No trailers.</summary>
    private static int ChunkedLength(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (true)
        {
            var rest = body[at..];
            var lineEnd = rest.IndexOf("\r\n"u8);
            if (lineEnd < 0)
            {
                return -1;
            }

            if (!Utf8Parser.TryParse(rest[..lineEnd], out int size, out var digits, 'x') || digits == 0 || size < 0)
            {
                throw new InvalidDataException("A chunk has no size.");
            }

            at += lineEnd + 2 + size + 2;
            if (at > body.Length)
            {
                return -1;
            }

            if (size == 0)
            {
                return at;
            }
        }
    }
}
