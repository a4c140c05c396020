using System.Runtime.InteropServices;

namespace Laurel.Identity.Passwords;

/// <summary>Makes the calling thread give way to the others of the machine. The runtime does not carry the priority of a thread to Linux, which has one for
/// each thread.</summary>
internal static class PoliteThread
{
    private const int OfProcessOrThread = 0;
    private const int Niceness = 10;
    private const uint PolicyBatch = 3;

    /// <summary>The least that Linux gives. A step of the ledger passes through threads of this process and of the database; each may find a thread that
    /// reckons a hash where it wakes up, and waits until that one's slice ends.</summary>
    private const ulong SliceNanoseconds = 100_000;

    /// <summary>Where nothing of it can be had, the thread works the same, only not as politely.</summary>
    public static void GiveWay()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetPriority(OfProcessOrThread, 0, Niceness);
            var attributes = new Attributes
            {
                Size = (uint)Marshal.SizeOf<Attributes>(),
                Policy = PolicyBatch,
                Nice = Niceness,
                Runtime = SliceNanoseconds,
            };
            if (NumberOfSetAttributes is { } number)
            {
                // Kernels before 6.12 take the policy and know no slices of single threads.
                _ = SystemCall(number, 0, in attributes, 0);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library.
        }
    }

    // sched_setattr(2) has no name in the C libraries of some distributions that are still in use.
    private static long? NumberOfSetAttributes => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 314,
        Architecture.Arm64 => 274,
        _ => null,
    };

    // setpriority(2): of the calling thread where the id is 0.
    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);

    // syscall(2).
    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long SystemCall(long number, int thread, in Attributes attributes, uint flags);

    /// <summary>struct sched_attr, its first form.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
