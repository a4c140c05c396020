using System.Buffers.Binary;
using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Passes;

/// <summary>What became of reading a code.</summary>
public enum PassVerdict
{
    Valid,

    /// <summary>It is none of this tenant's, or was read wrongly.</summary>
    Invalid,

    /// <summary>It was shown too long ago.</summary>
    Expired,
}

/// <summary>The codes that members show at the till: each says who the member is and in which minute it was made, and nobody else can make one.</summary>
/// <remarks>A code is <c>L1</c> and 22 bytes in 36 letters and digits (RFC 4648 base 32, without padding): the member's id in eight bytes, the minute in four, and the
/// first ten bytes of an HMAC-SHA-256 over both under a key of the tenant's. 38 characters fit a QR code of 25 × 25 modules.</remarks>
public static class PassCode
{
    /// <summary>How long one code is shown.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(60);

    /// <summary>Seconds for which a code counts at the most: the step it is made in, and the next.</summary>
    public const int SecondsMax = 120;

    /// <summary>Characters of a code.</summary>
    public const int Length = 38;

    private const string Start = "L1";
    private const string Purpose = "member card 1";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int SaidBytes = 12;
    private const int MacBytes = 10;

    /// <summary>The number of the step that an instant lies in.</summary>
    public static long StepOf(Instant at) => Math.DivRem(at.UnixMicroseconds, Step.Ticks / TimeSpan.TicksPerMicrosecond).Quotient;

    /// <summary>When a step begins.</summary>
    public static Instant StartOf(long step) => new(step * (Step.Ticks / TimeSpan.TicksPerMicrosecond));

    public static string Write(SecretVault secrets, TenantId tenant, MemberId member, long step)
    {
        Span<byte> bytes = stackalloc byte[SaidBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, member.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], checked((uint)step));
        MacOf(secrets, tenant, bytes[..SaidBytes], bytes[SaidBytes..]);
        return Start + Encode(bytes);
    }

    /// <summary>Reads a code; blanks and small letters are forgiven.</summary>
    /// <param name="now">The time at the till: a code of this step, the last, or the next, which the clock of another node may have begun already.</param>
    public static (PassVerdict Verdict, MemberId Member, long Step) Read(SecretVault secrets, TenantId tenant, string code, Instant now)
    {
        Span<byte> bytes = stackalloc byte[SaidBytes + MacBytes];
        var text = code.Trim().ToUpperInvariant();
        if (text.Length != Length || !text.StartsWith(Start, StringComparison.Ordinal) || !TryDecode(text.AsSpan(Start.Length), bytes))
        {
            return (PassVerdict.Invalid, default, 0);
        }

        Span<byte> mac = stackalloc byte[MacBytes];
        MacOf(secrets, tenant, bytes[..SaidBytes], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[SaidBytes..]))
        {
            return (PassVerdict.Invalid, default, 0);
        }

        var (member, step) = (new MemberId(BinaryPrimitives.ReadInt64BigEndian(bytes)), (long)BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));
        return (Math.Abs(StepOf(now) - step) <= 1 ? PassVerdict.Valid : PassVerdict.Expired, member, step);
    }

    private static void MacOf(SecretVault secrets, TenantId tenant, ReadOnlySpan<byte> said, Span<byte> mac)
    {
        var key = secrets.Derive(tenant, Purpose);
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, said, whole);
        CryptographicOperations.ZeroMemory(key);
        whole[..MacBytes].CopyTo(mac);
    }

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[((bytes.Length * 8) + 4) / 5];
        var (buffer, bits, at) = (0u, 0, 0);
        foreach (var b in bytes)
        {
            (buffer, bits) = ((buffer << 8) | b, bits + 8);
            for (; bits >= 5; bits -= 5)
            {
                text[at++] = Alphabet[(int)((buffer >> (bits - 5)) & 31)];
            }
        }

        if (bits > 0)
        {
            text[at] = Alphabet[(int)((buffer << (5 - bits)) & 31)];
        }

        return text.ToString();
    }

    /// <summary>Of two texts for the same bytes only the one that was written is read: what is left over is zero.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var (buffer, bits, at) = (0u, 0, 0);
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            (buffer, bits) = ((buffer << 5) | (uint)value, bits + 5);
            if (bits >= 8)
            {
                bytes[at++] = (byte)((buffer >> (bits - 8)) & 0xFF);
                bits -= 8;
            }
        }

        return at == bytes.Length && (buffer & ((1u << bits) - 1)) == 0;
    }
}
