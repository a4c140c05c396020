using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>Where an event is stored: its batch and its place in it. Both stand in its id, <c>911852878417625088-0</c>.</summary>
internal readonly record struct EventPlace(long BatchId, int Index)
{
    public const int TextLengthMax = 32;

    /// <exception cref="InvariantBrokenException">When the id is not one of the store's.</exception>
    public static EventPlace Of(string id) =>
        TryParse(id, out var place) ? place : throw new InvariantBrokenException("The id of a stored event names its batch and its place.");

    public static bool TryParse(string id, out EventPlace place)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        var index = 0;
        var parsed = long.TryParse(id.AsSpan(0, Math.Max(0, dash)), NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
            && int.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index);
        place = new EventPlace(batch, index);
        return parsed;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BatchId}-{Index}");
}
