using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Documents that nobody wrote are read and refused as graphql-js does: the same outcome, the same place, the same words.</summary>
/// <remarks><c>LAUREL_FUZZ_DOCUMENTS</c> says how many (3,000 by default), and <c>LAUREL_SEED</c> repeats a run. It takes <c>npm ci</c> in
/// <c>tests/node</c>.</remarks>
public sealed class ReadingBesideGraphqlJsTests(ITestOutputHelper output)
{
    private const string Missing = "graphql is not here (npm ci in tests/node)";

    private static readonly string s_folder = Path.Combine(RecordedData.Root, "tests", "node");

    // It read extensions so before September 2025, and its recorded cases still do; now it has the same words for all that cannot be described.
    private static readonly (string Ours, string Theirs) s_described = (
        "Syntax Error: Unexpected description, descriptions are supported only on type definitions.",
        "Syntax Error: Unexpected description, only GraphQL definitions support descriptions.");

    [Fact]
    public async Task Agrees_When_DocumentsAreMutated()
    {
        RequireGraphqlJs();
        var (seed, random) = MutatedDocuments.Chance(output);
        var documents = Enumerable.Range(0, MutatedDocuments.Number("LAUREL_FUZZ_DOCUMENTS", 3_000)).Select(_ => MutatedDocuments.Next(random)).ToArray();
        var limits = ParseLimits.Schema with { DepthMax = ParseLimits.DepthCeiling };
        var results = documents.Select(document => Parser.Parse(new(document), limits)).ToArray();

        var answers = await AskAsync(documents.Zip(results, Question), TestContext.Current.CancellationToken);

        answers.Length.ShouldBe(documents.Length);
        for (var index = 0; index < documents.Length; index++)
        {
            Answer(results[index]).ShouldBe(answers[index], $"LAUREL_SEED={seed}, document {index}: {MutatedDocuments.Escaped(documents[index])}");
        }

        results.Count(result => result.Succeeded).ShouldBeGreaterThan(documents.Length / 100);
    }

    private static string Question(string document, ParseResult<DocumentNode> result) =>
        result.Node is null ? Encoded(document) : $"{Encoded(document)} {Encoded(Printer.Print(result.Node))}";

    private static string Answer(ParseResult<DocumentNode> result) => result.Error is { } error
        ? $"{error.Position.Line}:{error.Position.Column} {error.Message.Replace(s_described.Ours, s_described.Theirs).Replace("\n", "\\n").Replace("\r", "\\r")}"
        : "read";

    // The framework's encoding would replace halves of surrogate pairs.
    private static string Encoded(string text) => Convert.ToBase64String(MemoryMarshal.AsBytes(text.AsSpan()));

    private static async Task<string[]> AskAsync(IEnumerable<string> questions, CancellationToken cancellationToken)
    {
        using var node = Process.Start(new ProcessStartInfo("node", "documents.mjs")
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

    private static void RequireGraphqlJs()
    {
        var found = Directory.Exists(Path.Combine(s_folder, "node_modules", "graphql"));
        Assert.False(
            !found && Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.SkipUnless(found, Missing);
    }
}
