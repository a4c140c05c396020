using System.Buffers;
using System.Globalization;
using System.Text;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Vault;

/// <summary>E-mail addresses as people write them, and the one form in which they are compared.</summary>
public static class EmailAddress
{
    /// <summary>RFC 5321 §4.5.3.1.3: a path has 256 octets, two of which are its angle brackets.</summary>
    public const int LengthMax = 254;

    /// <summary>RFC 5321 §4.5.3.1.1.</summary>
    public const int LocalPartLengthMax = 64;

    /// <summary>RFC 1035 §2.3.4.</summary>
    public const int LabelLengthMax = 63;

    /// <summary>What a refused address is told to be, for INVALID_FORMAT.</summary>
    public static readonly Wording Expected = new(
        "an e-mail address, like name@example.com",
        "电子邮件地址，例如 name@example.com");

    private const string Mask = "***";

    // RFC 5322 §3.2.3, atext, and the dot that separates atoms.
    private static readonly SearchValues<char> s_localPart = SearchValues.Create(
        ".!#$%&'*+-/=?^_`{|}~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Trimmed, in lower case and in normalization form C: nobody means two people by <c>Ann@</c> and
    /// <c>ann@</c>.</summary>
    /// <remarks>Letters beyond ASCII are allowed on both sides (RFC 6531); quoted local parts and address literals
    /// are not.</remarks>
    /// <returns>Null when normalised; else the code of <see cref="FieldErrorCatalog"/>.</returns>
    public static string? Normalise(string text, out string normalised)
    {
        normalised = string.Empty;
        var trimmed = text.Trim();
        if (trimmed.Length > LengthMax)
        {
            return FieldErrorCode.TooLong;
        }

        var at = trimmed.IndexOf('@');
        if (at < 0 || !IsLocalPart(trimmed.AsSpan(0, at)) || !IsDomain(trimmed.AsSpan(at + 1)))
        {
            return FieldErrorCode.InvalidFormat;
        }

        normalised = trimmed.ToLowerInvariant().Normalize(NormalizationForm.FormC);
        return Encoding.UTF8.GetByteCount(normalised) <= LengthMax ? null : FieldErrorCode.TooLong;
    }

    /// <summary>Shows the domain and the first character of a local part of two or more:
    /// <c>a***@example.com</c>.</summary>
    /// <param name="normalised">As <see cref="Normalise"/> gives it; anything else is hidden whole.</param>
    public static string Hide(string normalised)
    {
        var at = normalised.LastIndexOf('@');
        if (at <= 0 || Rune.DecodeFromUtf16(normalised, out _, out var first) != OperationStatus.Done)
        {
            return Mask;
        }

        var shown = first < at ? normalised[..first] : string.Empty;
        return string.Concat(shown, Mask, normalised.AsSpan(at));
    }

    private static bool IsLocalPart(ReadOnlySpan<char> part)
    {
        if (part.Length is 0 or > LocalPartLengthMax || part[0] == '.' || part[^1] == '.'
            || part.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var rune in part.EnumerateRunes())
        {
            if (rune.IsAscii ? !s_localPart.Contains((char)rune.Value) : !Rune.IsLetterOrDigit(rune) && !IsMark(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (!domain.Contains('.'))
        {
            return false;
        }

        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is 0 or > LabelLengthMax || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var rune in label.EnumerateRunes())
            {
                if (!Rune.IsLetterOrDigit(rune) && rune.Value != '-' && !IsMark(rune))
                {
                    return false;
                }
            }
        }

        return true;
    }

    // Combining marks belong to the letters of many scripts, and to decomposed Latin ones.
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
