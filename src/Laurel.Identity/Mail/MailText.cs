using System.Globalization;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Text;

namespace Laurel.Identity.Mail;

/// <summary>A mail as it goes over the wire: RFC 5322 headers, words beyond ASCII as RFC 2047 has them, a body in Base64.</summary>
internal static class MailText
{
    /// <summary>Bytes of one encoded word: with its frame and the longest name of a header it stays below the 76 characters of a line.</summary>
    private const int WordBytesMax = 39;

    /// <summary>All of it, lines ended by CR LF, none beginning with a full stop.</summary>
    public static byte[] Write(MailAddress from, string to, Letter letter, DateTimeOffset now)
    {
        var name = from.DisplayName.Length == 0 ? "" : Words(from.DisplayName) + " ";
        return Encoding.ASCII.GetBytes(
            $"""
            From: {name}<{from.Address}>
            To: <{to}>
            Subject: {Words(letter.Subject)}
            Date: {now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000
            Message-ID: <{RandomNumberGenerator.GetHexString(32, lowercase: true)}@{from.Host}>
            MIME-Version: 1.0
            Auto-Submitted: auto-generated
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            {Convert.ToBase64String(Encoding.UTF8.GetBytes(letter.Text), Base64FormattingOptions.InsertLineBreaks)}

            """.ReplaceLineEndings("\r\n"));
    }

    /// <summary>The address as a server takes it: the domain in its ASCII form. Null where the local part is not ASCII.</summary>
    public static string? AsciiAddress(string address)
    {
        var at = address.LastIndexOf('@');
        try
        {
            return at > 0 && Ascii.IsValid(address.AsSpan(0, at)) ? address[..(at + 1)] + new IdnMapping().GetAscii(address[(at + 1)..]) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // Always encoded: so no character of it can end the header or mean something in it.
    private static string Words(string text)
    {
        var words = new List<string>();
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(one);
            if (bytes.Count + length > WordBytesMax)
            {
                words.Add(Word(bytes));
                bytes.Clear();
            }

            bytes.AddRange(one[..length]);
        }

        return string.Join("\n ", [.. words, Word(bytes)]);
    }

    private static string Word(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";
}
