using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Users;

/// <summary>User names: letters, digits and <c>_ . -</c>, beginning with a letter, so that none reads as a telephone number or an e-mail address.</summary>
/// <remarks>Compared in normalisation form KC and without regard to case: two names that look the same are one. Letters of one name are all of ASCII
/// or hold no ASCII letter at all: Latin beside its lookalikes of other scripts is how names are imitated (UTS #39 §5.2).</remarks>
public static class Username
{
    public const int LengthMin = 3;

    public static readonly Wording Expected = new(
        "3 to 32 letters, digits, dots, hyphens and underscores, a letter first, and letters of one script",
        "3 至 32 个字母、数字、点、连字符或下划线，以字母开头，且字母属于同一种文字");

    /// <returns>Null when normalised; else the code of <see cref="FieldErrorCatalog"/>.</returns>
    public static string? Normalise(string text, out string normalised)
    {
        normalised = text.Trim().Normalize(NormalizationForm.FormKC);
        if (normalised.EnumerateRunes().Count() > User.UsernameLengthMax)
        {
            return FieldErrorCode.TooLong;
        }

        var isFirst = true;
        bool hasAscii = false, hasOther = false;
        foreach (var rune in normalised.EnumerateRunes())
        {
            var isLetter = Rune.IsLetter(rune);
            hasAscii |= isLetter && rune.IsAscii;
            hasOther |= isLetter && !rune.IsAscii;
            if (isFirst ? !isLetter : !isLetter && !Rune.IsDigit(rune) && rune.Value is not ('_' or '.' or '-'))
            {
                return FieldErrorCode.InvalidFormat;
            }

            isFirst = false;
        }

        return normalised.EnumerateRunes().Count() < LengthMin || (hasAscii && hasOther && !IsChinese(normalised)) ? FieldErrorCode.InvalidFormat : null;
    }

    /// <summary>A name for who gave none.</summary>
    public static string Draw(RandomNumberGenerator random)
    {
        Span<byte> bytes = stackalloc byte[8];
        random.GetBytes(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"u{Convert.ToHexStringLower(bytes)}");
    }

    // Chinese characters resemble no Latin letter, and 小明Ming is a name that people give themselves.
    private static bool IsChinese(string name) => name.EnumerateRunes()
        .Where(rune => Rune.IsLetter(rune) && !rune.IsAscii)
        .All(rune => rune.Value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x323AF));
}
