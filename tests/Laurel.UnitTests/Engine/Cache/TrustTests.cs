using Laurel.Engine.Cache;
using Laurel.Engine.Nodes;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>When a node may answer from its memory (docs/adr/0033).</summary>
public sealed class TrustTests
{
    private readonly ManualClock _clock = new();
    private readonly Trust _trust;
    private int _regained;

    public TrustTests() => _trust = new Trust(_clock, () => _regained++);

    [Fact]
    public void Holds_When_ThereCanBeNoOtherNode()
    {
        _trust.HoldsForGood();
        _clock.Advance(TimeSpan.FromDays(1));

        _trust.Holds.ShouldBeTrue();
    }

    [Fact]
    public void HoldsForASecond_When_TheNodeIsAlone()
    {
        See(Peers.None);
        _trust.Holds.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromSeconds(1));

        _trust.Holds.ShouldBeFalse();
    }

    [Fact]
    public void EndsAtOnce_When_ANodeIsSeenThatDoesNotTell()
    {
        See(Peers.None);

        See(Peers.Silent);

        _trust.Holds.ShouldBeFalse();
    }

    [Fact]
    public void NeedsBoth_When_TheOthersTell()
    {
        See(Peers.Telling);
        _trust.Holds.ShouldBeFalse();

        _trust.Ticked(_clock.GetTimestamp());
        _trust.Holds.ShouldBeTrue();

        _trust.CutOff();
        _trust.Holds.ShouldBeFalse();
    }

    [Fact]
    public void EndsWithTheLastTick_When_NothingIsHeardAnyMore()
    {
        See(Peers.Telling);
        _trust.Ticked(_clock.GetTimestamp());
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        See(Peers.Telling);
        _trust.Holds.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromMilliseconds(100));
        See(Peers.Telling);

        _trust.Holds.ShouldBeFalse();
    }

    [Fact]
    public void CountsFromItsSending_When_ATickTookLong()
    {
        See(Peers.Telling);
        var sentAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(2));
        See(Peers.Telling);

        _trust.Ticked(sentAt);

        _trust.Holds.ShouldBeFalse();
    }

    [Fact]
    public void DoesNotNeedRedis_When_TheNodeIsAlone()
    {
        See(Peers.None);

        _trust.CutOff();

        _trust.Holds.ShouldBeTrue();
    }

    [Fact]
    public void BeginsWithNothing_When_ItIsRegained()
    {
        See(Peers.None);
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        See(Peers.None);
        _regained.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(1));
        See(Peers.None);
        _regained.ShouldBe(2);
    }

    [Fact]
    public void BeginsWithNothing_When_ANodeDied()
    {
        See(Peers.None);

        _trust.Seen(new Sighting(_clock.GetTimestamp(), Peers.None, SomebodyDied: true));

        _trust.Holds.ShouldBeTrue();
        _regained.ShouldBe(2);
    }

    private void See(Peers peers) => _trust.Seen(new Sighting(_clock.GetTimestamp(), peers, SomebodyDied: false));
}
