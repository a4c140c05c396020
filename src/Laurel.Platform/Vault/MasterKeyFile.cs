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

    /// <summary>Makes a file with fresh keys, whole or not at all; another process may make it first, and then its keys
    /// hold.</summary>
    public static void Create(string path, RandomNumberGenerator random)
    {
        var folder = Path.GetDirectoryName(path)!;
        CreatePrivateFolder(folder);
        var document = new MasterKeyDocument([new MasterKeyEntry(FirstId, Draw(random))], Draw(random));
        var draft = Path.Combine(folder, $".master-{DrawName(random)}.draft");
        using (var stream = new FileStream(draft, OptionsOfDraft()))
        {
            JsonSerializer.Serialize(stream, document, s_json);

            // A key that a power cut took back would make everything wrapped with it unreadable.
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
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
