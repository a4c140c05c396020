using System.Runtime.InteropServices;

namespace Laurel.Bench.Load;

/// <summary>The few calls of the C library that .NET has no cheap form of. Linux only.</summary>
internal static unsafe partial class Native
{
    public const int EpollIn = 0x1;
    public const int EpollOut = 0x4;
    public const int EpollAdd = 1;
    public const int EpollModify = 3;
    public const int SignalQuit = 3;
    public const int SignalTerminate = 15;
    public const int Again = 11;
    public const int Interrupted = 4;

    /// <summary>A closed peer answers an error instead of raising SIGPIPE.</summary>
    public const int SendNoSignal = 0x4000;

    private const int SetTimerSlack = 29;
    private const int UsageOfChildren = -1;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int poll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    public static partial int EpollWait(int poll, byte* events, int eventsMax, TimeSpec* timeout, nint signals);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int process, int signal);

    /// <summary>CPU time of every child that has ended and was waited for.</summary>
    public static TimeSpan ChildrenCpu()
    {
        // struct rusage begins with two timevals (user, system) and is 144 bytes on 64-bit Linux.
        var usage = stackalloc long[36];
        return GetUsage(UsageOfChildren, usage) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : TimeSpan.Zero;
    }

    /// <summary>Timers of this thread fire when due, not up to 50 µs later, the kernel's default.</summary>
    public static void SharpenTimers() => _ = ProcessControl(SetTimerSlack, 1, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, long* usage);

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
