using Laurel.Server.Hosting;

namespace Laurel.Server.Diagnosis;

/// <summary>What can be said of the machine: how its kernel shares the processors between Laurel and a database beside it.</summary>
internal static class MachineChecks
{
    private const string Subject = "machine";

    private const string Autogroup = "/proc/sys/kernel/sched_autogroup_enabled";

    public static IEnumerable<Finding> Run(LaurelSettings settings) =>
        File.Exists(Autogroup) && settings.DatabaseUrl is { } url ? [Judge(new Uri(url).IsLoopback, File.ReadAllText(Autogroup).Trim() == "1")] : [];

    /// <param name="isBeside">Whether the database runs on this machine.</param>
    /// <param name="isGrouped">Whether each session has a share of its own, whatever the niceness of its threads.</param>
    internal static Finding Judge(bool isBeside, bool isGrouped) => isBeside && isGrouped
        ? Finding.Warning(
            Subject,
            "The kernel groups processes by session, so the hash of a password is not put behind the database on this machine: while people sign in, writes wait.",
            "Switch it off: sysctl -w kernel.sched_autogroup_enabled=0, for good with deploy/sysctl/90-laurel.conf in /etc/sysctl.d (docs/operate/deploy.md).")
        : Finding.Fine(Subject, "Nothing keeps hashes of passwords from waiting for the database.");
}
