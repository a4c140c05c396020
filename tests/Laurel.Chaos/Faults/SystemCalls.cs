using System.Text.RegularExpressions;
using Laurel.Testing;

namespace Laurel.Chaos.Faults;

/// <summary>What a process asked of the system, in order, as strace writes it.</summary>
internal static partial class SystemCalls
{
    /// <summary>Watches the writes and syncs of files and what is sent over sockets, until the tracer is ended.</summary>
    public static Task<ChildProcess> WatchAsync(int process, CancellationToken cancellationToken) =>
        BrokenSync.AttachAsync(process, ["-y", "-e", "trace=write,pwrite64,fdatasync,fsync,sendmsg,sendto"], cancellationToken);

    /// <summary>Acknowledgements that were sent while pages of the log were not on the disk yet, and how many were sent in all.</summary>
    public static (int Sent, IReadOnlyList<string> TooEarly) Check(string trace)
    {
        var unsynced = false;
        var syncing = new HashSet<string>();
        var (sent, tooEarly) = (0, new List<string>());
        foreach (var line in trace.Split('\n'))
        {
            var thread = Thread().Match(line).Groups["id"].Value;
            if (line.Contains("write", StringComparison.Ordinal) && line.Contains("-wal>", StringComparison.Ordinal))
            {
                unsynced = true;
            }
            else if (line.Contains("sync(", StringComparison.Ordinal) && line.Contains("-wal>", StringComparison.Ordinal))
            {
                unsynced &= !line.EndsWith("= 0", StringComparison.Ordinal);
                syncing.Add(thread);
            }
            else if (line.Contains("sync resumed", StringComparison.Ordinal) && syncing.Contains(thread))
            {
                unsynced &= !line.EndsWith("= 0", StringComparison.Ordinal);
            }
            else if (line.Contains("HTTP/1.1 200", StringComparison.Ordinal))
            {
                sent++;
                if (unsynced)
                {
                    tooEarly.Add(line);
                }
            }
        }

        return (sent, tooEarly);
    }

    [GeneratedRegex(@"\[pid +(?<id>\d+)\]", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Thread();
}
