using System.Text.Json;
using Laurel.GraphQL.Tests.Language;
using Laurel.GraphQL.Types;
using Laurel.GraphQL.Validation;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Validation;

/// <summary>Documents that nobody wrote are accepted and refused as graphql-js does: the same errors with the same words at the same
/// places.</summary>
/// <remarks><c>LAUREL_FUZZ_DOCUMENTS</c> says how many (3,000 by default), and <c>LAUREL_SEED</c> repeats a run. It takes <c>npm ci</c> in
/// <c>tests/node</c>.</remarks>
public sealed class ValidatingBesideGraphqlJsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Agrees_When_DocumentsAreGenerated()
    {
        GraphqlJs.Require();
        var (seed, random) = MutatedDocuments.Chance(output);
        var generator = new GeneratedDocuments(Schemas.Recorded, random);
        var documents = Enumerable.Range(0, MutatedDocuments.Number("LAUREL_FUZZ_DOCUMENTS", 3_000)).Select(_ => generator.Next()).ToArray();
        var questions = documents.Prepend(SchemaPrinter.Print(Schemas.Recorded)).Select(GraphqlJs.Encoded);

        var answers = await GraphqlJs.AskAsync("validations.mjs", questions, TestContext.Current.CancellationToken);

        answers.Length.ShouldBe(documents.Length);
        var accepted = 0;
        for (var index = 0; index < documents.Length; index++)
        {
            var errors = Validate(documents[index]);
            errors.ShouldBe(
                Comparable(JsonSerializer.Deserialize<string[]>(answers[index])!),
                customMessage: $"LAUREL_SEED={seed}, document {index}: {documents[index]}");
            accepted += errors.Length == 0 ? 1 : 0;
        }

        accepted.ShouldBeInRange(documents.Length / 20, documents.Length * 19 / 20);
    }

    private static string[] Validate(string document) => Comparable(
        DocumentValidator.Validate(Schemas.Recorded, Schemas.Parse(document), ValidationLimits.Schema)
            .Select(static error => $"{error.Message} ({string.Join(' ', error.Locations.Select(static place => Describe(place.Position!.Value)))})"));

    /// <summary>Of fields that cannot be merged only that there are some: how often one conflict is reported has changed between the
    /// version whose cases were recorded, which we are held to word by word, and the one that runs here.</summary>
    private static string[] Comparable(IEnumerable<string> errors) =>
    [
        .. errors.Select(static error => error.StartsWith("Fields \"", StringComparison.Ordinal) ? "Fields conflict" : error)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private static string Describe(Laurel.GraphQL.Language.SourcePosition position) => $"{position.Line}:{position.Column}";
}
