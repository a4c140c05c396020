using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Laurel.GraphQL.Serving;

/// <summary>Compares texts by a hash that is fast for long ones: every request's document is hashed, so it is most of what finding a known one
/// costs. Products of 64 bits folded together, in four lanes, under keys of this process, so that nobody can choose texts that collide.</summary>
internal sealed class TextHash : IEqualityComparer<string>
{
    private const int Lanes = 4;
    private const int WordsOfTurn = Lanes * 2;
    private const int KeysCount = Lanes * 2;
    private const int CharactersOfWord = sizeof(ulong) / sizeof(char);

    private static readonly ulong[] s_keys = MemoryMarshal.Cast<byte, ulong>(RandomNumberGenerator.GetBytes(KeysCount * sizeof(ulong))).ToArray();

    private TextHash()
    {
    }

    public static TextHash Instance { get; } = new();

    public bool Equals(string? first, string? second) => string.Equals(first, second, StringComparison.Ordinal);

    public int GetHashCode([DisallowNull] string text)
    {
        var words = MemoryMarshal.Cast<char, ulong>(text.AsSpan());
        var (key, first, second, third, fourth) = (s_keys[0], (ulong)text.Length, s_keys[1], s_keys[2], s_keys[3]);
        var at = 0;
        for (; at <= words.Length - WordsOfTurn; at += WordsOfTurn)
        {
            var turn = words.Slice(at, WordsOfTurn);
            first = Fold(turn[0] ^ first, turn[1] ^ key);
            second = Fold(turn[2] ^ second, turn[3] ^ key);
            third = Fold(turn[4] ^ third, turn[5] ^ key);
            fourth = Fold(turn[6] ^ fourth, turn[7] ^ key);
        }

        for (; at < words.Length; at++)
        {
            first = Fold(words[at] ^ first, key);
        }

        foreach (var character in text.AsSpan(words.Length * CharactersOfWord))
        {
            first = Fold(character ^ first, key);
        }

        // Keys that no lane began with: a product with nothing would forget the other factor.
        return Fold(Fold(first ^ s_keys[4], second ^ s_keys[5]), Fold(third ^ s_keys[6], fourth ^ s_keys[7])).GetHashCode();
    }

    private static ulong Fold(ulong first, ulong second)
    {
        var high = Math.BigMul(first, second, out var low);
        return high ^ low;
    }
}
