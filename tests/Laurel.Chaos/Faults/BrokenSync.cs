using Laurel.Testing;
using Xunit;

namespace Laurel.Chaos.Faults;

/// <summary>Lets the system answer EIO to a process that asks for its data to be put on the disk (strace).</summary>
internal static class BrokenSync
{
    private const string Missing = "strace may not trace here";

    /// <summary>Skips the case, or fails it where everything is required, when processes cannot be traced.</summary>
    public static async Task RequireAsync(CancellationToken cancellationToken)
    {
        int exitCode;
        try
        {
            exitCode = (await ChildProcess.RunAsync(new ChildProgram { File = "strace", Arguments = ["-f", "-e", "trace=none", "true"] }, cancellationToken)).ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            exitCode = 127;
        }

        if (exitCode != 0)
        {
            Assert.False(Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1", Missing + ", and LAUREL_REQUIRE_SERVERS asks for it (Debian package strace).");
            Assert.Skip(Missing);
        }
    }

    /// <summary>From now on every sync of a running process fails, until the tracer is disposed.</summary>
    public static Task<ChildProcess> BreakAsync(int process, CancellationToken cancellationToken) =>
        AttachAsync(process, ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO"], cancellationToken);

    /// <summary>Traces a running process with these options of strace.</summary>
    public static async Task<ChildProcess> AttachAsync(int process, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var tracer = ChildProcess.Start(new ChildProgram { File = "strace", Arguments = ["-f", .. options, "-p", $"{process}"] });
        var begun = TimeProvider.System.GetTimestamp();
        while (!tracer.Errors.Contains("attached", StringComparison.Ordinal))
        {
            Assert.True(!tracer.HasExited && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(20), $"strace did not attach: {tracer.Errors}");
            await Task.Delay(20, cancellationToken);
        }

        return tracer;
    }
}
