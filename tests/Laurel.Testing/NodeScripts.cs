using System.Text.Json;
using Xunit;

namespace Laurel.Testing;

/// <summary>Programs of others that speak with Laurel, through the scripts of <c>tests/node</c>: <c>npm ci</c> there.</summary>
public static class NodeScripts
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "node");

    /// <summary>Runs a script. Skips the test where its package is not installed, or fails it when <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    /// <param name="package">What the script needs.</param>
    /// <param name="arguments">The script and what it is told.</param>
    /// <returns>What it printed, one JSON value.</returns>
    public static async Task<JsonElement> RunAsync(string package, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var missing = $"{package} is not here (npm ci in tests/node)";
        var found = Directory.Exists(Path.Combine(s_folder, "node_modules", package));
        Assert.False(
            !found && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(found, missing);
        var outcome = await ChildProcess.RunAsync(
            new ChildProgram { File = "node", Arguments = arguments, Folder = s_folder }, cancellationToken);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return JsonDocument.Parse(outcome.Output).RootElement;
    }
}
