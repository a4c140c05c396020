using Laurel.Kernel;

namespace Laurel.Platform.Access;

/// <summary>Who is behind a call: the caller itself first, then whoever made it, gave it its role or its secret, and those behind them. Two calls
/// whose hands meet are of one person wherever two are needed.</summary>
/// <remarks>At most <see cref="CountMax"/>: behind a longer chain anybody may be, so it meets everybody. Stored as 16 bytes for each hand.</remarks>
public sealed class Hands : IEquatable<Hands>
{
    public const int CountMax = 8;

    private const int HashLength = 16;

    private readonly Hash128[] _hands;

    private Hands(Hash128[] hands) => _hands = hands;

    /// <summary>Nobody: it meets nobody.</summary>
    public static Hands None { get; } = new([]);

    /// <summary>Somebody behind whom anybody may be.</summary>
    public static Hands Anybody { get; } = new([new Hash128(ulong.MaxValue, ulong.MaxValue)]);

    /// <summary>A hand, and those behind it.</summary>
    /// <param name="own">The hand of the person or of the key itself.</param>
    /// <param name="behind">Of who made it, of who gave it what it may do; null where nobody did.</param>
    public static Hands Of(Hash128 own, params ReadOnlySpan<Hands?> behind)
    {
        var hands = new List<Hash128> { own };
        foreach (var others in behind)
        {
            hands.AddRange(others?._hands ?? []);
        }

        return Of(hands);
    }

    /// <summary>Those of both; null where there are none.</summary>
    public static Hands? Both(Hands? one, Hands? other) => one is null || other is null ? one ?? other : Of([.. one._hands, .. other._hands]);

    /// <summary>Whether somebody is behind both.</summary>
    public bool Meets(Hands other)
    {
        if (_hands.Length == 0 || other._hands.Length == 0)
        {
            return false;
        }

        return IsAnybody || other.IsAnybody || Array.Exists(_hands, hand => Array.IndexOf(other._hands, hand) >= 0);
    }

    /// <exception cref="InvariantBrokenException">When it is no whole number of hands.</exception>
    public static Hands FromBytes(ReadOnlySpan<byte> bytes)
    {
        Invariant.Require(bytes.Length % HashLength == 0, "Hands are stored as 16 bytes each.");
        var hands = new Hash128[bytes.Length / HashLength];
        for (var i = 0; i < hands.Length; i++)
        {
            hands[i] = Hash128.FromBytes(bytes[(i * HashLength)..]);
        }

        return new Hands(hands);
    }

    public byte[] ToBytes() => [.. _hands.SelectMany(hand => hand.ToBytes())];

    public bool Equals(Hands? other) => other is not null && _hands.AsSpan().SequenceEqual(other._hands);

    public override bool Equals(object? obj) => Equals(obj as Hands);

    public override int GetHashCode() => _hands.Length == 0 ? 0 : _hands[0].GetHashCode();

    private bool IsAnybody => Array.IndexOf(_hands, Anybody._hands[0]) >= 0;

    private static Hands Of(List<Hash128> hands)
    {
        var distinct = hands.Distinct().ToArray();
        return distinct.Length > CountMax ? new Hands([distinct[0], .. Anybody._hands]) : new Hands(distinct);
    }
}
