namespace Laurel.Platform.Files;

/// <summary>Files in a folder, which nodes share where there are several. Each is written whole or not at all, in one of 256 folders by its first
/// digits.</summary>
/// <param name="folder">Made where it is missing.</param>
public sealed class DiskFiles(string folder) : IFileStore
{
    private const string Unfinished = ".part";

    public async Task KeepAsync(FileName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using (var file = new FileStream(path + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(bytes, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(path + Unfinished, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FileStoreUnavailableException("The folder of files cannot be written to.", exception);
        }
    }

    public async Task<byte[]?> FindAsync(FileName name, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(name), cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FileStoreUnavailableException("The folder of files cannot be read.", exception);
        }
    }

    public Task RemoveAsync(FileName name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        try
        {
            if (Directory.Exists(Path.GetDirectoryName(path)))
            {
                File.Delete(path);
                File.Delete(path + Unfinished);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FileStoreUnavailableException("The folder of files cannot be written to.", exception);
        }

        return Task.CompletedTask;
    }

    private string PathOf(FileName name) => Path.Combine(folder, name.Text[..2], name.Text);
}
