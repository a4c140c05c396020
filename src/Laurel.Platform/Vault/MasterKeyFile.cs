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

    /// <summary>Where it stands below a data folder.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "keys", "master.json");

    /// <summary>Fresh keys of a new installation, in the open.</summary>
    public static MasterKeyDocument Draw(RandomNumberGenerator random) => new([new MasterKeyEntry(FirstId, DrawKey(random))], DrawKey(random));

    /// <summary>Makes the file, whole or not at all; another process may make it first, and then its keys hold.</summary>
    /// <exception cref="MasterKeysUnreadableException">When another process holds the turn and never ends.</exception>
    public static void Create(string path, MasterKeyDocument document, RandomNumberGenerator random)
    {
        var folder = Path.GetDirectoryName(path)!;
        CreatePrivateFolder(folder);

        // Moving without overwriting is a look followed by a rename: of two that look first, the second would replace
        // keys that are in use. So they take turns.
        using var turn = TakeTurn(folder + ".lock");
        if (!File.Exists(path))
        {
            Write(path, document, random, overwrite: false);
        }
    }

    /// <summary>Writes other keys over those that are there, whole or not at all.</summary>
    /// <param name="change">Gives them, from those that stand there.</param>
    /// <inheritdoc cref="Create"/>
    public static async Task ChangeAsync(string path, RandomNumberGenerator random, Func<MasterKeyDocument, Task<MasterKeyDocument>> change)
    {
        using var turn = TakeTurn(Path.GetDirectoryName(path)! + ".lock");
        Write(path, await change(Read(path)), random, overwrite: true);
    }

    private static void Write(string path, MasterKeyDocument document, RandomNumberGenerator random, bool overwrite)
    {
        var folder = Path.GetDirectoryName(path)!;
        var draft = Path.Combine(folder, $".master-{DrawName(random)}.draft");
        using (var stream = new FileStream(draft, OptionsOfDraft()))
        {
            JsonSerializer.Serialize(stream, document, s_json);

            // A key that a power cut took back would make everything wrapped with it unreadable.
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite);
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

    internal static string DrawKey(RandomNumberGenerator random)
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
