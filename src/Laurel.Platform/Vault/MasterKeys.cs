using System.Security.Cryptography;

namespace Laurel.Platform.Vault;

/// <summary>The keys that wrap every member's data key, and the key of the blind indexes.</summary>
/// <remarks>
/// <para>The first master key is current: it wraps what is new. The others only open what they wrapped
/// before. To rotate, let every node know a new key, put it in front, start every node again, let <see cref="VaultRewrap"/> finish, and
/// drop the old one.</para>
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

    /// <summary>Whether there are others, so that something may still be under one of them.</summary>
    public bool HasOthers => _keys.Count > 1;

    /// <summary>Whether the key is among them that something was sealed by.</summary>
    public bool Know(ReadOnlySpan<byte> stored) => stored.Length >= 2 && stored.Length >= 2 + stored[1] && _keys.ContainsKey(MasterSeal.KeyIdOf(stored));

    /// <summary>The ids of all of them, the current one first.</summary>
    public IReadOnlyList<string> Ids => [CurrentId, .. _keys.Keys.Where(id => id != CurrentId)];

    /// <summary>The keys of a data folder; makes them at the first start.</summary>
    /// <param name="dataFolder">Keys stand in <c>keys/master.json</c> below it, readable by the owner alone.</param>
    /// <param name="environmentText">The value of <see cref="EnvironmentName"/>; when given, no file is read or
    /// made.</param>
    /// <param name="guard">Opens the keys, and closes new ones.</param>
    /// <param name="random">Draws new keys.</param>
    /// <exception cref="MasterKeysUnreadableException">When the text or the file is not as it must be, or the guard does not open it.</exception>
    public static async Task<MasterKeys> LoadAsync(
        string dataFolder, string? environmentText, IMasterKeyGuard guard, RandomNumberGenerator random, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(environmentText))
        {
            return From(await OpenAsync(ReadText(environmentText), guard, EnvironmentName, cancellationToken), EnvironmentName);
        }

        var path = MasterKeyFile.PathIn(dataFolder);
        if (!File.Exists(path))
        {
            var drawn = MasterKeyFile.Draw(random);
            MasterKeyFile.Create(path, await CloseAsync(drawn, guard, cancellationToken), random);
        }

        return From(await OpenAsync(MasterKeyFile.Read(path), guard, path, cancellationToken), path);
    }

    /// <summary>As <see cref="LoadAsync"/>, of keys that stand in the open.</summary>
    /// <exception cref="MasterKeysUnreadableException">When the text or the file is not as it must be.</exception>
    public static MasterKeys Load(string dataFolder, string? environmentText, RandomNumberGenerator random)
    {
        if (!string.IsNullOrEmpty(environmentText))
        {
            return Parse(environmentText);
        }

        var path = MasterKeyFile.PathIn(dataFolder);
        if (!File.Exists(path))
        {
            MasterKeyFile.Create(path, MasterKeyFile.Draw(random), random);
        }

        return From(MasterKeyFile.Read(path), path);
    }

    /// <summary>Reads <c>id:base64,id:base64,index:base64</c>: master keys, the current one first, and the index
    /// key.</summary>
    /// <exception cref="MasterKeysUnreadableException">When the text has another form.</exception>
    public static MasterKeys Parse(string text) => From(ReadText(text), EnvironmentName);

    private static MasterKeyDocument ReadText(string text)
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

        return new MasterKeyDocument(entries, indexKey ?? string.Empty);
    }

    private static async Task<MasterKeyDocument> OpenAsync(MasterKeyDocument closed, IMasterKeyGuard guard, string source, CancellationToken cancellationToken)
    {
        var entries = new List<MasterKeyEntry?>();
        foreach (var entry in closed.MasterKeys)
        {
            entries.Add(entry is null
                ? null
                : entry with { Key = Convert.ToBase64String(await guard.OpenAsync(entry.Key, NameOf(source, entry.Id), cancellationToken)) });
        }

        var indexKey = await guard.OpenAsync(closed.IndexKey, NameOf(source, IndexKeyId), cancellationToken);
        return new MasterKeyDocument(entries, Convert.ToBase64String(indexKey));
    }

    private static async Task<MasterKeyDocument> CloseAsync(MasterKeyDocument open, IMasterKeyGuard guard, CancellationToken cancellationToken)
    {
        var first = open.MasterKeys[0]!;
        return new MasterKeyDocument(
            [first with { Key = await guard.CloseAsync(Convert.FromBase64String(first.Key), cancellationToken) }],
            await guard.CloseAsync(Convert.FromBase64String(open.IndexKey), cancellationToken));
    }

    /// <summary>What seals the audit: derived from the index key, which is never rotated, so that old rows can always be proved.</summary>
    public byte[] DeriveAuditKey() => HMACSHA256.HashData(_indexKey, "laurel audit 1"u8);

    internal bool TryFind(string id, out ReadOnlySpan<byte> key)
    {
        var found = _keys.TryGetValue(id, out var bytes);
        key = bytes;
        return found;
    }

    private static MasterKeys From(MasterKeyDocument document, string source)
    {
        var keys = new Dictionary<string, byte[]>();
        foreach (var entry in document.MasterKeys)
        {
            // The serializer checks members for null, but not the items of a list.
            var (id, text) = entry ?? throw new MasterKeysUnreadableException($"{source}: a master key is null.");
            if (!IsId(id))
            {
                throw new MasterKeysUnreadableException(
                    $"{source}: a key id is 1 to {IdLengthMax} letters, digits, '-', '_' or '.'.");
            }

            if (id == IndexKeyId || !keys.TryAdd(id, OpenMasterKeys.Decode(text, NameOf(source, id))))
            {
                throw new MasterKeysUnreadableException($"{source}: the key id {id} is taken.");
            }
        }

        return keys.Count == 0
            ? throw new MasterKeysUnreadableException($"{source}: there is no master key.")
            : new MasterKeys(document.MasterKeys[0]!.Id, keys, OpenMasterKeys.Decode(document.IndexKey, NameOf(source, IndexKeyId)));
    }

    internal static bool IsId(string id) =>
        id.Length is > 0 and <= IdLengthMax && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string NameOf(string source, string id) => $"{source}: the key {id}";
}

/// <summary>The keys of the vault are missing or malformed: the server must not start, for it could neither read nor
/// keep personal data.</summary>
public sealed class MasterKeysUnreadableException(string message) : Exception(message);
