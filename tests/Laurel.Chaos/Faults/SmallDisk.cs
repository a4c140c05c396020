using Laurel.Testing;
using Xunit;

namespace Laurel.Chaos.Faults;

/// <summary>A disk of a few megabytes under a node's data folder: a tmpfs in a mount namespace of the node's own.</summary>
internal static class SmallDisk
{
    private const string Missing = "Mount namespaces are not allowed here (unshare -rm)";

    /// <summary>Skips the case, or fails it where everything is required, when no such disk can be made.</summary>
    public static async Task RequireAsync(CancellationToken cancellationToken)
    {
        ChildOutcome outcome;
        try
        {
            outcome = await ChildProcess.RunAsync(
                new ChildProgram { File = "unshare", Arguments = ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"] },
                cancellationToken);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            outcome = new ChildOutcome(127, "", "");
        }

        if (outcome.ExitCode != 0)
        {
            Assert.False(Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1", $"{Missing}: {outcome.Errors}");
            Assert.Skip(Missing);
        }
    }

    /// <summary>The same program, seeing an empty disk of this size where the folder is.</summary>
    public static ChildProgram Under(ChildProgram program, string folder, int megabytes) => program with
    {
        File = "unshare",
        Arguments =
        [
            "-rm", "sh", "-c", "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && cd \"$2\" && shift 2 && exec \"$@\"", "sh",
            $"{megabytes}m", folder, program.File, .. program.Arguments,
        ],
    };

    /// <summary>Fills what is left of the disk that a process sees.</summary>
    public static void Fill(int process, string folder)
    {
        using var ballast = new FileStream(BallastOf(process, folder), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // No space is left on it: that was the purpose.
        }
    }

    public static void Free(int process, string folder) => File.Delete(BallastOf(process, folder));

    // The root that a process sees is a folder of /proc to everybody else.
    private static string BallastOf(int process, string folder) => $"/proc/{process}/root{folder}/ballast";
}
