namespace Laurel.Platform.Files;

/// <summary>Where files lie that people send: a folder, or a store that speaks S3. Names are drawn at random, so that a file is never written twice and
/// nobody guesses one.</summary>
public interface IFileStore
{
    /// <summary>Keeps a file; once it returns the file is there for every node.</summary>
    /// <exception cref="FileStoreUnavailableException">When it cannot be kept now.</exception>
    Task KeepAsync(FileName name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>The file; null when there is none of that name.</summary>
    /// <exception cref="FileStoreUnavailableException">When nobody can tell now.</exception>
    Task<byte[]?> FindAsync(FileName name, CancellationToken cancellationToken);

    /// <summary>Removes a file; one that is not there is gone already.</summary>
    /// <exception cref="FileStoreUnavailableException">When it cannot be removed now.</exception>
    Task RemoveAsync(FileName name, CancellationToken cancellationToken);
}

/// <summary>The store of files does not answer, or not as it should. The message names no file.</summary>
public sealed class FileStoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
