namespace Laurel.Engine.Sql;

/// <summary>Keeps a second writing process away from a data folder by an operating-system lock on <c>DATA/lock</c>.</summary>
/// <remarks>The lock dies with its process, so a crash leaves nothing to clean up. A file beside it, <c>DATA/lock-holder</c>,
/// names who took it last: a file that is locked whole can be read by nobody else.</remarks>
public sealed class DataLock : IDisposable
{
    private readonly FileStream _stream;

    private DataLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock, or says who has it.</summary>
    /// <param name="verb">What this process does, for the next one that asks.</param>
    public static (DataLock? Lock, string? Holder) TryTake(string folder, string verb)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "lock");
        try
        {
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(HolderFile(folder), $"{verb}, process {Environment.ProcessId}");
            return (new DataLock(stream), null);
        }
        catch (IOException)
        {
            return (null, ReadHolder(folder));
        }
    }

    public void Dispose() => _stream.Dispose();

    private static string HolderFile(string folder) => Path.Combine(folder, "lock-holder");

    private static string ReadHolder(string folder)
    {
        try
        {
            return File.ReadAllText(HolderFile(folder));
        }
        catch (IOException)
        {
            // Taken a moment ago, and not named yet.
            return "another process";
        }
    }
}
