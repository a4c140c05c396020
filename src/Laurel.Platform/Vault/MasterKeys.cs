using System.Security.Cryptography;

namespace Laurel.Platform.Vault;

/// <summary>The keys that wrap every member's data key, and the key of the blind indexes.</summary>
/// <remarks>
/// <para>The first master key is current: it wraps what is new. The others only open what they wrapped
/// before. To rotate, put a new key in front, start every node with it, rewrap, and drop the old one.</para>
/// <para>The index key is never rotated: every index value would have to be reckoned anew from the plain text.
/// Whoever loses the keys loses the personal data; a backup of the database is worth nothing without them.</para>
/// </remarks>
public sealed class MasterKeys
{
    /// <summary>Of every key, in bytes (AES-256 and HMAC-SHA-256).</summary>
    public const int KeyLength = 32;

    /// <summary>Of a key's id, in characters.</summary>
    public const int IdLengthMax = 32;

    /// <summary>The environment variable that <see cref="Parse"/> reads.</summary>
    public const string EnvironmentName = "LAUREL_MASTER_KEYS";

    /// <summary>The reserved id of the index key in <see cref="Parse"/>'s text.</summary>
    public const string IndexKeyId = "index";

    private readonly Dictionary<string, byte[]> _keys;
    private readonly byte[] _indexKey;

    private MasterKeys(string currentId, Dictionary<string, byte[]> keys, byte[] indexKey) =>
        (CurrentId, _keys, _indexKey) = (currentId, keys, indexKey);

    /// <summary>The id of the key that wraps what is new.</summary>
    public string CurrentId { get; }

    internal ReadOnlySpan<byte> Current => _keys[CurrentId];

    internal ReadOnlySpan<byte> IndexKey => _indexKey;

    /// <summary>The keys of a data folder; makes them at the first start.</summary>
    /// <param name="dataFolder">Keys stand in <c>keys/master.json</c> below it, readable by the owner alone.</param>
    /// <param name="environmentText">The value of <see cref="EnvironmentName"/>; when given, no file is read or
    /// made.</param>
    /// <param name="random">Draws new keys.</param>
    /// <exception cref="MasterKeysUnreadableException">When the text or the file is not as it must be.</exception>
    public static MasterKeys Load(string dataFolder, string? environmentText, RandomNumberGenerator random)
    {
        if (!string.IsNullOrEmpty(environmentText))
        {
            return Parse(environmentText);
        }

        var path = Path.Combine(dataFolder, "keys", "master.json");
        if (!File.Exists(path))
        {
            MasterKeyFile.Create(path, random);
        }

        return FromFile(MasterKeyFile.Read(path), path);
    }

    /// <summary>Reads <c>id:base64,id:base64,index:base64</c>: master keys, the current one first, and the index
    /// key.</summary>
    /// <exception cref="MasterKeysUnreadableException">When the text has another form.</exception>
    public static MasterKeys Parse(string text)
    {
        var entries = new List<MasterKeyEntry?>();
        string? indexKey = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':');
            if (colon < 0)
            {
                throw new MasterKeysUnreadableException(
                    $"{EnvironmentName} must read id:base64,id:base64,index:base64.");
            }

            if (part[..colon] == IndexKeyId)
            {
                indexKey = part[(colon + 1)..];
            }
            else
            {
                entries.Add(new MasterKeyEntry(part[..colon], part[(colon + 1)..]));
            }
        }

        return FromFile(new MasterKeyDocument(entries, indexKey ?? string.Empty), EnvironmentName);
    }

    /// <summary>What seals the audit: derived from the index key, which is never rotated, so that old rows can always be proved.</summary>
    public byte[] DeriveAuditKey() => HMACSHA256.HashData(_indexKey, "laurel audit 1"u8);

    internal bool TryFind(string id, out ReadOnlySpan<byte> key)
    {
        var found = _keys.TryGetValue(id, out var bytes);
        key = bytes;
        return found;
    }

    private static MasterKeys FromFile(MasterKeyDocument document, string source)
    {
        var keys = new Dictionary<string, byte[]>();
        foreach (var entry in document.MasterKeys)
        {
            // The serializer checks members for null, but not the items of a list.
            var (id, text) = entry ?? throw new MasterKeysUnreadableException($"{source}: a master key is null.");
            if (id.Length is 0 or > IdLengthMax || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                throw new MasterKeysUnreadableException(
                    $"{source}: a key id is 1 to {IdLengthMax} letters, digits, '-', '_' or '.'.");
            }

            if (id == IndexKeyId || !keys.TryAdd(id, Decode(text, id, source)))
            {
                throw new MasterKeysUnreadableException($"{source}: the key id {id} is taken.");
            }
        }

        return keys.Count == 0
            ? throw new MasterKeysUnreadableException($"{source}: there is no master key.")
            : new MasterKeys(document.MasterKeys[0]!.Id, keys, Decode(document.IndexKey, IndexKeyId, source));
    }

    // The messages name the key and never show it.
    private static byte[] Decode(string text, string id, string source)
    {
        var key = new byte[KeyLength];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyLength
            ? key
            : throw new MasterKeysUnreadableException($"{source}: the key {id} must be {KeyLength} bytes in base64.");
    }
}

/// <summary>The keys of the vault are missing or malformed: the server must not start, for it could neither read nor
/// keep personal data.</summary>
public sealed class MasterKeysUnreadableException(string message) : Exception(message);
