using System.Globalization;

namespace Laurel.Server.Backups;

/// <summary>How many archives of a folder are kept: of each of the last hours, days and weeks that have one, the newest.</summary>
/// <remarks>Zero keeps none for that period. Days and weeks are of UTC, weeks begin on Monday.</remarks>
internal sealed record BackupRetention(int Hourly, int Daily, int Weekly)
{
    /// <summary>Ten years of each.</summary>
    public const int HourlyMax = 87_600;
    public const int DailyMax = 3_660;
    public const int WeeklyMax = 522;

    /// <summary>Which of the archives may go. The newest never goes.</summary>
    public IReadOnlyList<DateTimeOffset> Spare(IReadOnlyCollection<DateTimeOffset> archives)
    {
        var newestFirst = archives.OrderByDescending(at => at).ToList();
        var kept = newestFirst.Take(1)
            .Concat(Newest(newestFirst, Hourly, at => at.UtcTicks / TimeSpan.TicksPerHour))
            .Concat(Newest(newestFirst, Daily, at => at.UtcTicks / TimeSpan.TicksPerDay))
            // The first of January of the year 1 was a Monday.
            .Concat(Newest(newestFirst, Weekly, at => at.UtcTicks / TimeSpan.TicksPerDay / 7))
            .ToHashSet();
        return [.. newestFirst.Where(at => !kept.Contains(at))];
    }

    private static IEnumerable<DateTimeOffset> Newest(IReadOnlyList<DateTimeOffset> newestFirst, int count, Func<DateTimeOffset, long> period) =>
        newestFirst.DistinctBy(period).Take(count);
}

/// <summary>A folder of archives, each named for its instant: <c>laurel-20261121T090000Z.tar.gz</c>.</summary>
internal sealed class BackupShelf(string folder)
{
    private const string Prefix = "laurel-";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private static readonly TimeSpan s_leftoverAge = TimeSpan.FromDays(1);

    public string FileOf(DateTimeOffset at) =>
        Path.Combine(folder, Prefix + at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) + BackupArchive.Ending);

    /// <summary>Removes what need not be kept; files with other names are left alone.</summary>
    /// <returns>The files that were removed.</returns>
    public IReadOnlyList<string> Prune(BackupRetention retention)
    {
        var archives = Directory.EnumerateFiles(folder, Prefix + "*" + BackupArchive.Ending)
            .Select(file => TimeOf(Path.GetFileName(file)))
            .OfType<DateTimeOffset>()
            .ToList();
        var removed = retention.Spare(archives).Select(FileOf).ToList();
        foreach (var file in removed)
        {
            File.Delete(file);
        }

        return removed;
    }

    /// <summary>Removes what backups that were killed more than a day ago left behind: it holds the database and its keys.</summary>
    public void RemoveLeftovers(DateTimeOffset now)
    {
        foreach (var left in Directory.EnumerateFileSystemEntries(folder, Prefix + "*").Where(left => IsLeft(Path.GetFileName(left), now)).ToList())
        {
            if (Directory.Exists(left))
            {
                Directory.Delete(left, recursive: true);
            }
            else
            {
                File.Delete(left);
            }
        }
    }

    private static bool IsLeft(string name, DateTimeOffset now) =>
        name.IndexOf(BackupArchive.Ending, StringComparison.Ordinal) is > 0 and var end
        && name[(end + BackupArchive.Ending.Length)..] is BackupArchive.StagingEnding or BackupArchive.DraftEnding
        && TimeOf(name[..(end + BackupArchive.Ending.Length)]) is { } at
        && now - at > s_leftoverAge;

    private static DateTimeOffset? TimeOf(string name) =>
        DateTimeOffset.TryParseExact(
            name[Prefix.Length..^BackupArchive.Ending.Length],
            TimeFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at) ? at : null;
}
