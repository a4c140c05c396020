using Laurel.Platform.Webhooks;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>Which events an endpoint is told of.</summary>
public sealed class EventFilterTests
{
    [Theory]
    [InlineData("points.earned", "points.earned", true)]
    [InlineData("points.earned", "points.spent", false)]
    [InlineData("points.earned", "points.earned_twice", false)]
    [InlineData("points.*", "points.earned", true)]
    [InlineData("points.*", "points.a.b", true)]
    [InlineData("points.*", "points", false)]
    [InlineData("points.*", "pointsx.earned", false)]
    [InlineData("*", "level.upgraded", true)]
    [InlineData("", "level.upgraded", true)]
    [InlineData("level.* points.expired", "points.expired", true)]
    [InlineData("level.* points.expired", "points.earned", false)]
    public void WantsWhatItNames_When_AnEventIsRaised(string stored, string type, bool wanted) =>
        EventFilter.Read(stored).Wants(type).ShouldBe(wanted);

    [Theory]
    [InlineData("*", true)]
    [InlineData("points.*", true)]
    [InlineData("points.earned", true)]
    [InlineData("a_1.b", true)]
    [InlineData("", false)]
    [InlineData("points.", false)]
    [InlineData(".points", false)]
    [InlineData("points*", false)]
    [InlineData("*.earned", false)]
    [InlineData("Points.earned", false)]
    [InlineData("points earned", false)]
    [InlineData("points..earned", false)]
    [InlineData("积分", false)]
    public void IsWellFormed_When_ItIsANameOrEndsInAStar(string item, bool wellFormed) => EventFilter.IsWellFormed(item).ShouldBe(wellFormed);

    [Fact]
    public void KeepsItsItemsOnce_When_WrittenAndRead() =>
        EventFilter.Read(EventFilter.Of(["points.*", "level.upgraded", "points.*"]).ToString()).Items.ShouldBe(["points.*", "level.upgraded"]);
}
