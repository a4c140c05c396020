using System.Security.Cryptography;
using System.Text.Json;

namespace Laurel.Platform.Vault;

internal sealed record MasterKeyEntry(string Id, string Key);

/// <summary>What stands in the key file.</summary>
/// <param name="MasterKeys">The current one first.</param>
/// <param name="IndexKey">Base64.</param>
internal sealed record MasterKeyDocument(IReadOnlyList<MasterKeyEntry?> MasterKeys, string IndexKey);

/// <summary>The key file on disk.</summary>
internal static class MasterKeyFile
{
    private const string FirstId = "first";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>How long a start waits for another that is making the keys.</summary>
    private static readonly TimeSpan s_turnWaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Makes a file with fresh keys, whole or not at all; another process may make it first, and then its keys
    /// hold.</summary>
    /// <exception cref="MasterKeysUnreadableException">When another process holds the turn and never ends.</exception>
    public static void Create(string path, RandomNumberGenerator random)
    {
        var folder = Path.GetDirectoryName(path)!;
        CreatePrivateFolder(folder);

        // Moving without overwriting is a look followed by a rename: of two that look first, the second would replace
        // keys that are in use. So they take turns.
        using var turn = TakeTurn(folder + ".lock");
        if (File.Exists(path))
        {
            return;
        }

        var document = new MasterKeyDocument([new MasterKeyEntry(FirstId, Draw(random))], Draw(random));
        var draft = Path.Combine(folder, $".master-{DrawName(random)}.draft");
        using (var stream = new FileStream(draft, OptionsOfDraft()))
        {
            JsonSerializer.Serialize(stream, document, s_json);

            // A key that a power cut took back would make everything wrapped with it unreadable.
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: false);
    }

    /// <exception cref="MasterKeysUnreadableException">When the file is not what <see cref="Create"/>
    /// writes.</exception>
    public static MasterKeyDocument Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<MasterKeyDocument>(stream, s_json)
                ?? throw new MasterKeysUnreadableException($"{path} holds no keys.");
        }
        catch (JsonException)
        {
            // The serializer's own message may quote what it read, which here is secret.
            throw new MasterKeysUnreadableException($"{path} is not a key file.");
        }
    }

    /// <summary>An operating-system lock, which dies with its process. The file stays: taking it away would let two in.</summary>
    private static FileStream TakeTurn(string file)
    {
        FileStream? turn = null;
        SpinWait.SpinUntil(() => TryOpenAlone(file, out turn), s_turnWaitMax);
        return turn ?? throw new MasterKeysUnreadableException($"Another process holds {file} and does not finish making the keys.");
    }

    private static bool TryOpenAlone(string file, out FileStream? stream)
    {
        try
        {
            stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            stream = null;
            return false;
        }
    }

    private static string Draw(RandomNumberGenerator random)
    {
        Span<byte> key = stackalloc byte[MasterKeys.KeyLength];
        random.GetBytes(key);
        return Convert.ToBase64String(key);
    }

    private static string DrawName(RandomNumberGenerator random)
    {
        Span<byte> name = stackalloc byte[8];
        random.GetBytes(name);
        return Convert.ToHexString(name);
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStreamOptions OptionsOfDraft()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
