using Laurel.Kernel;

namespace Laurel.Platform.Files;

/// <summary>The name of a stored file: 32 hexadecimal digits and how files of its kind end. Nothing else is a name, so a name leads nowhere but to a
/// file.</summary>
public readonly record struct FileName
{
    /// <summary>Random bytes of a name.</summary>
    public const int RandomBytes = 16;

    /// <summary>Characters of a name at the most.</summary>
    public const int LengthMax = 37;

    private const int DigitsLength = 2 * RandomBytes;

    private FileName(string text) => Text = text;

    public string Text { get; }

    /// <summary>What a browser is told that it is.</summary>
    public string MediaType => Text[(DigitsLength + 1)..] switch
    {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        _ => throw new InvariantBrokenException("A name ends as a kind of picture does."),
    };

    /// <param name="random">Of <see cref="RandomBytes"/>, drawn by a cryptographic generator.</param>
    /// <param name="extension">Of a kind of picture.</param>
    public static FileName Of(ReadOnlySpan<byte> random, string extension)
    {
        Invariant.Require(TryParse(Convert.ToHexStringLower(random) + "." + extension, out var name), "A name is made of what names are made of.");
        return name;
    }

    public static bool TryParse(string? text, out FileName name)
    {
        var isName = text is { Length: > DigitsLength } && text[DigitsLength..] is ".png" or ".jpg" or ".webp"
            && !text.AsSpan(0, DigitsLength).ContainsAnyExcept("0123456789abcdef");
        name = isName ? new FileName(text!) : default;
        return isName;
    }

    public override string ToString() => Text;
}
