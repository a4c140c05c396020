namespace Laurel.Platform.Webhooks;

/// <summary>When a delivery that failed is tried again: the schedule of Standard Webhooks 1.0.0, about 76 hours in all.</summary>
internal static class RetrySchedule
{
    /// <summary>How much later than the schedule says an attempt may be made, so that many do not come at once.</summary>
    public const double JitterMax = 0.2;

    // Before each attempt; the first is made at once.
    private static readonly TimeSpan[] s_delays =
    [
        TimeSpan.Zero,
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>Attempts of one delivery in all.</summary>
    public static int AttemptsMax => s_delays.Length;

    /// <summary>How long to wait after so many attempts; null when that was the last one.</summary>
    /// <param name="attempts">Attempts made so far, 1 or more.</param>
    /// <param name="chance">From 0 to 1: how much of the jitter to take.</param>
    /// <param name="asked">What the receiver asked for in <c>Retry-After</c>, or null. It may only lengthen the wait, by a day
    /// at the most.</param>
    public static TimeSpan? DelayAfter(int attempts, double chance, TimeSpan? asked)
    {
        if (attempts >= AttemptsMax)
        {
            return null;
        }

        var delay = s_delays[attempts] * (1 + (JitterMax * chance));
        var least = asked is { } wait ? TimeSpan.FromTicks(Math.Min(wait.Ticks, TimeSpan.TicksPerDay)) : TimeSpan.Zero;
        return delay > least ? delay : least;
    }
}
