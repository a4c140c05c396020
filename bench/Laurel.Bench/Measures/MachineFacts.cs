using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Laurel.Bench.Load;

namespace Laurel.Bench.Measures;

/// <summary>The machine that a run was made on: figures of another one do not compare.</summary>
internal sealed record MachineFacts
{
    private const string AutogroupFile = "/proc/sys/kernel/sched_autogroup_enabled";
    private const int FsyncCount = 300;
    private const int FsyncBytes = 4096;

    public required string Processor { get; init; }

    public required int Cores { get; init; }

    public required double MemoryMebibytes { get; init; }

    public required string Kernel { get; init; }

    /// <summary>Whether the kernel gives each session a share of its own (docs/adr/0119); null where it cannot.</summary>
    public required bool? Autogroup { get; init; }

    public required string Runtime { get; init; }

    /// <summary>File system of the folder that holds the databases.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Milliseconds to write 4 KiB at the end of a file there and have it on the disk.</summary>
    public required Percentiles FsyncMilliseconds { get; init; }

    public static MachineFacts Of(string workFolder) => new()
    {
        Processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name"))
            ?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = Environment.ProcessorCount,
        MemoryMebibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1048576.0,
        Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Autogroup = File.Exists(AutogroupFile) ? File.ReadAllText(AutogroupFile).Trim() == "1" : null,
        Runtime = RuntimeInformation.FrameworkDescription,
        FileSystem = FileSystemOf(workFolder),
        FsyncMilliseconds = MeasureFsync(workFolder),
    };

    private static string FileSystemOf(string folder) => DriveInfo.GetDrives()
        .Where(drive => folder.StartsWith(drive.Name))
        .OrderByDescending(static drive => drive.Name.Length)
        .Select(static drive => drive.DriveFormat)
        .FirstOrDefault("unknown");

    private static Percentiles MeasureFsync(string folder)
    {
        var histogram = new Histogram();
        var block = new byte[FsyncBytes];
        var path = Path.Combine(folder, "fsync-probe");
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (var index = 0; index < FsyncCount; index++)
            {
                var startedAt = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, block, index * (long)FsyncBytes);
                RandomAccess.FlushToDisk(file);
                histogram.Record((long)Stopwatch.GetElapsedTime(startedAt).TotalNanoseconds);
            }
        }

        File.Delete(path);
        return histogram.ToPercentiles();
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryMebibytes:N0} MiB, Linux {Kernel}{(Autogroup is true ? " with autogroup" : "")}, {Runtime}, {FileSystem}, "
            + $"fsync {FsyncMilliseconds.P50:0.00} ms (p99 {FsyncMilliseconds.P99:0.00})");
}
