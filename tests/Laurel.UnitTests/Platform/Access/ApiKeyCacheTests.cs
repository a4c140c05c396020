using System.Security.Cryptography;
using Laurel.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

public sealed class ApiKeyCacheTests : IDisposable
{
    private const string Key = "laurel_0123456789abcdef";

    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly ManualClock _clock = new();
    private readonly ApiKeys _store = new();
    private readonly ApiKeyCache _cache;
    private readonly Actor _actor = ApiKeys.ActorWith(Permission.PointsRead);

    public ApiKeyCacheTests() => _cache = new ApiKeyCache(_store, _clock, _random);

    public void Dispose() => _random.Dispose();

    [Fact]
    public async Task AsksOnce_When_AKnownKeyComesAgain()
    {
        _store.Add(Key, _actor);

        (await FindAsync(Key)).ShouldBe(_actor);
        _clock.Advance(TimeSpan.FromSeconds(59));
        (await FindAsync(Key)).ShouldBe(_actor);

        _store.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task AsksAgain_When_AMinuteHasPassed()
    {
        _store.Add(Key, _actor);
        await FindAsync(Key);
        _store.Revoke(Key);

        _clock.Advance(ApiKeyCache.KnownFor);

        (await FindAsync(Key)).ShouldBeNull();
        _store.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task AdmitsNoLonger_When_ARememberedKeyExpires()
    {
        _store.Add(Key, _actor);
        _store.ValidUntil = Kernel.Instant.Now(_clock).Plus(TimeSpan.FromSeconds(10));
        (await FindAsync(Key)).ShouldBe(_actor);

        _clock.Advance(TimeSpan.FromSeconds(9.999));
        (await FindAsync(Key)).ShouldBe(_actor);
        _clock.Advance(TimeSpan.FromSeconds(0.001));

        (await FindAsync(Key)).ShouldBeNull();
        _store.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task AsksOnceInFiveSeconds_When_AKeyIsUnknown()
    {
        (await FindAsync(Key)).ShouldBeNull();
        _store.Add(Key, _actor);
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        (await FindAsync(Key)).ShouldBeNull();
        _store.Asked.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        (await FindAsync(Key)).ShouldBe(_actor);
        _store.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task AsksAgain_When_ToldToForget()
    {
        _store.Add(Key, _actor);
        await FindAsync(Key);
        _store.Revoke(Key);

        _cache.Forget();

        (await FindAsync(Key)).ShouldBeNull();
    }

    [Fact]
    public async Task KeepsNoOldAnswer_When_ForgettingOvertakesTheQuestion()
    {
        _store.Add(Key, _actor);
        _store.WhileAsked = () =>
        {
            _store.Revoke(Key);
            _cache.Forget();
        };

        await FindAsync(Key);

        (await FindAsync(Key)).ShouldBeNull();
    }

    [Fact]
    public async Task RemembersTheRightKey_When_FloodedWithWrongOnes()
    {
        _store.Add(Key, _actor);
        await FindAsync(Key);

        for (var i = 0; i < ApiKeyCache.EntriesMax * 3; i++)
        {
            (await FindAsync($"wrong-{i}")).ShouldBeNull();
        }

        var asked = _store.Asked;
        (await FindAsync(Key)).ShouldBe(_actor);
        _store.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task TellsKeysApart_When_ThereAreMoreThanItHolds()
    {
        var actors = Enumerable.Range(0, ApiKeyCache.EntriesMax * 2)
            .Select(i => ApiKeys.ActorWith($"p{i}"))
            .ToArray();
        for (var i = 0; i < actors.Length; i++)
        {
            _store.Add($"key-{i}", actors[i]);
        }

        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < actors.Length; i++)
            {
                (await FindAsync($"key-{i}")).ShouldBeSameAs(actors[i]);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("has space")]
    [InlineData("tab\t")]
    [InlineData("密钥")]
    [InlineData("nul\0")]
    public async Task IsUnknownWithoutAQuestion_When_ItCanBeNoKey(string key)
    {
        (await FindAsync(key)).ShouldBeNull();

        _store.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData(ApiKeyCache.KeyLengthMax, 1)]
    [InlineData(ApiKeyCache.KeyLengthMax + 1, 0)]
    public async Task IsAskedFor_When_ItsLengthIs(int length, int asked)
    {
        await FindAsync(new string('k', length));

        _store.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task TellsPrefixesApart_When_OneKeyBeginsAnother()
    {
        _store.Add(Key, _actor);
        await FindAsync(Key);

        (await FindAsync(Key[..^1])).ShouldBeNull();
        (await FindAsync(Key + "0")).ShouldBeNull();
    }

    private ValueTask<Actor?> FindAsync(string key) => _cache.FindAsync(key, CancellationToken.None);
}
