using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests;

/// <summary>Asks graphql-js through the scripts of <c>tests/node</c>, which takes <c>npm ci</c> there.</summary>
internal static class GraphqlJs
{
    private const string Missing = "graphql is not here (npm ci in tests/node)";

    private static readonly string s_folder = Path.Combine(RecordedData.Root, "tests", "node");

    /// <summary>Skips the test without graphql-js, unless <c>LAUREL_REQUIRE_SERVERS</c> asks for it.</summary>
    public static void Require()
    {
        var found = Directory.Exists(Path.Combine(s_folder, "node_modules", "graphql"));
        Assert.False(
            !found && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(found, Missing);
    }

    /// <summary>A text as the scripts read it. The framework's encoding would replace halves of surrogate pairs.</summary>
    public static string Encoded(string text) => Convert.ToBase64String(MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>The lines that a script answers.</summary>
    public static async Task<string[]> AskAsync(string script, IEnumerable<string> questions, CancellationToken cancellationToken)
    {
        using var node = Process.Start(new ProcessStartInfo("node", script)
        {
            WorkingDirectory = s_folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        })!;

        // It reads all before it answers, so nobody waits for the other.
        foreach (var question in questions)
        {
            await node.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        }

        node.StandardInput.Close();
        var answers = await node.StandardOutput.ReadToEndAsync(cancellationToken);
        await node.WaitForExitAsync(cancellationToken);
        node.ExitCode.ShouldBe(0);
        return answers.TrimEnd('\n').Split('\n');
    }
}
