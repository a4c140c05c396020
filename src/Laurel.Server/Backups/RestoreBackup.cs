using Laurel.Membership.Verification;
using Laurel.Server.Hosting;

namespace Laurel.Server.Backups;

/// <summary>What was restored.</summary>
/// <param name="MigrationsApplied">How many the schema lacked.</param>
/// <param name="Keys">What became of the keys, in a sentence.</param>
internal sealed record RestoreReport(BackupManifest Manifest, int MigrationsApplied, string Keys);

/// <summary>Restores an archive: hashes first, then the database, its schema, its proof, and only then in place. When a step
/// fails, what was there before stands.</summary>
internal sealed class RestoreBackup(LaurelSettings settings, TimeProvider clock, IProgress<BackupProgress> progress)
{
    private readonly DatabaseCopier _copier = DatabaseCopier.For(settings);

    /// <param name="replace">Whether a database and keys that are there may be replaced.</param>
    /// <exception cref="BackupException">When the archive is damaged or of another dialect, the place is taken, or the result is not
    /// sound.</exception>
    public async Task<RestoreReport> RunAsync(string file, bool replace, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new BackupException($"There is no file at {file}.");
        }

        BackupArchive.CreatePrivateFolder(settings.DataFolder);
        using var alone = await _copier.KeepServersOutAsync(cancellationToken);
        if (!replace && await _copier.OccupantAsync(cancellationToken) is { } occupant)
        {
            throw new BackupException(occupant + " Restore into an empty place, or say --replace to give it up for the backup.");
        }

        var staging = Path.Combine(settings.DataFolder, ".restore");
        if (Directory.Exists(staging))
        {
            // Left by a restore that was killed. The lock, or the empty database, says that no other is at work.
            Directory.Delete(staging, recursive: true);
        }

        BackupArchive.CreatePrivateFolder(staging);
        try
        {
            var manifest = await BackupArchive.ReadAsync(file, staging, progress, cancellationToken);
            await RequireFittingAsync(manifest);
            var keys = RestoredKeys.Plan(settings, staging, replace);
            var applied = await RestoreAsync(manifest, Path.Combine(staging, _copier.PartName), keys, cancellationToken);
            return new RestoreReport(manifest, applied, keys.Outcome);
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    private async Task<int> RestoreAsync(BackupManifest manifest, string part, RestoredKeys keys, CancellationToken cancellationToken)
    {
        progress.Report(new BackupProgress("Restoring the database", 0, 0));
        await using var restored = await _copier.RestoreAsync(part, cancellationToken);
        RequireCounts(manifest, await _copier.CountAsync(restored.Settings, cancellationToken));
        progress.Report(new BackupProgress("Bringing the schema up to date", 0, 0));
        var applied = await LaurelNode.MigrateAsync(restored.Settings, clock, cancellationToken);
        await using (var opened = LaurelNode.OpenDatabase(restored.Settings, readOnly: true))
        {
            await CopyVerification.RequireSoundAsync(new Verifier(opened), progress, cancellationToken);
        }

        // The keys first: a database without its keys could be served, and would be given new ones.
        keys.PutInPlace();
        await restored.KeepAsync(cancellationToken);
        return applied.Count;
    }

    private async Task RequireFittingAsync(BackupManifest manifest)
    {
        if (manifest.Dialect != _copier.Dialect)
        {
            throw new BackupException(
                $"The archive is of {manifest.Dialect} and the settings name {_copier.Dialect}: "
                + "an archive goes back into the dialect it came from.");
        }

        if (manifest.Parts.All(part => part.Name != _copier.PartName))
        {
            throw new BackupException($"The archive holds no {_copier.PartName}.");
        }

        await using var database = LaurelNode.OpenDatabase(settings, readOnly: true);
        var known = LaurelNode.SchemaVersionOf(database);
        if (manifest.SchemaVersion > known)
        {
            throw new BackupException(
                $"The archive has schema {manifest.SchemaVersion} and this Laurel knows {known}: "
                + $"restore with Laurel {manifest.LaurelVersion} or later. Nothing was changed.");
        }
    }

    private static void RequireCounts(BackupManifest manifest, CopiedRows found)
    {
        var wrong = manifest.Rows
            .Where(row => found.Rows.GetValueOrDefault(row.Key) is var count && (manifest.RowsAreExact ? count != row.Value : count < row.Value))
            .Select(row => $"{row.Key} has {found.Rows.GetValueOrDefault(row.Key)} rows and should have {row.Value}")
            .ToList();
        if (wrong.Count > 0)
        {
            throw new BackupException($"What was restored is not what was backed up: {string.Join(", ", wrong)}.");
        }
    }
}
