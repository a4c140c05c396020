using System.Runtime;

namespace Laurel.Server.Imports;

/// <summary>Keeps the collector away from blocks of work whose objects all live until the end of the block: to collect among them
/// copies them two times and frees nothing, which took a sixth of an import.</summary>
/// <param name="bytes">What a block takes. One that takes more is collected as ever.</param>
/// <param name="largeBytes">What of it is in objects of 85,000 bytes and more, which have a place of their own.</param>
internal sealed class CollectionPause(long bytes, long largeBytes) : IDisposable
{
    // The process takes several times as much as its live objects while it pauses, so it must be there.
    private readonly bool _affordable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 16 * bytes;

    /// <summary>Ends a block and begins the next: what the last one left is collected in between.</summary>
    public void Renew()
    {
        Dispose();
        if (_affordable)
        {
            GC.TryStartNoGCRegion(bytes, largeBytes);
        }
    }

    public void Dispose()
    {
        // A block that took more has ended its pause itself.
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }
    }
}
