using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Laurel.Bench.Load;

/// <summary>Waits until connections can be read, all by one thread and without allocation (epoll,
/// level-triggered).</summary>
internal sealed unsafe class EventPoll : IDisposable
{
    private const int EventsMax = 512;

    // struct epoll_event is packed on x86-64 only, for the sake of 32-bit programs (see epoll_ctl(2)).
    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = s_stride - 8;

    private readonly int _poll;
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed((nuint)(EventsMax * s_stride));

    public EventPoll()
    {
        _poll = Native.EpollCreate(0);
        if (_poll < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    public void Add(int descriptor, int connection, bool untilWritable) =>
        Control(Native.EpollAdd, descriptor, connection, untilWritable);

    public void Modify(int descriptor, int connection, bool untilWritable) =>
        Control(Native.EpollModify, descriptor, connection, untilWritable);

    /// <summary>How many connections are ready; 0 when the time passed.</summary>
    public int Wait(long nanoseconds)
    {
        var timeout = new Native.TimeSpec
        {
            Seconds = nanoseconds / 1_000_000_000,
            Nanoseconds = nanoseconds % 1_000_000_000,
        };
        var ready = Native.EpollWait(_poll, _events, EventsMax, &timeout, 0);
        if (ready >= 0)
        {
            return ready;
        }

        return Marshal.GetLastPInvokeError() == Native.Interrupted
            ? 0
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>The connection of the n-th ready event of the last <see cref="Wait"/>.</summary>
    public int Ready(int index) => (int)*(long*)(_events + (index * s_stride) + s_dataOffset);

    public void Dispose()
    {
        _ = Native.Close(_poll);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int descriptor, int connection, bool untilWritable)
    {
        var change = stackalloc byte[16];
        *(int*)change = untilWritable ? Native.EpollOut : Native.EpollIn;
        *(long*)(change + s_dataOffset) = connection;
        if (Native.EpollControl(_poll, operation, descriptor, change) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }
}
