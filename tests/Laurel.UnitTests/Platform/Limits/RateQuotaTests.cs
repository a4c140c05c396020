using Laurel.Kernel;
using Laurel.Platform.Limits;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Limits;

public sealed class RateQuotaTests
{
    private static readonly TimeZoneInfo s_shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    [Theory]
    [InlineData("5/15m", 5, 900)]
    [InlineData("100/m", 100, 60)]
    [InlineData("3/h", 3, 3_600)]
    [InlineData("1/1d", 1, 86_400)]
    [InlineData("7/30s", 7, 30)]
    [InlineData("1000000/31d", 1_000_000, 2_678_400)]
    public void SaysHowMany_When_ItIsWritten(string text, int calls, int seconds)
    {
        var quota = RateQuota.Parse(text, s_shanghai)!;

        (quota.Calls, quota.Stretch.TotalSeconds, quota.DayOf).ShouldBe((calls, seconds, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5/")]
    [InlineData("/m")]
    [InlineData("0/m")]
    [InlineData("-1/m")]
    [InlineData("5/0m")]
    [InlineData("5/15")]
    [InlineData("5/15M")]
    [InlineData("5/32d")]
    [InlineData("5/days")]
    [InlineData("1000001/m")]
    [InlineData("5/2147483647d")]
    public void IsNone_When_ItIsWrittenWrongly(string text) => RateQuota.Parse(text, s_shanghai).ShouldBeNull();

    [Fact]
    public void EndsAtMidnightOfItsZone_When_ItIsOfADay()
    {
        var quota = RateQuota.Parse("1/day", s_shanghai)!;
        var late = Instant.From(new DateTimeOffset(2026, 11, 22, 15, 59, 59, TimeSpan.Zero));
        var early = late.Plus(TimeSpan.FromSeconds(1));

        quota.BucketOf(early).ShouldBe(quota.BucketOf(late) + 1, "16:00 UTC is midnight in Shanghai");
        quota.EndOf(quota.BucketOf(late)).ShouldBe(early);
    }

    [Fact]
    public void EndsWhenTheDayDoes_When_TheClocksSkipMidnight()
    {
        // In Cairo the clocks went from 00:00 to 01:00 on 2026-04-24.
        var cairo = TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo");
        var quota = RateQuota.ADay(1, cairo);
        var before = Instant.From(new DateTimeOffset(2026, 4, 23, 12, 0, 0, TimeSpan.FromHours(2)));
        var end = quota.EndOf(quota.BucketOf(before));

        quota.BucketOf(end).ShouldBe(quota.BucketOf(before) + 1);
        quota.BucketOf(end.Plus(TimeSpan.FromMicroseconds(-1))).ShouldBe(quota.BucketOf(before));
    }
}
