using System.Reflection;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;

namespace Laurel.Server.Backups;

/// <summary>What a backup is to be.</summary>
/// <param name="Place">A folder, or a file whose name ends with <see cref="BackupArchive.Ending"/>.</param>
/// <param name="Verify">Whether the copy is restored aside and every invariant proved on it.</param>
/// <param name="Retention">Which older archives of the folder are kept; null keeps them all.</param>
internal sealed record BackupRequest(string Place, bool WithKeys, bool Verify, BackupRetention? Retention);

/// <summary>What was backed up.</summary>
/// <param name="Removed">Older archives that were removed.</param>
internal sealed record BackupReport(string File, long Bytes, BackupManifest Manifest, bool Verified, IReadOnlyList<string> Removed);

/// <summary>Takes a backup beside a running server: copies the database into a folder of its own, adds the keys, proves the copy
/// and puts the archive in place when it is whole.</summary>
internal sealed class TakeBackup(LaurelSettings settings, TimeProvider clock, IProgress<BackupProgress> progress)
{
    private readonly DatabaseCopier _copier = DatabaseCopier.For(settings);

    /// <exception cref="BackupException">When there is nothing to back up, the keys are missing, or the copy is not sound.</exception>
    public async Task<BackupReport> RunAsync(BackupRequest request, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var toFile = request.Place.EndsWith(BackupArchive.Ending, StringComparison.Ordinal);
        if (toFile && request.Retention is not null)
        {
            throw new BackupException("--keep-hourly, --keep-daily and --keep-weekly need a folder of archives, not one file.");
        }

        var folder = toFile ? Path.GetDirectoryName(Path.GetFullPath(request.Place))! : Path.GetFullPath(request.Place);
        var shelf = new BackupShelf(folder);
        var file = toFile ? Path.GetFullPath(request.Place) : shelf.FileOf(at);
        if (File.Exists(file))
        {
            throw new BackupException($"There is a file at {file}. A backup never takes the place of another: name a new file, or a folder.");
        }

        var keys = KeysPlaceOf(request.WithKeys);
        BackupArchive.CreatePrivateFolder(folder);
        if (!toFile)
        {
            shelf.RemoveLeftovers(at);
        }

        var staging = file + BackupArchive.StagingEnding;
        if (Directory.Exists(staging))
        {
            throw new BackupException($"There is a folder {staging}: another backup is being written, or one was broken off. Remove it when none is at work.");
        }

        BackupArchive.CreatePrivateFolder(staging);
        try
        {
            var manifest = await StageAsync(staging, at, keys, request.Verify, cancellationToken);
            await BackupArchive.WriteAsync(file, manifest, staging, progress, cancellationToken);
            var removed = request.Retention is { } retention ? shelf.Prune(retention) : [];
            return new BackupReport(file, new FileInfo(file).Length, manifest, request.Verify, removed);
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    private async Task<BackupManifest> StageAsync(string staging, DateTimeOffset at, KeysPlace keys, bool verify, CancellationToken cancellationToken)
    {
        var database = Path.Combine(staging, _copier.PartName);
        var copied = await _copier.CopyAsync(database, progress, cancellationToken);
        List<BackupPart> parts = [await BackupArchive.MeasureAsync(staging, _copier.PartName, cancellationToken)];
        if (keys == KeysPlace.Included)
        {
            parts.Add(await StageKeysAsync(staging, cancellationToken));
        }

        if (verify)
        {
            await VerifyAsync(database, copied, cancellationToken);
        }

        return new BackupManifest
        {
            Format = BackupManifest.FormatVersion,
            LaurelVersion = typeof(TakeBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            Dialect = _copier.Dialect,
            SchemaVersion = copied.SchemaVersion,
            CreatedAt = at,
            Keys = keys,
            Rows = copied.Rows,
            RowsAreExact = copied.AreExact,
            Parts = parts,
        };
    }

    private async Task<BackupPart> StageKeysAsync(string staging, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(staging, KeysFile.Name);
        BackupArchive.CreatePrivateFolder(Path.GetDirectoryName(copy)!);
        File.Copy(KeysFile.Of(settings), copy);
        return await BackupArchive.MeasureAsync(staging, KeysFile.Name, cancellationToken);
    }

    private KeysPlace KeysPlaceOf(bool withKeys)
    {
        if (!withKeys)
        {
            return KeysPlace.LeftOut;
        }

        if (settings.MasterKeys is not null)
        {
            return KeysPlace.Environment;
        }

        return File.Exists(KeysFile.Of(settings))
            ? KeysPlace.Included
            : throw new BackupException(
                $"There are no keys at {KeysFile.Of(settings)}. "
                + "Name the data folder with --data, give LAUREL_MASTER_KEYS, or say --without-keys.");
    }

    private async Task VerifyAsync(string database, CopiedRows copied, CancellationToken cancellationToken)
    {
        await using var restored = await _copier.RestoreAsideAsync(database, cancellationToken);
        await using var opened = LaurelNode.OpenDatabase(restored.Settings, readOnly: true);
        var known = LaurelNode.SchemaVersionOf(opened);
        if (known != copied.SchemaVersion)
        {
            throw new BackupException(
                $"The database has schema {copied.SchemaVersion} and this Laurel is of schema {known}: "
                + "verify with the Laurel that serves it, or leave out --verify.");
        }

        await CopyVerification.RequireSoundAsync(new Verifier(opened), progress, cancellationToken);
    }
}
