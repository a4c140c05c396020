using System.Security.Cryptography;
using System.Text;

namespace Laurel.Identity.Passwords;

/// <summary>Passwords that are known to thieves: a short list that comes along, and a file in the form of the Pwned Passwords download, lines of the
/// upper-case SHA-1 of a password, a colon and a count, sorted by hash.</summary>
/// <remarks>The file may have tens of gigabytes: it is searched by halves and never read whole. SHA-1 is its form, not our protection of anything.</remarks>
public sealed class BreachedPasswords : IDisposable
{
    private const int HashLength = 40;

    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "passw0rd", "password1", "password123", "12345678", "123456789", "1234567890", "0123456789", "87654321", "11111111",
        "00000000", "88888888", "66666666", "12341234", "11223344", "123123123", "qwertyui", "qwertyuiop", "1qaz2wsx", "1q2w3e4r", "q1w2e3r4",
        "asdfghjkl", "zxcvbnm1", "abcd1234", "abc12345", "a1234567", "a12345678", "aa123456", "qq123456", "woaini1314", "5201314520",
        "iloveyou", "sunshine", "football", "baseball", "princess", "superman", "trustno1", "letmein1", "welcome1", "admin123", "administrator",
    };

    private readonly FileStream? _file;
    private readonly Lock _lock = new();

    /// <exception cref="IOException">When the file cannot be opened.</exception>
    public BreachedPasswords(string? path) => _file = path is null ? null : File.OpenRead(path);

    public bool Contains(string password) => s_common.Contains(password) || (_file is not null && Finds(_file, password));

    public void Dispose() => _file?.Dispose();

    private bool Finds(FileStream file, string password)
    {
#pragma warning disable CA5350 // The form of the file.
        var wanted = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350
        lock (_lock)
        {
            var (low, high) = (0L, file.Length);
            while (low < high)
            {
                // Whoever looks into the middle stands in a line: the one that begins after it is compared.
                var middle = low + ((high - low) / 2);
                var (start, hash, end) = LineAfter(file, middle, low);
                if (hash is null || start >= high)
                {
                    high = middle;
                    continue;
                }

                switch (string.CompareOrdinal(wanted, hash))
                {
                    case 0:
                        return true;
                    case < 0:
                        high = middle;
                        break;
                    default:
                        low = end;
                        break;
                }
            }

            return false;
        }
    }

    // The first line that begins at the position or after it. Whether one begins there is told by the byte before it.
    private static (long Start, string? Hash, long End) LineAfter(FileStream file, long position, long lineStart)
    {
        var start = position == lineStart ? position : position - 1;
        file.Seek(start, SeekOrigin.Begin);
        if (position != lineStart)
        {
            int skipped;
            do
            {
                skipped = file.ReadByte();
                start++;
            }
            while (skipped is not ('\n' or -1));
        }

        var bytes = new byte[HashLength];
        if (file.ReadAtLeast(bytes, HashLength, throwOnEndOfStream: false) < HashLength)
        {
            return (start, null, file.Length);
        }

        var end = start + HashLength;
        int rest;
        do
        {
            rest = file.ReadByte();
            end++;
        }
        while (rest is not ('\n' or -1));
        return (start, Encoding.ASCII.GetString(bytes).ToUpperInvariant(), Math.Min(end, file.Length));
    }
}
