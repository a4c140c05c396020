using System.Buffers.Text;
using System.Text.Json;

namespace Laurel.Identity.Tokens;

/// <summary>The parts of a token as text.</summary>
internal static class TokenText
{
    /// <summary>The members of one JSON object; null when it is none, or a name stands twice in it: two readers could then read two things.</summary>
    public static Dictionary<string, JsonElement>? Members(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!members.TryAdd(member.Name, member.Value.Clone()))
                {
                    return null;
                }
            }

            return members;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The bytes of a part (RFC 7515 §2: base64url without padding); null when it is anything else.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> part)
    {
        if (part.Length == 0 || part.ContainsAnyExcept(s_alphabet) || !Base64Url.IsValid(part, out var length))
        {
            return null;
        }

        var bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(part, bytes, out var written) && written == length && IsCanonical(part, bytes) ? bytes : null;
    }

    // The last character may carry bits that no byte has: of several spellings of one token only the plain one holds.
    private static bool IsCanonical(ReadOnlySpan<char> part, byte[] bytes) => part.SequenceEqual(Base64Url.EncodeToString(bytes));

    private static readonly System.Buffers.SearchValues<char> s_alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 4 };
}
