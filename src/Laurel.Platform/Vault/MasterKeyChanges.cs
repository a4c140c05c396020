using System.Security.Cryptography;

namespace Laurel.Platform.Vault;

/// <summary>What an operator does to the key file. Nodes read it when they start.</summary>
/// <param name="dataFolder">As <see cref="MasterKeys.LoadAsync"/> has it.</param>
public sealed class MasterKeyChanges(string dataFolder, IMasterKeyGuard guard, RandomNumberGenerator random)
{
    private readonly string _path = MasterKeyFile.PathIn(dataFolder);

    /// <summary>Draws a key and puts it behind the others: it opens, and nothing is sealed under it yet.</summary>
    /// <exception cref="MasterKeysUnreadableException">When the id is taken or none, or there is no file; so of all that follow.</exception>
    public Task AddAsync(string id, CancellationToken cancellationToken) => ChangeAsync(async document =>
    {
        if (!MasterKeys.IsId(id) || id == MasterKeys.IndexKeyId || document.MasterKeys.Any(entry => entry?.Id == id))
        {
            throw new MasterKeysUnreadableException($"'{id}' is taken, or is no id: 1 to {MasterKeys.IdLengthMax} letters, digits, '-', '_' or '.'.");
        }

        var text = await guard.CloseAsync(Convert.FromBase64String(MasterKeyFile.DrawKey(random)), cancellationToken);
        return document with { MasterKeys = [.. document.MasterKeys, new MasterKeyEntry(id, text)] };
    });

    /// <summary>Puts a key in front: from its next start on, a node seals under it.</summary>
    public Task UseAsync(string id) => ChangeAsync(document =>
    {
        var entry = EntryOf(document, id);
        return Task.FromResult(document with { MasterKeys = [entry, .. document.MasterKeys.Where(other => other != entry)] });
    });

    /// <summary>Takes a key away. Whether anything is still under it, the caller has asked <see cref="VaultSurvey"/>.</summary>
    public Task DropAsync(string id) => ChangeAsync(document =>
    {
        var entry = EntryOf(document, id);
        return document.MasterKeys[0] == entry
            ? throw new MasterKeysUnreadableException($"'{id}' is the current key; put another one in front first.")
            : Task.FromResult(document with { MasterKeys = [.. document.MasterKeys.Where(other => other != entry)] });
    });

    /// <summary>Has every key closed anew by the guard.</summary>
    /// <returns>How many of them stand otherwise than before.</returns>
    public async Task<int> RenewAsync(CancellationToken cancellationToken)
    {
        var renewed = 0;
        async Task<string> RenewAsync(string text)
        {
            var closed = await guard.RenewAsync(text, cancellationToken);
            renewed += closed == text ? 0 : 1;
            return closed;
        }

        await ChangeAsync(async document =>
        {
            var entries = new List<MasterKeyEntry?>();
            foreach (var entry in document.MasterKeys)
            {
                entries.Add(entry is null ? null : entry with { Key = await RenewAsync(entry.Key) });
            }

            return new MasterKeyDocument(entries, await RenewAsync(document.IndexKey));
        });
        return renewed;
    }

    private static MasterKeyEntry EntryOf(MasterKeyDocument document, string id) =>
        document.MasterKeys.FirstOrDefault(entry => entry?.Id == id) ?? throw new MasterKeysUnreadableException($"There is no key '{id}'.");

    private Task ChangeAsync(Func<MasterKeyDocument, Task<MasterKeyDocument>> change) => File.Exists(_path)
        ? MasterKeyFile.ChangeAsync(_path, random, change)
        : throw new MasterKeysUnreadableException($"There is no key file {_path}.");
}
