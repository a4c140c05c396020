using System.CommandLine;
using Laurel.Server.Backups;

namespace Laurel.Server.Verbs;

/// <summary><c>restore</c>: an archive becomes the database again.</summary>
internal static class RestoreVerb
{
    private const string Description = """
        Restores an archive of laurel backup. Hashes are compared first; then the database is restored, its schema brought up
        to date and every invariant proved. When a step fails, what was there before stands. Stop every server first.
        """;

    private static readonly Argument<string> s_file = new("FILE.tar.gz") { Description = "The archive." };

    private static readonly Option<bool> s_replace = new("--replace")
    {
        Description = "Gives up the database that is there, and the keys if they differ (they are kept aside).",
    };

    public static Command Create()
    {
        var command = new Command("restore", Description) { s_file, s_replace };
        command.SetAction((parsed, cancellationToken) => BackupConsole.RunAsync(parsed, async (settings, progress) =>
        {
            var restore = new RestoreBackup(settings, TimeProvider.System, progress);
            var report = await restore.RunAsync(parsed.GetRequiredValue(s_file), parsed.GetValue(s_replace), cancellationToken);
            return
            [
                ("restored", settings.DatabaseUrl is null ? settings.SqliteFile : "the database of DATABASE_URL"),
                ("state of", $"{report.Manifest.CreatedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}"),
                .. BackupConsole.FactsOf(report.Manifest),
                ("migrations", $"{report.MigrationsApplied} applied"),
                ("keys", report.Keys),
                ("proved", "hashes, row counts, every invariant"),
            ];
        }));
        return command;
    }
}
