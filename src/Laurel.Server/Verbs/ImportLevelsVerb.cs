using System.CommandLine;
using System.Runtime;
using Laurel.Kernel;
using Laurel.Server.Hosting;
using Laurel.Server.Imports;
using Laurel.Server.Logging;

namespace Laurel.Server.Verbs;

/// <summary><c>import levels</c>: the changes of level that another system made, from a CSV file.</summary>
/// <remarks>Exit codes as <see cref="ImportOrdersVerb"/>.</remarks>
internal static class ImportLevelsVerb
{
    private const string Description = """
        Writes changes of level from a CSV file, each member's in order of time, as they were dated in the other system.
        A member holds the last of them, and the rules of the programme judge on from it. Import levels before orders:
        a change must be later than the member's last one.
        It can be repeated and interrupted at will: a change that is there already is a duplicate and changes nothing.
        Bad rows are skipped and reported. With a column for it (joined=NAME), members that are not there are enrolled
        on that day; without, their rows are rejected. With track=NAME, a row that names a track is of its levels. The file is sorted in memory, about 300 bytes a row.
        """;

    private static readonly Argument<string> s_file = new("FILE.csv") { Description = "The file, its first line naming the columns." };

    private static readonly Option<string> s_map = new("--map")
    {
        Description = "Which column is what; reason=NAME, track=NAME and joined=NAME may be added. "
            + "A date (2026-01-31) is the start of that business day; instants may be RFC 3339.",
        DefaultValueFactory = _ => LevelColumnMap.Default,
    };

    private static readonly Option<string> s_operator = new("--operator")
    {
        Description = "Who imports them, for the history.",
        DefaultValueFactory = _ => "import",
    };

    private static readonly Option<string> s_encoding = ImportConsole.EncodingOption();

    private static readonly Option<string?> s_errors = ImportConsole.ErrorsOption();

    public static Command Create()
    {
        var command = new Command("levels", Description) { s_file, s_map, s_operator, s_encoding, s_errors, VerbOptions.Tenant };
        command.SetAction((parsed, cancellationToken) =>
            VerbOptions.RunAsync(parsed, settings => RunAsync(parsed, settings, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue(s_file);
        var errors = parsed.GetValue(s_errors) ?? path + ".errors.csv";
        var importedBy = parsed.GetRequiredValue(s_operator);
        if (!LevelColumnMap.TryParse(parsed.GetRequiredValue(s_map), out var map, out var mistake))
        {
            return ImportConsole.Unusable(mistake);
        }

        if (importedBy.Trim().Length is 0 or > 255 || importedBy.Any(char.IsControl))
        {
            return ImportConsole.Unusable("--operator is a name of 1 to 255 characters.");
        }

        if (ImportConsole.EncodingOf(parsed.GetRequiredValue(s_encoding)) is not { } encoding)
        {
            return ImportConsole.Unusable("--encoding is utf-8 or gb18030.");
        }

        if (Path.GetFullPath(errors) == Path.GetFullPath(path))
        {
            return ImportConsole.Unusable("--errors must not be the file itself.");
        }

        return await ImportConsole.GuardAsync(async () =>
        {
            var (file, unusable) = LevelFile.Open(path, encoding, map);
            using (file)
            {
                return file is null
                    ? ImportConsole.Unusable(unusable!)
                    : await ImportAsync(parsed, file, map, importedBy.Trim(), errors, settings, cancellationToken);
            }
        });
    }

    private static async Task<int> ImportAsync(
        ParseResult parsed,
        LevelFile file,
        LevelColumnMap map,
        string importedBy,
        string errors,
        LaurelSettings settings,
        CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var own = OrderImport.SettingsFor(settings);
        GCSettings.LatencyMode = GCLatencyMode.Batch;
        using var loggers = LoggerFactory.Create(logging => LogSetup.ConfigureLogging(logging, settings));
        await using var node = await LaurelNode.OpenAsync(own, "import levels", clock, loggers, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var programme = node.Programmes.Latest(tenant)
            ?? throw new InvariantBrokenException("An open node has read the programme of its tenant.");
        await using var report = new ErrorReport(errors);
        // No later than now: a change that lies ahead would be refused.
        var times = new BusinessTimes(programme.Calendar, Instant.Now(clock));
        var (history, counts) = await ImportProgress.ShowAsync(async (reading, importing) =>
        {
            reading.MaxValue = Math.Max(1, file.BytesTotal);
            var read = file.Read(times, report, new TaskProgress(reading), cancellationToken);
            importing.MaxValue = Math.Max(1, read.Changes.Count);
            var import = new LevelImport(node, tenant, map, report, clock);
            return (read, await import.RunAsync(read, importedBy, new TaskProgress(importing), cancellationToken));
        });
        ImportConsole.Tell("rows", history.Rows);
        ImportConsole.Tell("changes applied", counts.ChangesApplied);
        ImportConsole.Tell("duplicates", counts.Duplicates + history.Repeats);
        ImportConsole.Tell("members made", counts.MembersMade);
        return ImportConsole.Close(report, errors, "changes/s", history.Changes.Count, clock.GetElapsedTime(started));
    }
}
