using System.Text;

namespace Laurel.Identity.Providers;

/// <summary>What providers tell of people, made safe to keep and to show.</summary>
internal static class ProfileText
{
    public const int OpenIdLengthMax = 128;

    public const int NicknameLengthMax = 64;

    public const int UrlLengthMax = 1_024;

    public const int CodeLengthMax = 512;

    /// <summary>Whether a text could be a code of any provider; what could not is not sent to them.</summary>
    public static bool IsCode(string text) => text.Length is > 0 and <= CodeLengthMax && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>An id as it is, or null where it could be none.</summary>
    public static string? Id(string? text) =>
        text is { Length: > 0 and <= OpenIdLengthMax } && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    /// <summary>Without control characters and halves of surrogate pairs, cut to <see cref="NicknameLengthMax"/>; null where nothing is left.</summary>
    public static string? Nickname(string? text)
    {
        var kept = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > NicknameLengthMax)
            {
                break;
            }

            if (!Rune.IsControl(rune) && rune != Rune.ReplacementChar)
            {
                kept.Append(rune);
            }
        }

        return kept.ToString().Trim() is { Length: > 0 } name ? name : null;
    }

    /// <summary>The first of some texts that is an absolute address of http or https; null where none is.</summary>
    public static string? Url(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is { Length: <= UrlLengthMax } && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                return url.AbsoluteUri;
            }
        }

        return null;
    }

    /// <summary>Reads the words and numbers that are in use: 1 and 2, m and f, Male and Female, 男 and 女.</summary>
    public static ProviderGender? Gender(string? text) => text?.ToLowerInvariant() switch
    {
        "1" or "m" or "male" or "男" => ProviderGender.Male,
        "2" or "f" or "female" or "女" => ProviderGender.Female,
        _ => null,
    };
}
