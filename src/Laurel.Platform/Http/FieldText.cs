using System.Buffers;
using System.Globalization;
using System.Text;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>What text a field may hold, the same for bodies and query strings.</summary>
public static class FieldText
{
    private static readonly SearchValues<char> s_plainIdentifier = SearchValues.Create(
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>The code of what is wrong with a text; null when nothing is.</summary>
    /// <param name="text">Text without lone surrogates.</param>
    /// <param name="lengthMax">In Unicode scalar values, as databases count characters.</param>
    public static string? Fault(string text, int lengthMax) => text switch
    {
        _ when string.IsNullOrWhiteSpace(text) => FieldErrorCode.TooShort,
        _ when text.Contains('\0') => FieldErrorCode.InvalidText,
        _ when IsLongerThan(text, lengthMax) => FieldErrorCode.TooLong,
        _ => null,
    };

    /// <summary>As <see cref="Fault"/>, and puts the text into normalization form C (Unicode annex 15), so that what
    /// looks the same is the same key.</summary>
    public static string? IdentifierFault(ref string text, int lengthMax)
    {
        if (text.Length > 0 && text.Length <= lengthMax && !text.AsSpan().ContainsAnyExcept(s_plainIdentifier))
        {
            return null;
        }

        if (text.Contains('\0'))
        {
            return FieldErrorCode.InvalidText;
        }

        // Bounded before the walks below run over a megabyte: form C makes text shorter by a factor of four at most,
        // and a scalar has at most two chars.
        if (text.Length > (lengthMax * 8))
        {
            return FieldErrorCode.TooLong;
        }

        if (!IsNormalizable(text))
        {
            return FieldErrorCode.InvalidFormat;
        }

        text = text.Normalize(NormalizationForm.FormC);
        return Fault(text, lengthMax) ?? (IsVisible(text) ? null : FieldErrorCode.InvalidFormat);
    }

    private static bool IsLongerThan(string text, int lengthMax)
    {
        if (text.Length <= lengthMax)
        {
            return false;
        }

        var length = text.Length;
        foreach (var c in text)
        {
            length -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return length > lengthMax;
    }

    // Normalize throws on noncharacters such as U+FFFE, which no identifier needs.
    private static bool IsNormalizable(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if ((rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsVisible(string text)
    {
        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return false;
        }

        var anyVisible = false;
        foreach (var rune in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    return false;
                case UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.OtherNotAssigned:
                    break;
                default:
                    anyVisible |= !IsBlankLetter(rune);
                    break;
            }
        }

        return anyVisible;
    }

    // Letters and symbols by category that are drawn as nothing: the Hangul fillers and the empty Braille pattern.
    private static bool IsBlankLetter(Rune rune) => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800;
}
