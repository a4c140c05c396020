using System.Globalization;

namespace Laurel.Bench.Load;

/// <summary>What Linux tells of a process in <c>/proc</c> (see proc_pid_stat(5) and proc_pid_status(5)).</summary>
internal static class ProcessFacts
{
    // USER_HZ is 100 on every architecture that .NET runs on.
    private const double ClockTicksPerSecond = 100;

    /// <summary>User and system time so far, to 10 ms; null when the process is gone.</summary>
    public static double? CpuSeconds(int process)
    {
        try
        {
            // The second field is the name in brackets and may hold spaces; fields 14 and 15 are utime and stime.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture)
                + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return ticks / ClockTicksPerSecond;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Time that all processes and the kernel have been at work since the machine started, over all
    /// cores.</summary>
    public static double MachineCpuSeconds()
    {
        // "cpu" and then user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user
        // (proc_stat(5)).
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ticks = fields[1..9].Select(static field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / ClockTicksPerSecond;
    }

    /// <summary>The most memory the process ever held at once (VmHWM), in MiB; null when the process is gone.</summary>
    public static double? PeakResidentMebibytes(int process)
    {
        try
        {
            const string name = "VmHWM:";
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith(name));
            return line is null
                ? null
                : long.Parse(line.AsSpan(name.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
