using Laurel.Engine.Cache;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>The table of the first level: bounded, and never back in time.</summary>
public sealed class MemoryLevelTests
{
    private static readonly Instant s_start = new(1_000_000_000);

    private readonly CacheRegion<string> _region = new("texts", "text:{id}", TimeSpan.FromHours(1), _ => [], _ => "");
    private readonly MemoryLevel _memory = new(160, TimeProvider.System);

    [Fact]
    public void HoldsNoMoreThanItsSize_When_MoreIsStored()
    {
        for (var id = 0; id < 10_000; id++)
        {
            _memory.Store(Entry(id, "a", 1, s_start.Plus(TimeSpan.FromSeconds(id))));
        }

        Enumerable.Range(0, 10_000).Count(id => _memory.Find(Key(id), s_start) is not null).ShouldBe(160);
    }

    [Fact]
    public void KeepsWhatIsAskedFor_When_ThePlacesAreFew()
    {
        _memory.Store(Entry(0, "asked for", 1, s_start));
        for (var id = 1; id < 10_000; id++)
        {
            var now = s_start.Plus(TimeSpan.FromSeconds(id));
            _memory.Find(Key(0), now);
            _memory.Store(Entry(id, "a", 1, now));
        }

        _memory.Find(Key(0), s_start).ShouldNotBeNull();
    }

    [Fact]
    public void LosesNothing_When_FloodedWithWhatDoesNotExist()
    {
        for (var id = 0; id < 160; id++)
        {
            _memory.Store(Entry(id, "a", 1, s_start));
        }

        var held = Enumerable.Range(0, 160).Where(id => _memory.Find(Key(id), s_start) is not null).ToList();
        for (var id = 1_000; id < 20_000; id++)
        {
            _memory.Store(Entry(id, null, 0, s_start));
        }

        held.Count.ShouldBeGreaterThan(100);
        held.ShouldAllBe(id => _memory.Find(Key(id), s_start) != null);
    }

    [Fact]
    public void KeepsTheNewer_When_AnOlderVersionComesLater()
    {
        _memory.Store(Entry(1, "new", 5, s_start));
        _memory.Store(Entry(1, "old", 4, s_start));

        _memory.Find(Key(1), s_start)!.Value.ShouldBe("new");
    }

    [Fact]
    public void IsNotFresh_When_TrustWasLostSince()
    {
        _memory.Store(Entry(1, "a", 1, s_start));
        var (flight, _) = _memory.Board(Key(2));
        _memory.IsFresh(_memory.Find(Key(1), s_start)!, s_start).ShouldBeTrue();

        _memory.Distrust();

        _memory.IsFresh(_memory.Find(Key(1), s_start)!, s_start).ShouldBeFalse();
        _memory.Land(flight, Entry(2, "read before", 1, s_start)).ShouldBeFalse();
        _memory.Find(Key(2), s_start).ShouldBeNull();
    }

    [Fact]
    public void IsNotFresh_When_TheClockWasSetBack() =>
        Entry(1, "a", 1, s_start).IsFreshAt(s_start.Plus(TimeSpan.FromSeconds(-1))).ShouldBeFalse();

    [Fact]
    public void LeavesTheNextFlightAlone_When_AnOvertakenOneLands()
    {
        var (first, _) = _memory.Board(Key(1));
        _memory.Commit(Key(1), 2, null);
        var (second, begun) = _memory.Board(Key(1));

        _memory.Land(first, Entry(1, "old", 1, s_start)).ShouldBeFalse();

        begun.ShouldBeTrue();
        _memory.Board(Key(1)).Flight.ShouldBeSameAs(second);
        _memory.Land(second, Entry(1, "new", 2, s_start)).ShouldBeTrue();
    }

    /// <summary>Readers and writers of a few keys at once: after each commit nobody reads an older version.</summary>
    [Fact]
    public async Task NeverGoesBack_When_ReadersAndWritersMeet()
    {
        const int KeyCount = 4;
        var stored = new long[KeyCount];
        var committed = new long[KeyCount];
        var writers = Enumerable.Range(0, KeyCount).Select(id => Task.Run(() =>
        {
            for (var version = 1; version <= 20_000; version++)
            {
                Volatile.Write(ref stored[id], version);
                _memory.Commit(Key(id), version, known => Entry(id, "written", known.Version + 1, s_start));
                Volatile.Write(ref committed[id], version);
            }
        }));
        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var id = (i + reader) % KeyCount;
                var before = Volatile.Read(ref committed[id]);
                if (_memory.Find(Key(id), s_start) is { } known)
                {
                    known.Version.ShouldBeGreaterThanOrEqualTo(before);
                    continue;
                }

                var (flight, begun) = _memory.Board(Key(id));
                if (begun)
                {
                    _memory.Land(flight, Entry(id, "read", Volatile.Read(ref stored[id]), s_start));
                }
            }
        }));

        await Task.WhenAll([.. writers, .. readers]);
    }

    private CacheKey Key(long id) => new(_region, new TenantId(1), id);

    private CacheEntry Entry(long id, string? value, long version, Instant readAt) => new()
    {
        Key = Key(id),
        Value = value,
        Version = version,
        ReadAt = readAt,
        ValidUntil = Instant.Never,
        FreshUntil = Instant.Never,
        Epoch = _memory.Epoch,
    };
}
