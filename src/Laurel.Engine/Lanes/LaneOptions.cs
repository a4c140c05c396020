namespace Laurel.Engine.Lanes;

/// <summary>The limits of the lanes. bench/results was measured with the defaults.</summary>
public sealed record LaneOptions
{
    public const int LaneCountMax = 32;

    /// <summary>Lanes of this node, 1 to <see cref="LaneCountMax"/>; SQLite always has one.</summary>
    public int LaneCount { get; init; } = 1;

    /// <summary>Commands of one batch at the most, at the least 1. More make a batch cheaper for each and its callers wait longer.</summary>
    public int BatchCommandsMax { get; init; } = 512;

    /// <summary>Commands waiting in one lane after which a further request is answered BUSY: a tenth of a second's work, so that
    /// a caller beyond what the node can do is told at once.</summary>
    public int QueueCommandsMax { get; init; } = 1_024;

    /// <summary>How long a command may wait before it is answered BUSY instead of being carried out.</summary>
    public TimeSpan QueueWaitMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Times a batch is tried before its callers are told.</summary>
    public int AttemptsMax { get; init; } = 8;

    /// <summary>How long the fate of a broken commit is inquired for before its callers are told it is unknown.</summary>
    public TimeSpan ResolveWaitMax { get; init; } = TimeSpan.FromSeconds(20);
}
