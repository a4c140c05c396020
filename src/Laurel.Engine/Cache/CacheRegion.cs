using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.Kernel;

namespace Laurel.Engine.Cache;

/// <summary>One kind of cached answer. A new kind is one object of this class, made once and shared.</summary>
/// <remarks>Compared by reference: two regions never share a name or a pattern.</remarks>
/// <param name="name">Small letters; the label in metrics and the name in messages between nodes.</param>
/// <param name="keyPattern">The key in Redis after the tenant, with <c>{id}</c> where the id stands: <c>member:info:{id}</c>.</param>
/// <param name="lifetime">How long an answer is kept in Redis at the most.</param>
public abstract class CacheRegion(string name, string keyPattern, TimeSpan lifetime)
{
    public string Name { get; } = name;

    public TimeSpan Lifetime { get; } = lifetime;

    /// <summary>The key in Redis: <c>1:member:info:42</c>.</summary>
    public string KeyOf(TenantId tenant, long id) =>
        $"{tenant}:{keyPattern.Replace("{id}", id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}";

    internal abstract byte[] Write(object value);

    /// <summary>Null when the bytes are not of this version of the program.</summary>
    internal abstract object? Read(ReadOnlyMemory<byte> bytes);
}

/// <inheritdoc />
/// <param name="write">The stored form of a value.</param>
/// <param name="read">The value of a stored form; null, or an exception for bad data, when another version of the program wrote it.</param>
public sealed class CacheRegion<TValue>(
    string name,
    string keyPattern,
    TimeSpan lifetime,
    Func<TValue, byte[]> write,
    Func<ReadOnlyMemory<byte>, TValue?> read) : CacheRegion(name, keyPattern, lifetime)
    where TValue : class
{
    internal override byte[] Write(object value) => write((TValue)value);

    internal override object? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return read(bytes);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>Names one cached answer.</summary>
public readonly record struct CacheKey(CacheRegion Region, TenantId Tenant, long Id)
{
    /// <summary>Ids grow with time, so neighbours are spread before they choose their places.</summary>
    internal ulong Spread()
    {
        unchecked
        {
            var mixed = ((ulong)Id * 0x9E3779B97F4A7C15) ^ ((ulong)Tenant.Value << 32) ^ (uint)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Region);
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            return mixed ^ (mixed >> 31);
        }
    }

    public override int GetHashCode() => unchecked((int)Spread());

    public override string ToString() => Region.KeyOf(Tenant, Id);
}

/// <summary>What a store answered.</summary>
/// <param name="Version">Of the root the value was read from, or of an earlier state of it. 0 is for what was never stored.</param>
/// <param name="ValidUntil">From then on the same rows give another answer; <see cref="Instant.Never"/> when they do not.</param>
public sealed record Loaded<TValue>(TValue Value, long Version, Instant ValidUntil)
    where TValue : class;

/// <summary>How a cache is asked.</summary>
/// <param name="From">Who is asked for what is not remembered.</param>
/// <param name="Demand">What the caller asks to be shown.</param>
/// <param name="VersionMin">An answer of an older version of the root is of no use; 0 takes any.</param>
public readonly record struct CacheQuestion(ReadSource From, ReadDemand Demand, long VersionMin = 0);

/// <summary>What a cache answers.</summary>
/// <param name="Value">Null when there is no such thing.</param>
/// <param name="Source">The database that was asked; null when the answer was remembered.</param>
public readonly record struct CacheAnswer<TValue>(TValue? Value, ReadSource? Source)
    where TValue : class;

/// <summary>An answer that may be out of date, for the time that no database answers.</summary>
/// <param name="Age">Since it was read.</param>
public sealed record OldAnswer<TValue>(TValue Value, TimeSpan Age)
    where TValue : class;

/// <summary>One remembered answer. Immutable but for the note when it was last asked for.</summary>
internal sealed record CacheEntry
{
    public required CacheKey Key { get; init; }

    /// <summary>Null remembers that there is none.</summary>
    public required object? Value { get; init; }

    public required long Version { get; init; }

    public required Instant ReadAt { get; init; }

    /// <summary>From then on the same rows give another answer.</summary>
    public required Instant ValidUntil { get; init; }

    /// <summary>From then on this node asks again, to spread what expires together.</summary>
    public required Instant FreshUntil { get; init; }

    /// <summary>A timestamp of this node: what was committed before it is shown. <see cref="long.MinValue"/> when that is not known.</summary>
    public long ShownUntil { get; init; } = long.MinValue;

    /// <summary>Whether a replica told it: other nodes cannot judge how far that one was behind.</summary>
    public bool FromReplica { get; init; }

    /// <summary>What memory was trusted for when it was read; see <see cref="MemoryLevel.Distrust"/>.</summary>
    public int Epoch { get; init; }

    /// <summary>Roughly. Written without a lock: losing one note costs nothing.</summary>
    public long UsedAtSeconds { get; set; }

    /// <summary>Whether it may be answered. A clock that was set back makes nothing fresh again.</summary>
    public bool IsFreshAt(Instant now) => ReadAt <= now && now < FreshUntil;
}
