using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Membership.Coupons;

/// <summary>A code that leads to a coupon: 80 random bits as sixteen characters and a check character, <c>XXXX-XXXX-XXXX-XXXX-C</c>.</summary>
/// <remarks>The alphabet is Crockford's base 32 (https://www.crockford.com/base32.html), and so is the check character: the number modulo 37.
/// A code is stored as a hash and never in the open.</remarks>
public static class CouponCode
{
    /// <summary>Characters of an imported code at the most.</summary>
    public const int LengthMax = 64;

    /// <summary>Characters of an imported code at the least: fewer can be guessed.</summary>
    public const int LengthMin = 8;

    /// <summary>Bytes of what the codes of a batch are made from.</summary>
    public const int SeedLength = 32;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private const string CheckAlphabet = Alphabet + "*~$=U";

    private const int BitsOfCode = 80;

    /// <summary>One of the codes of a batch: the same for the same seed and number, and not to be told from random without the seed.</summary>
    public static string Make(ReadOnlySpan<byte> seed, long number)
    {
        Span<byte> text = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(text, number);
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(seed, text, hash);
        return Write(new UInt128(BinaryPrimitives.ReadUInt16BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[2..])));
    }

    /// <summary>A code as it is hashed: without hyphens and spaces, in upper case, with the letters that Crockford reads as digits as digits.</summary>
    public static string Normalize(string code)
    {
        var text = new StringBuilder(code.Length);
        foreach (var character in code.Where(character => character is not ('-' or ' ')))
        {
            text.Append(char.ToUpperInvariant(character) switch
            {
                'O' => '0',
                'I' or 'L' => '1',
                var other => other,
            });
        }

        return text.ToString();
    }

    /// <summary>What is stored of a code.</summary>
    internal static CodeKey KeyOf(TenantId tenant, string code)
    {
        var normal = Normalize(code);
        var hash = Hash128.Of(tenant.Value, "coupon-code", normal);
        return new CodeKey((long)(hash.Low & long.MaxValue), unchecked((long)hash.High), normal[Math.Max(0, normal.Length - 4)..]);
    }

    private static string Write(UInt128 number)
    {
        Span<char> text = stackalloc char[21];
        var at = 0;
        for (var bits = BitsOfCode - 5; bits >= 0; bits -= 5)
        {
            text[at++] = Alphabet[(int)((number >> bits) & 31UL)];
            if (at % 5 == 4)
            {
                text[at++] = '-';
            }
        }

        text[at] = CheckAlphabet[(int)(number % 37UL)];
        return text.ToString();
    }
}

/// <summary>What is stored of a code.</summary>
/// <param name="Id">63 bits of its hash.</param>
/// <param name="Check">The 64 others: what leads to the same id by chance does not pass.</param>
/// <param name="LastFour">For people who compare what they have in hand.</param>
internal readonly record struct CodeKey(long Id, long Check, string LastFour);
