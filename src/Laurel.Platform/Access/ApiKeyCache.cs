using System.Security.Cryptography;
using System.Text;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;

namespace Laurel.Platform.Access;

/// <summary>Remembers for a short while whose a presented key is, so that most calls ask no store.</summary>
/// <remarks>
/// <para>Known keys are remembered for <see cref="KnownFor"/>, unknown ones for <see cref="UnknownFor"/>,
/// each in a table of its own and of fixed size: a flood of wrong keys costs no memory and drives out no right
/// one.</para> <para>A key is found by SHA-256 over a secret of this process and the key, and compared in fixed time:
/// what an attacker could learn from timing says nothing of any key. Thread-safe without locks.</para> </remarks>
public sealed class ApiKeyCache
{
    /// <summary>How long a revoked key may still be honoured by a node that was not told (<see cref="AccessChanges"/>).</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(60);

    /// <summary>How long a new key may still be refused after it was tried too early.</summary>
    public static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(5);

    /// <summary>Longer keys are unknown without a look: none of ours is.</summary>
    public const int KeyLengthMax = 256;

    /// <summary>How many keys each of the two tables remembers at most.</summary>
    public const int EntriesMax = SetCount * WayCount;

    private const int SetCount = 1024;
    private const int WayCount = 4;
    private const int SecretLength = 32;

    private readonly IApiKeyStore _store;
    private readonly TimeProvider _clock;
    private readonly byte[] _secret;
    private Tables _tables = new();

    /// <param name="store">Asked for keys that are not remembered.</param>
    /// <param name="clock">Measures how long entries live.</param>
    /// <param name="random">Draws the secret of this process.</param>
    public ApiKeyCache(IApiKeyStore store, TimeProvider clock, RandomNumberGenerator random)
    {
        (_store, _clock, _secret) = (store, clock, new byte[SecretLength]);
        random.GetBytes(_secret);
    }

    /// <summary>Counts the look-ups; null counts none.</summary>
    public CacheFigures? Figures { get; init; }

    /// <summary>Told of every call with a valid key; null tells nobody.</summary>
    public Action<Actor>? Used { get; init; }

    /// <summary>Forgets everything, so that the next call of each key asks the store; for keys just made or
    /// revoked.</summary>
    public void Forget() => Volatile.Write(ref _tables, new Tables());

    /// <summary>The actor of a presented key; null when it is unknown, too long or not printable ASCII.</summary>
    public ValueTask<Actor?> FindAsync(ReadOnlySpan<char> key, CancellationToken cancellationToken)
    {
        if (key.Length is 0 or > KeyLengthMax || key.ContainsAnyExceptInRange('!', '~'))
        {
            return default;
        }

        Span<byte> salted = stackalloc byte[SecretLength + KeyLengthMax];
        Span<byte> mark = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Mark(key, salted, mark);

        var tables = Volatile.Read(ref _tables);
        if (Find(tables.Known, mark, KnownFor) is { Key: { } known })
        {
            Figures?.Hit();
            return ValueTask.FromResult(Admitted(known));
        }

        if (Find(tables.Unknown, mark, UnknownFor) is not null)
        {
            Figures?.Hit();
            return default;
        }

        Figures?.Miss();
        return AskAsync(tables, mark.ToArray(), SHA256.HashData(salted[SecretLength..length]), cancellationToken);
    }

    // The answer goes into the tables that were there when the question was put: one that Forget overtook is not kept.
    private async ValueTask<Actor?> AskAsync(
        Tables tables,
        byte[] mark,
        byte[] keyHash,
        CancellationToken cancellationToken)
    {
        var key = await _store.FindAsync(keyHash, cancellationToken);
        var isOver = key is null || IsOver(key);
        Put(isOver ? tables.Unknown : tables.Known, new Entry(mark, key, _clock.GetTimestamp()));
        return isOver ? null : Admitted(key!);
    }

    /// <summary>Whose a key was that has just been refused, since it was revoked or its time is over; null when it is nobody's, or not remembered.</summary>
    public Actor? FindRefused(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > KeyLengthMax || key.ContainsAnyExceptInRange('!', '~'))
        {
            return null;
        }

        Span<byte> salted = stackalloc byte[SecretLength + KeyLengthMax];
        Span<byte> mark = stackalloc byte[SHA256.HashSizeInBytes];
        Mark(key, salted, mark);
        var tables = Volatile.Read(ref _tables);
        return (Find(tables.Unknown, mark, UnknownFor) ?? Find(tables.Known, mark, KnownFor))?.Key is { } known && IsOver(known) ? known.Actor : null;
    }

    /// <returns>How much of <paramref name="salted"/> is in use: the secret of this process and the key.</returns>
    private int Mark(ReadOnlySpan<char> key, Span<byte> salted, Span<byte> mark)
    {
        _secret.CopyTo(salted);
        var length = SecretLength + Encoding.ASCII.GetBytes(key, salted[SecretLength..]);
        SHA256.HashData(salted[..length], mark);
        return length;
    }

    private bool IsOver(KnownKey key) => !key.ValidUntil.IsNever && key.ValidUntil <= Instant.Now(_clock);

    /// <summary>The actor of a key that is remembered, unless its time has run out since.</summary>
    private Actor? Admitted(KnownKey key)
    {
        if (IsOver(key))
        {
            return null;
        }

        Used?.Invoke(key.Actor);
        return key.Actor;
    }

    private Entry? Find(Entry?[] table, ReadOnlySpan<byte> mark, TimeSpan livesFor)
    {
        var first = FirstWayOf(mark);
        for (var way = first; way < first + WayCount; way++)
        {
            if (Volatile.Read(ref table[way]) is { } entry
                && CryptographicOperations.FixedTimeEquals(entry.Mark, mark)
                && _clock.GetElapsedTime(entry.StoredAt) < livesFor)
            {
                return entry;
            }
        }

        return null;
    }

    // Takes the place of the same key, else an empty one, else the oldest of its four. Two writers may take the same
    // place; then one key is asked for once more.
    private static void Put(Entry?[] table, Entry entry)
    {
        var first = FirstWayOf(entry.Mark);
        var place = first;
        for (var way = first; way < first + WayCount; way++)
        {
            var present = Volatile.Read(ref table[way]);
            if (present is null || CryptographicOperations.FixedTimeEquals(present.Mark, entry.Mark))
            {
                place = way;
                break;
            }

            if (present.StoredAt < (Volatile.Read(ref table[place])?.StoredAt ?? long.MinValue))
            {
                place = way;
            }
        }

        Volatile.Write(ref table[place], entry);
    }

    private static int FirstWayOf(ReadOnlySpan<byte> mark) => ((mark[0] | (mark[1] << 8)) & (SetCount - 1)) * WayCount;

    private sealed record Entry(byte[] Mark, KnownKey? Key, long StoredAt);

    private sealed class Tables
    {
        public readonly Entry?[] Known = new Entry?[EntriesMax];
        public readonly Entry?[] Unknown = new Entry?[EntriesMax];
    }
}
