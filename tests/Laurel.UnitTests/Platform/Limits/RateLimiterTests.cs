using System.Net;
using Laurel.Kernel;
using Laurel.Platform.Limits;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Limits;

/// <summary>What one node lets through, by a clock that is moved by hand.</summary>
public sealed class RateLimiterTests
{
    private static readonly RateSubject s_somebody = RateSubject.User(new TenantId(1), 7);

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task LetsFiveThroughInFifteenMinutes_When_TheLimitSaysSo()
    {
        var limiter = Limiter();
        for (var i = 4; i >= 0; i--)
        {
            var ticket = (await limiter.TakeAsync(RateLimits.Login, s_somebody))!;
            (ticket.Allowed, ticket.Remaining).ShouldBe((true, i));
        }

        var refused = (await limiter.TakeAsync(RateLimits.Login, s_somebody))!;
        (refused.Allowed, refused.Remaining).ShouldBe((false, 0));
        refused.ResetAfter.ShouldBeInRange(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16.25));
        _clock.Advance(refused.ResetAfter - TimeSpan.FromMilliseconds(1));
        (await limiter.TakeAsync(RateLimits.Login, s_somebody))!.Allowed.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await limiter.TakeAsync(RateLimits.Login, s_somebody))!.Allowed.ShouldBeTrue("what it says of the time is true");
    }

    /// <summary>Beside a list of all calls that came through: in no stretch of the length are there more than allowed, and nobody who made too few calls in
    /// a stretch and a twelfth is refused.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task KeepsToTheLimitInEveryStretch_When_CallsComeAtRandom(int seed)
    {
        var random = new Random(seed);
        var limiter = Limiter();
        var (stretch, calls) = (TimeSpan.FromMinutes(1), 100);
        var through = new List<DateTimeOffset>();
        for (var i = 0; i < 20_000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(2_000) : random.Next(50)));
            var now = _clock.GetUtcNow();
            if ((await limiter.TakeAsync(RateLimits.Members, s_somebody))!.Allowed)
            {
                through.Add(now);
                through.Count(at => at > now - stretch).ShouldBeLessThanOrEqualTo(calls);
            }
            else
            {
                through.Count(at => at > now - (stretch * 13 / 12)).ShouldBeGreaterThanOrEqualTo(calls);
            }

            through.RemoveAll(at => at < now - (stretch * 2));
        }
    }

    [Fact]
    public async Task CountsEachByItself_When_TheyAreOthers()
    {
        var limiter = Limiter();
        RateSubject[] others =
        [
            RateSubject.User(new TenantId(1), 1), RateSubject.User(new TenantId(2), 1), RateSubject.Key(new TenantId(1), new Hash128(0, 1)), RateSubject.Named(new TenantId(1), "13800138000"),
            RateSubject.Address(IPAddress.Parse("192.0.2.1")), RateSubject.Address(IPAddress.Parse("192.0.2.2")),
            RateSubject.Address(IPAddress.Parse("2001:db8::1")), RateSubject.Address(IPAddress.Parse("2001:db8:0:1::1")),
        ];
        foreach (var other in others)
        {
            (await limiter.TakeAsync(RateLimits.CheckIn, other))!.Allowed.ShouldBeTrue();
        }

        (await limiter.TakeAsync(RateLimits.CheckIn, RateSubject.Address(IPAddress.Parse("2001:db8::2"))))!.Allowed.ShouldBeFalse("a network of 64 bits is one customer's");
        (await limiter.TakeAsync(RateLimits.Register, others[0]))!.Allowed.ShouldBeTrue("another limit");
    }

    [Fact]
    public async Task GivesBack_When_ACallDoesNotCount()
    {
        var limiter = Limiter();
        for (var i = 0; i < 50; i++)
        {
            var ticket = (await limiter.TakeAsync(RateLimits.CheckIn, s_somebody))!;
            ticket.Allowed.ShouldBeTrue();
            await limiter.GiveBackAsync(ticket);
        }

        var kept = (await limiter.TakeAsync(RateLimits.CheckIn, s_somebody))!;
        _clock.Advance(TimeSpan.FromDays(2));
        (await limiter.TakeAsync(RateLimits.CheckIn, s_somebody))!.Allowed.ShouldBeTrue();
        await limiter.GiveBackAsync(kept);
        (await limiter.TakeAsync(RateLimits.CheckIn, s_somebody))!.Allowed.ShouldBeFalse("a call of long ago gives back nothing of today");
    }

    [Fact]
    public async Task NeverExceedsTheLimit_When_ManyAskAtOnce()
    {
        var limiter = Limiter();
        var tickets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var through = 0;
            for (var i = 0; i < 500; i++)
            {
                through += (await limiter.TakeAsync(RateLimits.Members, s_somebody))!.Allowed ? 1 : 0;
            }

            return through;
        })));

        tickets.Sum().ShouldBe(100);
    }

    [Fact]
    public async Task KeepsWithinItsMemory_When_AFloodOfAddressesComes()
    {
        var limiter = new RateLimiter(new RateLimitOptions(), _clock, null, subjectsMax: 1_000);
        var allowed = 0;
        for (var i = 0; i < 200_000; i++)
        {
            allowed += (await limiter.TakeAsync(RateLimits.CheckIn, RateSubject.User(new TenantId(1), i)))!.Allowed ? 1 : 0;
        }

        limiter.Subjects.ShouldBeLessThanOrEqualTo(1_000 + 1_024);
        allowed.ShouldBeLessThanOrEqualTo(1_000 + 1_024, "those beyond are counted together");
        (await limiter.TakeAsync(RateLimits.CheckIn, RateSubject.User(new TenantId(1), 0)))!.Allowed.ShouldBeFalse("nobody is forgotten for it");

        _clock.Advance(TimeSpan.FromDays(2));
        (await limiter.TakeAsync(RateLimits.CheckIn, RateSubject.User(new TenantId(1), 300_000)))!.Allowed.ShouldBeTrue();
        limiter.Subjects.ShouldBe(1, "what counts no more is dropped");
    }

    [Fact]
    public async Task SaysNothing_When_TheLimitIsOff()
    {
        var limiter = new RateLimiter(new RateLimitOptions { Quotas = new Dictionary<string, RateQuota>() }, _clock, null);

        (await limiter.TakeAsync(RateLimits.Login, s_somebody)).ShouldBeNull();
    }

    private RateLimiter Limiter() => new(new RateLimitOptions(), _clock, null);
}
