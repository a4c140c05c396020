using Xunit;

namespace Laurel.Testing;

/// <summary>Prometheus' own checker (Debian package <c>prometheus</c>).</summary>
public static class Promtool
{
    /// <summary>Why tests are skipped where it is not installed.</summary>
    public const string Missing = "promtool is not here (Debian package prometheus)";

    /// <summary>Runs it to its end. Skips the test where it is not installed, or fails it when
    /// <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    public static Task<ChildOutcome> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        Require();
        var program = new ChildProgram { File = "promtool", Arguments = arguments, Folder = Repository.Root };
        return ChildProcess.RunAsync(program, cancellationToken);
    }

    /// <summary>Lets it judge what a server answered at <c>/metrics</c>.</summary>
    public static async Task<ChildOutcome> CheckMetricsAsync(string exposition, CancellationToken cancellationToken)
    {
        Require();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, exposition, cancellationToken);
            var program = new ChildProgram { File = "sh", Arguments = ["-c", "promtool check metrics < \"$0\"", file] };
            return await ChildProcess.RunAsync(program, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Require()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "promtool")));
        Assert.False(
            !found && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(found, Missing);
    }
}
