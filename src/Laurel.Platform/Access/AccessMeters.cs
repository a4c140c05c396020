using Laurel.Platform.Limits;

namespace Laurel.Platform.Access;

/// <summary>Begins the figures of access and of limits.</summary>
public static class AccessMeters
{
    /// <summary>Makes every series known before its first event.</summary>
    public static void Begin()
    {
        AccessMetrics.Begin();
        LimitMetrics.Begin();
    }
}
