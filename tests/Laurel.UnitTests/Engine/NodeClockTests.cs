using Laurel.Engine.Nodes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

public sealed class NodeClockTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    [InlineData(-500)]
    public void TellsTheOtherTime_When_TheClocksDiffer(int milliseconds)
    {
        var clock = new NodeClock(new Machine());

        clock.Compare(s_noon, s_noon.AddMilliseconds(milliseconds), s_noon).ShouldBeTrue();

        clock.GetUtcNow().ShouldBe(s_noon.AddMilliseconds(milliseconds));
        clock.MachineNow().ShouldBe(s_noon);
    }

    [Fact]
    public void TellsTheMachinesTime_When_TheDifferenceLiesWithinTheTrip()
    {
        var clock = new NodeClock(new Machine());

        // The answer took a second; read in its middle the two agree.
        clock.Compare(s_noon, s_noon.AddMilliseconds(700), s_noon.AddSeconds(1)).ShouldBeFalse();

        clock.GetUtcNow().ShouldBe(s_noon);
    }

    [Fact]
    public void LeavesTheCorrectionAlone_When_ItHardlyChanged()
    {
        var clock = new NodeClock(new Machine());
        clock.Compare(s_noon, s_noon.AddHours(1), s_noon);

        clock.Compare(s_noon, s_noon.AddHours(1).AddMilliseconds(300), s_noon).ShouldBeFalse();
        clock.Correction.ShouldBe(TimeSpan.FromHours(1));

        clock.Compare(s_noon, s_noon, s_noon).ShouldBeTrue();
        clock.Correction.ShouldBe(TimeSpan.Zero);
    }

    private sealed class Machine : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => s_noon;
    }
}
