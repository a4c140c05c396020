namespace Laurel.Platform.Vault;

/// <summary>Closes master keys for the place where they are kept, and opens them when a process starts. Nothing else is asked of it, so no call of a member
/// ever waits for it.</summary>
public interface IMasterKeyGuard
{
    /// <summary>The text to keep of a key.</summary>
    /// <exception cref="MasterKeysUnreadableException">When the guard does not answer, or refuses.</exception>
    Task<string> CloseAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>The key of a text that <see cref="CloseAsync"/> gave; its length is the caller's to judge.</summary>
    /// <param name="source">Which key of which file it is, for the message; never a secret.</param>
    /// <exception cref="MasterKeysUnreadableException">When the guard does not answer, or refuses, or the text has another form.</exception>
    Task<byte[]> OpenAsync(string text, string source, CancellationToken cancellationToken);

    /// <summary>The same key as the guard would close it now; the same text where nothing is to be done.</summary>
    /// <inheritdoc cref="CloseAsync"/>
    Task<string> RenewAsync(string text, CancellationToken cancellationToken);
}

/// <summary>Keys stand in base64 where they are kept: the file's mode, or whoever sets the environment, is what guards them.</summary>
public sealed class OpenMasterKeys : IMasterKeyGuard
{
    public Task<string> CloseAsync(byte[] key, CancellationToken cancellationToken) => Task.FromResult(Convert.ToBase64String(key));

    public Task<byte[]> OpenAsync(string text, string source, CancellationToken cancellationToken) => Task.FromResult(Decode(text, source));

    public Task<string> RenewAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);

    // The messages name the key and never show it.
    internal static byte[] Decode(string text, string source)
    {
        var key = new byte[MasterKeys.KeyLength];
        return Convert.TryFromBase64String(text, key, out var length) && length == MasterKeys.KeyLength
            ? key
            : throw new MasterKeysUnreadableException(text.StartsWith(TransitMasterKeys.Mark, StringComparison.Ordinal)
                ? $"{source} is closed by a key service; set LAUREL_VAULT_ADDRESS to where it is."
                : $"{source} must be {MasterKeys.KeyLength} bytes in base64.");
    }
}
