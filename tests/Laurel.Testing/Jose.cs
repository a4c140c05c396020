using System.Text.Json;
using Xunit;

namespace Laurel.Testing;

/// <summary>Access tokens as the npm package <c>jose</c> reads and makes them: <c>npm ci</c> in <c>tests/node</c>.</summary>
public static class Jose
{
    /// <summary>Why tests are skipped where it is not installed.</summary>
    public const string Missing = "jose is not here (npm ci in tests/node)";

    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "node");

    /// <summary>Runs a verb of <c>tokens.mjs</c>. Skips the test where it is not installed, or fails it when <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    /// <returns>What it printed: claims, a token, or <c>refused</c>.</returns>
    public static async Task<JsonElement> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var found = Directory.Exists(Path.Combine(s_folder, "node_modules", "jose"));
        Assert.False(
            !found && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(found, Missing);
        var outcome = await ChildProcess.RunAsync(
            new ChildProgram { File = "node", Arguments = ["tokens.mjs", .. arguments], Folder = s_folder }, cancellationToken);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return JsonDocument.Parse(outcome.Output).RootElement;
    }
}
