using Laurel.Engine.Sql;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;

namespace Laurel.Server.Diagnosis;

/// <summary>What can be said of the data folder: rights, space, keys, lock.</summary>
internal static class FolderChecks
{
    /// <summary>Below it there is a fault: a checkpoint or a day's log may fill it.</summary>
    private const long FreeBytesMin = 100L * 1024 * 1024;

    /// <summary>Below it there is a warning.</summary>
    private const long FreeBytesSoon = 1024L * 1024 * 1024;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    public static async Task<IReadOnlyList<Finding>> RunAsync(LaurelSettings settings, CancellationToken cancellationToken) =>
        [.. Folder(settings), .. await KeysAsync(settings, cancellationToken)];

    private static IEnumerable<Finding> Folder(LaurelSettings settings)
    {
        yield return Rights(settings);
        if (Directory.Exists(settings.DataFolder))
        {
            yield return Space(settings);
            if (settings.Database == DatabaseKind.Sqlite)
            {
                yield return Lock(settings);
            }
        }
    }

    private static Finding Rights(LaurelSettings settings)
    {
        const string Subject = "data folder";
        var folder = settings.DataFolder;
        if (!Directory.Exists(folder))
        {
            return Finding.Warning(
                Subject,
                $"{folder} does not exist.",
                "The first start makes it; where it should exist, name the right one with --data or LAUREL_DATA.");
        }

        var remedy = $"Give it to the user that runs Laurel: chown -R {Environment.UserName} {folder} && chmod u+rwx {folder}";
        try
        {
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault(Subject, $"{folder} cannot be written: {exception.Message}", remedy);
        }

        var locked = Directory.EnumerateFiles(folder, "laurel.db*").FirstOrDefault(file => !IsWritable(file));
        return locked is null
            ? Finding.Fine(Subject, $"{folder} can be written.")
            : Finding.Fault(Subject, $"{locked} cannot be written.", remedy);
    }

    private static bool IsWritable(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Finding Space(LaurelSettings settings)
    {
        const string Subject = "disk";
        var free = new DriveInfo(settings.DataFolder).AvailableFreeSpace;
        var text = $"{free / (1024 * 1024):N0} MiB are free for {settings.DataFolder}.";
        const string Remedy = "Make room or move the folder: a full disk stops every write.";
        return free switch
        {
            < FreeBytesMin => Finding.Fault(Subject, text, Remedy),
            < FreeBytesSoon => Finding.Warning(Subject, text, Remedy),
            _ => Finding.Fine(Subject, text),
        };
    }

    private static Finding Lock(LaurelSettings settings)
    {
        if (!File.Exists(Path.Combine(settings.DataFolder, "lock")))
        {
            return Finding.Fine("lock", "No process has written here yet.");
        }

        var (taken, holder) = DataLock.TryTake(settings.DataFolder, "doctor");
        taken?.Dispose();
        return taken is null
            ? Finding.Fine("lock", $"The folder is in use by {holder}; another writing process would be refused.")
            : Finding.Fine("lock", "The folder is free.");
    }

    private static async Task<IReadOnlyList<Finding>> KeysAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        const string Subject = "keys";
        var file = Path.Combine(settings.DataFolder, "keys", "master.json");
        if (settings.MasterKeys is null && !File.Exists(file))
        {
            return
            [
                File.Exists(settings.SqliteFile)
                    ? Finding.Fault(
                        Subject,
                        $"There is a database, and its keys {file} are missing.",
                        "Put the file back from a backup before anything is started: a start would make new keys, which open none of the stored personal data.")
                    : Finding.Fine(Subject, "There are no keys yet; the first start makes them."),
            ];
        }

        List<Finding> findings = [await ReadableAsync(settings, file, cancellationToken)];
        if (settings.MasterKeys is null && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None)
        {
            findings.Add(Finding.Fault(
                Subject,
                $"{file} can be read or written by other users.",
                $"chmod 600 {file}, and rotate the keys if somebody may have read them."));
        }

        return findings;
    }

    private static async Task<Finding> ReadableAsync(LaurelSettings settings, string file, CancellationToken cancellationToken)
    {
        try
        {
            var keys = await LaurelNode.LoadKeysAsync(settings, cancellationToken);
            return Finding.Fine("keys", $"The keys can be read; the current one is '{keys.CurrentId}'.");
        }
        catch (Exception exception) when (exception is MasterKeysUnreadableException or IOException or UnauthorizedAccessException)
        {
            var remedy = settings.MasterKeys is null ? $"Put {file} back from a backup, readable by the user that runs Laurel." : "Write LAUREL_MASTER_KEYS as id:base64,id:base64,index:base64.";
            return Finding.Fault("keys", exception.Message, remedy);
        }
    }
}
