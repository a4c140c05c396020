using System.Runtime.InteropServices;

namespace Laurel.Identity.Passwords;

/// <summary>Makes the calling thread give way to the others. The runtime does not carry the priority of a thread to Linux, which has one for each
/// thread.</summary>
internal static class PoliteThread
{
    private const int OfProcessOrThread = 0;
    private const int Niceness = 10;

    /// <summary>Where it cannot be had, the thread works the same, only not as politely.</summary>
    public static void GiveWay()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetPriority(OfProcessOrThread, 0, Niceness);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library.
        }
    }

    // setpriority(2): of the calling thread where the id is 0.
    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}
