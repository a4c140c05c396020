using Laurel.Engine.Lanes;
using Laurel.Engine.Partitions;
using Laurel.Kernel;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

/// <summary>Months, and the months that a reply is kept under.</summary>
public sealed class MonthTests
{
    [Theory]
    [InlineData("2026-11-21T10:00:00Z", 202611)]
    [InlineData("2026-11-30T23:59:59.999999Z", 202611)]
    [InlineData("2026-12-01T00:00:00Z", 202612)]
    [InlineData("2026-12-01T07:00:00+08:00", 202611)]
    public void IsThatOfUtc_When_AnInstantIsGiven(string time, int number) => Month.Of(At(time)).ShouldBe(new Month(number));

    [Theory]
    [InlineData(202611, 202612)]
    [InlineData(202612, 202701)]
    [InlineData(202601, 202602)]
    public void IsFollowedByTheNext_When_Asked(int number, int next)
    {
        new Month(number).Next.ShouldBe(new Month(next));
        new Month(number).End.ShouldBe(new Month(next).Start);
        Month.Of(new Instant(new Month(next).Start.UnixMicroseconds - 1)).ShouldBe(new Month(number));
    }

    [Theory]
    [InlineData("entries_2026_11", 202611)]
    [InlineData("p2026_01", 202601)]
    [InlineData("entries_default", null)]
    [InlineData("rest", null)]
    [InlineData("entries_2026_13", null)]
    [InlineData("2026_11", null)]
    [InlineData("", null)]
    public void IsReadFromTheNameOfAPartition_When_ItEndsInOne(string name, int? number) =>
        (Month.OfPartition(name)?.Number).ShouldBe(number);

    [Fact]
    public void BoundsIdsAsTheyAreDrawn_When_TheTableHoldsIds()
    {
        var table = new MonthlyTable("entries", "id", HoldsIds: true, Kept: null);
        var november = new Month(202611);

        table.FirstOf(november).ShouldBe(IdGenerator.FirstOf(At("2026-11-01T00:00:00Z")));
        MonthlyTable.Replies(TimeSpan.FromDays(30)).FirstOf(november).ShouldBe(202611);
    }

    [Fact]
    public void IsPast_When_AllOfItIsOlderThanRowsAreKept()
    {
        var replies = MonthlyTable.Replies(TimeSpan.FromDays(30));
        var october = new Month(202610);

        replies.IsPast(october, At("2026-11-30T23:59:59Z")).ShouldBeFalse();
        replies.IsPast(october, At("2026-12-01T00:00:00Z")).ShouldBeTrue();
        (replies with { Kept = null }).IsPast(october, At("2999-01-01T00:00:00Z")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2026-11-21T10:00:00Z", new[] { 202611 })]
    [InlineData("2026-11-30T23:54:59Z", new[] { 202611 })]
    [InlineData("2026-11-30T23:56:00Z", new[] { 202611, 202612 })]
    [InlineData("2026-12-01T00:04:00Z", new[] { 202611, 202612 })]
    [InlineData("2026-12-01T00:05:00Z", new[] { 202612 })]
    public void AreBoth_When_AReplyIsFrozenNearTheirEdge(string time, int[] months)
    {
        var now = At(time);
        var reply = new FrozenReply(default, default, Applied: true, 1, [], now);

        ReplyRow.Of([reply], now).Select(row => row.Month.Number).ShouldBe(months);
    }

    private static Instant At(string time) => Instant.From(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));
}
