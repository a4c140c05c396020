using Laurel.Server.Backups;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Backups;

/// <summary>Which archives of a folder may go.</summary>
public sealed class KeepingArchivesTests
{
    // A Monday.
    private static readonly DateTimeOffset s_start = new(2026, 11, 2, 0, 30, 0, TimeSpan.Zero);

    [Fact]
    public void KeepsTheNewestOfEachDay_When_TakenEveryHour()
    {
        var archives = Hourly(days: 10);

        var kept = archives.Except(new BackupRetention(Hourly: 0, Daily: 7, Weekly: 0).Spare(archives)).ToList();

        kept.ShouldBe(Enumerable.Range(3, 7).Select(day => s_start.AddDays(day).AddHours(23)), ignoreOrder: true);
    }

    [Fact]
    public void KeepsHoursDaysAndWeeks_When_EachIsAskedFor()
    {
        var archives = Hourly(days: 28);

        var kept = archives.Except(new BackupRetention(Hourly: 24, Daily: 7, Weekly: 4).Spare(archives)).ToList();

        // The last day's 24, the last hour of the six days before, and of the three weeks before this one: Sundays.
        kept.Count.ShouldBe(24 + 6 + 3);
        kept.Min().ShouldBe(s_start.AddDays(6).AddHours(23));
        kept.ShouldContain(s_start.AddDays(13).AddHours(23));
        kept.ShouldContain(s_start.AddDays(20).AddHours(23));
    }

    [Fact]
    public void CountsPeriodsThatHaveAnArchive_When_DaysAreMissing()
    {
        DateTimeOffset[] archives = [s_start, s_start.AddDays(40), s_start.AddDays(80)];

        new BackupRetention(Hourly: 0, Daily: 2, Weekly: 0).Spare(archives).ShouldBe([s_start]);
    }

    [Fact]
    public void NeverSparesTheNewest_When_NothingIsToBeKept() =>
        new BackupRetention(0, 0, 0).Spare([s_start, s_start.AddHours(1)]).ShouldBe([s_start]);

    [Fact]
    public void SparesNothing_When_ThereIsNothing() => new BackupRetention(1, 1, 1).Spare([]).ShouldBeEmpty();

    private static List<DateTimeOffset> Hourly(int days) =>
        [.. Enumerable.Range(0, days * 24).Select(hour => s_start.AddHours(hour))];
}
