using System.ComponentModel;
using System.Diagnostics;

namespace Laurel.Server.Backups;

/// <summary>A database's own program for dumping or restoring, run to its end.</summary>
internal sealed record DumpTool
{
    /// <summary>Where Debian keeps PostgreSQL's programs, by version; the rest is on the path.</summary>
    private const string DebianPostgres = "/usr/lib/postgresql";

    /// <summary>Lines of the program's own complaint that are passed on.</summary>
    private const int ComplaintLinesMax = 5;

    /// <summary>Names of the same program, the one to prefer first.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Seen by everybody on the machine: never a password.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What it reads from standard input; null is nothing.</summary>
    public string? InputFile { get; init; }

    /// <summary>Runs it.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="BackupException">When it is not installed, or failed; with its own words.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await FeedAsync(process, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new BackupException($"{Names[0]} ended with {process.ExitCode}: {Shorten(await errors)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private Process Start()
    {
        var file = Names.Select(Find).FirstOrDefault(found => found is not null)
            ?? throw new BackupException(
                $"The program {string.Join(" or ", Names)} is not here. "
                + "Install the client programs of the database (Debian: postgresql-client or mariadb-client).");
        var start = new ProcessStartInfo(file, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new BackupException($"{file} did not start.");
        }
        catch (Win32Exception exception)
        {
            throw new BackupException($"{file} did not start: {exception.Message}");
        }
    }

    private async Task FeedAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = process.StandardInput.BaseStream;
            if (InputFile is not null)
            {
                await using var file = File.OpenRead(InputFile);
                await file.CopyToAsync(input, cancellationToken);
            }
        }
        catch (IOException)
        {
            // It ended before it had read all; its exit code and its complaint say why.
        }
    }

    private static string? Find(string name)
    {
        var path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var debian = (Directory.Exists(DebianPostgres) ? Directory.GetDirectories(DebianPostgres) : [])
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"));
        return path.Concat(debian).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static string Shorten(string complaint) =>
        string.Join(" ", complaint.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeLast(ComplaintLinesMax));
}
