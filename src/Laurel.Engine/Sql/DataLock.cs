namespace Laurel.Engine.Sql;

/// <summary>Keeps a second writing process away from a data folder by an operating-system lock on <c>DATA/lock</c>.</summary>
/// <remarks>The lock dies with its process, so a crash leaves nothing to clean up. The file names its holder.</remarks>
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
            stream.SetLength(0);
            stream.Write(System.Text.Encoding.UTF8.GetBytes($"{verb}, process {Environment.ProcessId}"));
            stream.Flush();
            return (new DataLock(stream), null);
        }
        catch (IOException)
        {
            return (null, ReadHolder(file));
        }
    }

    public void Dispose() => _stream.Dispose();

    private static string ReadHolder(string file)
    {
        try
        {
            // Reading without asking for a share takes no lock of its own, so the holder's words can be read.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
