using System.Security.Cryptography;
using System.Text;

namespace Laurel.Platform.Vault;

/// <summary>Seals bytes directly under the current master key, and opens what any known one has sealed.</summary>
/// <remarks>The form is: version, length of the key's id, the id, sealed bytes. Whoever stores it can rotate master keys: see
/// <see cref="MasterKeys"/>.</remarks>
internal sealed class MasterSeal(MasterKeys keys, RandomNumberGenerator random)
{
    private const byte Version = 1;

    public byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var begin = BeginningOf(keys.CurrentId);
        var wrapped = new byte[begin.Length + SealedBytes.LengthOf(plain.Length)];
        begin.CopyTo(wrapped, 0);
        SealedBytes.Seal(keys.Current, plain, context, wrapped.AsSpan(begin.Length), random);
        return wrapped;
    }

    /// <exception cref="PersonalDataUnreadableException">When its master key is not here, or anything differs from what was
    /// sealed.</exception>
    public byte[] Open(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context)
    {
        if (wrapped.Length < 2 || wrapped[0] != Version || wrapped.Length < 2 + wrapped[1] + SealedBytes.LengthOf(0))
        {
            throw new PersonalDataUnreadableException("A wrapped key has an unknown form.");
        }

        if (!keys.TryFind(KeyIdOf(wrapped), out var masterKey))
        {
            throw new PersonalDataUnreadableException("A key is wrapped by a master key that is not here.");
        }

        var source = wrapped[(2 + wrapped[1])..];
        var plain = new byte[SealedBytes.PlainLengthOf(source.Length)];
        SealedBytes.Open(masterKey, source, context, plain);
        return plain;
    }

    /// <summary>How everything begins that a master key has sealed.</summary>
    public static byte[] BeginningOf(string keyId) => [Version, (byte)keyId.Length, .. Encoding.ASCII.GetBytes(keyId)];

    /// <summary>The id of the master key that sealed it.</summary>
    public static string KeyIdOf(ReadOnlySpan<byte> wrapped) => Encoding.ASCII.GetString(wrapped.Slice(2, wrapped[1]));
}
