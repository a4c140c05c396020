using System.Runtime.InteropServices;

namespace Laurel.Testing;

/// <summary>Signals of POSIX, by which tests end what they started.</summary>
internal static partial class Signals
{
    public const int Quit = 3;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Send(int process, int signal);
}
