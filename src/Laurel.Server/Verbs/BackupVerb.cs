using System.CommandLine;
using System.Globalization;
using Laurel.Server.Backups;
using Laurel.Server.Hosting;

namespace Laurel.Server.Verbs;

/// <summary><c>backup</c>: one archive of the database and its keys, beside a running server.</summary>
internal static class BackupVerb
{
    private const string Description = """
        Writes one archive of the database and its keys, beside a running server if need be.
        Whoever has the archive has the keys, and with them phone and e-mail: guard it like the data folder.
        Needs room for the database and the archive where the archive is written.
        """;

    private static readonly Argument<string> s_place = new("DIR|FILE.tar.gz")
    {
        Description = "A folder, in which the archive is named for its time (UTC), or a file that is not there yet.",
    };

    private static readonly Option<bool> s_withoutKeys = new("--without-keys")
    {
        Description = "Leaves the keys out: without them phone and e-mail in the archive cannot be read by anybody.",
    };

    private static readonly Option<bool> s_verify = new("--verify")
    {
        Description = "Restores the copy aside and proves every invariant on it. On PostgreSQL and MySQL the role may create a database.",
    };

    private static readonly Option<int> s_keepHourly = Keep("--keep-hourly", "hours", BackupRetention.HourlyMax);
    private static readonly Option<int> s_keepDaily = Keep("--keep-daily", "days", BackupRetention.DailyMax);
    private static readonly Option<int> s_keepWeekly = Keep("--keep-weekly", "weeks", BackupRetention.WeeklyMax);

    public static Command Create()
    {
        var command = new Command("backup", Description) { s_place, s_withoutKeys, s_verify, s_keepHourly, s_keepDaily, s_keepWeekly };
        command.SetAction((parsed, cancellationToken) =>
            BackupConsole.RunAsync(parsed, (settings, progress) => RunAsync(parsed, settings, progress, cancellationToken)));
        return command;
    }

    private static async Task<IReadOnlyList<(string Name, string Value)>> RunAsync(
        ParseResult parsed, LaurelSettings settings, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        var request = new BackupRequest(
            parsed.GetRequiredValue(s_place),
            WithKeys: !parsed.GetValue(s_withoutKeys),
            Verify: parsed.GetValue(s_verify),
            RetentionOf(parsed));
        var report = await new TakeBackup(settings, TimeProvider.System, progress).RunAsync(request, cancellationToken);
        var keys = report.Manifest.Keys switch
        {
            KeysPlace.Included => "in the archive; guard it like the data folder",
            KeysPlace.LeftOut => "left out; without them phone and e-mail cannot be read",
            KeysPlace.Environment => "not in the archive; LAUREL_MASTER_KEYS gives them, keep it too",
        };
        return
        [
            ("archive", report.File),
            ("bytes", $"{report.Bytes}"),
            .. BackupConsole.FactsOf(report.Manifest),
            ("keys", keys),
            ("proved", report.Verified ? "readable, every invariant holds" : "readable"),
            .. report.Removed.Select(removed => ("removed", removed)),
        ];
    }

    private static BackupRetention? RetentionOf(ParseResult parsed)
    {
        var retention = new BackupRetention(parsed.GetValue(s_keepHourly), parsed.GetValue(s_keepDaily), parsed.GetValue(s_keepWeekly));
        return retention is { Hourly: 0, Daily: 0, Weekly: 0 } ? null : retention;
    }

    private static Option<int> Keep(string name, string periods, int max)
    {
        return new Option<int>(name)
        {
            Description = $"Keeps the newest archive of each of the last so many {periods} that have one, 1 to {max}. With any of these, what none keeps is removed.",
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= max)
                {
                    return count;
                }

                result.AddError($"{name} is a whole number from 1 to {max}, not '{text}'.");
                return 0;
            },
        };
    }
}
