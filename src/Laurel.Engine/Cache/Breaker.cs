namespace Laurel.Engine.Cache;

/// <summary>Keeps from asking what does not answer: after <see cref="FailuresMax"/> failures in a row nobody asks for
/// <see cref="Pause"/>, then one may try.</summary>
internal sealed class Breaker(TimeProvider clock)
{
    public const int FailuresMax = 3;

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private int _failures;
    private long _openedAt;

    /// <summary>Whether nobody may ask now.</summary>
    public bool IsOpen => Volatile.Read(ref _failures) >= FailuresMax && clock.GetElapsedTime(Interlocked.Read(ref _openedAt)) < Pause;

    /// <summary>Whether the caller may ask now; after a pause exactly one may.</summary>
    public bool Allows()
    {
        if (Volatile.Read(ref _failures) < FailuresMax)
        {
            return true;
        }

        var openedAt = Interlocked.Read(ref _openedAt);
        return clock.GetElapsedTime(openedAt) >= Pause
            && Interlocked.CompareExchange(ref _openedAt, clock.GetTimestamp(), openedAt) == openedAt;
    }

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) != 0)
        {
            Volatile.Write(ref _failures, 0);
        }
    }

    public void Failed()
    {
        Interlocked.Exchange(ref _openedAt, clock.GetTimestamp());
        Interlocked.Exchange(ref _failures, Math.Min(FailuresMax, Volatile.Read(ref _failures) + 1));
    }
}
