namespace Laurel.Kernel;

/// <summary>Draws 64-bit ids: 41 bits of milliseconds since 2020, 10 bits of node, 12 bits of sequence.</summary>
/// <remarks>Every id is greater than the one before. When the clock stands still or goes back, the generator goes on
/// from its own last id, so ids never repeat and never invert. Not thread-safe: each lane draws under its own lock.</remarks>
public sealed class IdGenerator(TimeProvider clock, int node)
{
    public const int NodeMax = (1 << NodeBits) - 1;

    private const int NodeBits = 10;
    private const int SequenceBits = 12;
    private const long SequenceMask = (1L << SequenceBits) - 1;
    private static readonly long s_epochMilliseconds = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private readonly Lock _lock = new();
    private readonly long _node = node is >= 0 and <= NodeMax ? node : throw new ArgumentOutOfRangeException(nameof(node));
    private long _tick;
    private long _sequence;

    /// <param name="after">An id drawn before this generator was made.</param>
    /// <param name="ahead">How far beyond it others may have been drawn.</param>
    public IdGenerator(TimeProvider clock, int node, long after, TimeSpan ahead)
        : this(clock, node) => _tick = after == 0 ? 0 : (after >> (NodeBits + SequenceBits)) + (long)ahead.TotalMilliseconds;

    /// <summary>The number of the node whose ids it draws.</summary>
    public int Node => (int)_node;

    /// <summary>The number of the node that drew an id.</summary>
    public static int NodeOf(long id) => (int)((id >> SequenceBits) & NodeMax);

    /// <summary>An id that is smaller than every one drawn at or after the instant.</summary>
    public static long FirstOf(Instant time) =>
        Math.Max(0, (time.UnixMicroseconds / 1_000) - s_epochMilliseconds) << (NodeBits + SequenceBits);

    /// <summary>The instant at which an id was drawn, to the millisecond, by the clock of its node.</summary>
    public static Instant TimeOf(long id) => new(((id >> (NodeBits + SequenceBits)) + s_epochMilliseconds) * 1_000);

    /// <summary>The next id, greater than every one drawn before and than <paramref name="floor"/>.</summary>
    /// <param name="floor">The member's last id: another node whose clock runs ahead may have drawn it.</param>
    public long Next(long floor)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds() - s_epochMilliseconds;
            var least = Math.Max(_tick, floor >> (NodeBits + SequenceBits));
            if (now > least)
            {
                (_tick, _sequence) = (now, 0);
            }
            else if (least > _tick)
            {
                // The floor is ahead of us: go past its millisecond, keeping our own node bits.
                (_tick, _sequence) = (least + 1, 0);
            }
            else if (++_sequence > SequenceMask)
            {
                (_tick, _sequence) = (_tick + 1, 0);
            }

            var id = (_tick << (NodeBits + SequenceBits)) | (_node << SequenceBits) | _sequence;
            if (id <= floor)
            {
                (_tick, _sequence) = (_tick + 1, 0);
                id = (_tick << (NodeBits + SequenceBits)) | (_node << SequenceBits);
            }

            return id;
        }
    }
}
