namespace Laurel.Engine.Nodes;

/// <summary>This node's time of day, corrected by what the database's clock says, so that nodes on one database tell the same
/// time: points that one of them granted now are not still to come for another.</summary>
/// <remarks>Durations are measured by the machine's own steady clock and never corrected.</remarks>
public sealed class NodeClock(TimeProvider machine) : TimeProvider
{
    /// <summary>Smaller differences are left alone: they lie within the trip to the database and back.</summary>
    public static readonly TimeSpan DifferenceMin = TimeSpan.FromMilliseconds(500);

    private long _correctionTicks;

    /// <summary>Whether it follows the other clock; false tells the machine's own time whatever that one says.</summary>
    public bool IsCorrected { get; init; } = true;

    /// <summary>What is added to the machine's time of day.</summary>
    public TimeSpan Correction => TimeSpan.FromTicks(Interlocked.Read(ref _correctionTicks));

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Correction;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes note of what another clock said between two readings of this machine's.</summary>
    /// <returns>Whether the correction changed.</returns>
    public bool Compare(DateTimeOffset before, DateTimeOffset theirs, DateTimeOffset after)
    {
        // Half of the trip lies before the other clock was read.
        var difference = theirs - (before + ((after - before) / 2));
        var wanted = IsCorrected && difference.Duration() >= DifferenceMin ? difference : TimeSpan.Zero;
        if ((wanted - Correction).Duration() < DifferenceMin)
        {
            return false;
        }

        Interlocked.Exchange(ref _correctionTicks, wanted.Ticks);
        return true;
    }

    /// <summary>The machine's own time of day.</summary>
    public DateTimeOffset MachineNow() => machine.GetUtcNow();
}
