using Laurel.Engine.Cache;
using Laurel.Kernel;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>What goes over the wire to Redis, its address, and the circuit before it.</summary>
public sealed class RedisWordsTests
{
    private readonly CacheRegion<string> _members = new("members", "member:info:{id}", TimeSpan.FromHours(1), _ => [], _ => "");

    private IReadOnlyDictionary<string, CacheRegion> Regions => new Dictionary<string, CacheRegion> { ["members"] = _members };

    [Fact]
    public void NameTenantAndId_When_AKeyIsWritten() => _members.KeyOf(new TenantId(3), 42).ShouldBe("3:member:info:42");

    [Fact]
    public void ComeBackAsTheyWere_When_MessagesAreRead()
    {
        CacheKey[] keys = [new(_members, new TenantId(1), 5), new(_members, new TenantId(2), long.MaxValue)];

        var dropped = RedisMessages.Read(RedisMessages.Dropped("me", keys), Regions).ShouldBeOfType<RedisMessage.Dropped>();

        dropped.Sender.ShouldBe("me");
        dropped.Keys.ShouldBe(keys);
        RedisMessages.Read(RedisMessages.Tick("me", -5), Regions).ShouldBe(new RedisMessage.Tick("me", -5));
        RedisMessages.Read(RedisMessages.StartedOver("g"), Regions).ShouldBe(new RedisMessage.StartedOver(null, "g"));
        RedisMessages.Read(RedisMessages.TenantStartedOver(new TenantId(4), "g"), Regions).ShouldBe(new RedisMessage.StartedOver(new TenantId(4), "g"));
    }

    [Fact]
    public void ArePassedOver_When_TheyNameARegionOfANewerProgram() =>
        RedisMessages.Read("dropped me coupons 1 5 members 1 6", Regions).ShouldBeOfType<RedisMessage.Dropped>()
            .Keys.ShouldBe([new CacheKey(_members, new TenantId(1), 6)]);

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("tick me")]
    [InlineData("tick me now")]
    [InlineData("generation *")]
    [InlineData("dropped me members 1")]
    [InlineData("dropped me members 1 x")]
    public void AreNotUnderstood_When_TheyAreNoMessage(string text) => RedisMessages.Read(text, Regions).ShouldBeNull();

    [Theory]
    [InlineData("redis://127.0.0.1:6380", "127.0.0.1:6380")]
    [InlineData("redis://:secret@cache.example.com", "cache.example.com:6379")]
    [InlineData("rediss://default:secret@cache.example.com:6390/2", "cache.example.com:6390")]
    [InlineData("one:6379,two:6379,password=secret", "one:6379, two:6379")]
    public void NameServersAndNoSecret_When_AnAddressIsRead(string text, string servers)
    {
        var (address, mistake) = RedisAddress.Read(text);

        mistake.ShouldBeNull();
        address!.Servers.ShouldBe(servers);
    }

    [Theory]
    [InlineData("http://127.0.0.1:6379")]
    [InlineData("redis://")]
    [InlineData("redis://someone:secret@127.0.0.1")]
    [InlineData("redis://127.0.0.1/main")]
    [InlineData("127.0.0.1,noSuchOption=1")]
    public void AreRefusedWithoutTheSecret_When_TheAddressIsWrong(string text)
    {
        var (address, mistake) = RedisAddress.Read(text);

        address.ShouldBeNull();
        mistake!.ShouldNotContain("secret");
    }

    [Fact]
    public void OpensAndTriesOnce_When_CallsFail()
    {
        var clock = new ManualClock();
        var breaker = new Breaker(clock);
        for (var i = 0; i < Breaker.FailuresMax; i++)
        {
            breaker.Allows().ShouldBeTrue();
            breaker.Failed();
        }

        breaker.Allows().ShouldBeFalse();
        breaker.IsOpen.ShouldBeTrue();
        clock.Advance(Breaker.Pause);
        breaker.IsOpen.ShouldBeFalse();
        breaker.Allows().ShouldBeTrue();
        breaker.Allows().ShouldBeFalse();
        breaker.Failed();
        breaker.Allows().ShouldBeFalse();
        clock.Advance(Breaker.Pause);
        breaker.Allows().ShouldBeTrue();
        breaker.Succeeded();
        breaker.Allows().ShouldBeTrue();
        breaker.Allows().ShouldBeTrue();
    }
}
