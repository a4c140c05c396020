using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Laurel.Server.Backups;

/// <summary>A backup as one file: a gzipped tar of the manifest, the database and the keys, in this order.</summary>
/// <remarks>Ordinary tools read it: <c>tar tzf</c> lists it and <c>tar xzOf FILE manifest.json</c> shows the manifest.</remarks>
internal static class BackupArchive
{
    public const string Ending = ".tar.gz";

    /// <summary>Of the folder in which the parts are gathered, beside the archive.</summary>
    public const string StagingEnding = ".staging";

    /// <summary>Of the archive while it is written.</summary>
    public const string DraftEnding = ".part";

    private const int ManifestBytesMax = 1 << 20;
    private const int CopyBytes = 1 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder that only its owner can enter.</summary>
    public static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What a part is, to be written into the manifest.</summary>
    public static async Task<BackupPart> MeasureAsync(string folder, string name, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(Path.Combine(folder, name));
        var hash = await SHA256.HashDataAsync(stream, cancellationToken);
        return new BackupPart(name, stream.Length, Convert.ToHexStringLower(hash));
    }

    /// <summary>Writes the parts that lie in a folder beside the archive's place, and puts the archive there when it is whole.</summary>
    /// <exception cref="IOException">When there is such a file already: a backup never takes the place of another.</exception>
    public static async Task WriteAsync(
        string file, BackupManifest manifest, string folder, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        var draft = file + DraftEnding;
        try
        {
            await using (var output = new FileStream(draft, PrivateFile(FileMode.Create)))
            {
                await WriteAsync(output, manifest, folder, progress, cancellationToken);
                output.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite: false);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Unpacks an archive into a folder. When this returns, every part is there and has the size and hash that the
    /// manifest says.</summary>
    /// <exception cref="BackupException">When the archive is damaged, cut short or none of ours.</exception>
    public static async Task<BackupManifest> ReadAsync(
        string file, string folder, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = File.OpenRead(file);
            await using var counted = new CountingStream(input, "Reading the archive", progress);
            await using var gzip = new GZipStream(counted, CompressionMode.Decompress);
            await using var tar = new TarReader(gzip);
            var manifest = await ReadManifestAsync(tar, cancellationToken);
            await ReadPartsAsync(tar, manifest, folder, cancellationToken);

            // Reads to the end, so that the checksum of the whole is compared too: it covers the manifest.
            await gzip.CopyToAsync(Stream.Null, cancellationToken);
            return manifest;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new BackupException($"{file} is damaged or no archive of Laurel ({exception.Message}). Nothing was changed; take another archive.");
        }
    }

    private static async Task WriteAsync(
        Stream output, BackupManifest manifest, string folder, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Pax);
        await tar.WriteEntryAsync(EntryOf(BackupManifest.FileName, manifest.CreatedAt, new MemoryStream(manifest.ToJson())), cancellationToken);
        foreach (var part in manifest.Parts)
        {
            await using var input = File.OpenRead(Path.Combine(folder, part.Name));
            await using var counted = new CountingStream(input, $"Writing {part.Name}", progress);
            await tar.WriteEntryAsync(EntryOf(part.Name, manifest.CreatedAt, counted), cancellationToken);
        }
    }

    private static PaxTarEntry EntryOf(string name, DateTimeOffset at, Stream content) =>
        new(TarEntryType.RegularFile, name) { Mode = OwnerOnly, ModificationTime = at, DataStream = content };

    private static async Task<BackupManifest> ReadManifestAsync(TarReader tar, CancellationToken cancellationToken)
    {
        var entry = await tar.GetNextEntryAsync(copyData: false, cancellationToken);
        return entry is { Name: BackupManifest.FileName, DataStream: { } content, Length: <= ManifestBytesMax }
            ? await BackupManifest.ReadAsync(content, cancellationToken)
            : throw new InvalidDataException($"it does not begin with {BackupManifest.FileName}");
    }

    private static async Task ReadPartsAsync(TarReader tar, BackupManifest manifest, string folder, CancellationToken cancellationToken)
    {
        var missing = manifest.Parts.ToDictionary(part => part.Name);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (!missing.Remove(entry.Name, out var part) || entry.EntryType != TarEntryType.RegularFile || !IsPlain(entry.Name))
            {
                throw new InvalidDataException($"it holds {entry.Name}, which its manifest does not name");
            }

            var found = await UnpackAsync(entry, Path.Combine(folder, part.Name), cancellationToken);
            if (found != part.Sha256)
            {
                throw new InvalidDataException($"{part.Name} is not what the manifest says it is");
            }
        }

        if (missing.Count > 0)
        {
            throw new InvalidDataException($"{string.Join(", ", missing.Keys)} is missing");
        }
    }

    private static async Task<string> UnpackAsync(TarEntry entry, string file, CancellationToken cancellationToken)
    {
        CreatePrivateFolder(Path.GetDirectoryName(file)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var output = new FileStream(file, PrivateFile(FileMode.CreateNew));
        if (entry.DataStream is { } content)
        {
            var buffer = new byte[CopyBytes];
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }

        output.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // An archive comes from elsewhere: no part of it may name a place outside the folder it is unpacked into.
    private static bool IsPlain(string name) =>
        name.Split('/') is { Length: <= 2 } steps
        && steps.All(step => step.Length > 0 && step[0] != '.' && step.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'));

    private static FileStreamOptions PrivateFile(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}
