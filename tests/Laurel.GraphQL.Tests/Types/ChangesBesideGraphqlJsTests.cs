using System.Text.Json;
using Laurel.GraphQL.Tests.Language;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>Two schemas that nobody wrote differ as graphql-js says: the same changes in the same words.</summary>
/// <remarks><c>LAUREL_FUZZ_DOCUMENTS</c> says how many pairs, each counting for ten documents (300 at least), and <c>LAUREL_SEED</c> repeats
/// a run. It takes <c>npm ci</c> in <c>tests/node</c>.</remarks>
public sealed class ChangesBesideGraphqlJsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Agrees_When_SchemasAreGenerated()
    {
        GraphqlJs.Require();
        var (seed, random) = MutatedDocuments.Chance(output);
        var generator = new GeneratedSchemas(random);
        var pairs = Enumerable.Range(0, Math.Max(300, MutatedDocuments.Number("LAUREL_FUZZ_DOCUMENTS", 3_000) / 10))
            .Select(_ => (Before: generator.Next(), After: generator.Next())).ToArray();

        var answers = await GraphqlJs.AskAsync(
            "changes.mjs", pairs.Select(static pair => $"{GraphqlJs.Encoded(pair.Before)} {GraphqlJs.Encoded(pair.After)}"), TestContext.Current.CancellationToken);

        answers.Length.ShouldBe(pairs.Length);
        var kinds = new HashSet<SchemaChangeKind>();
        for (var index = 0; index < pairs.Length; index++)
        {
            var changes = SchemaChanges.Between(Schemas.Good(pairs[index].Before), Schemas.Good(pairs[index].After))
                .Where(static change => change.Kind <= SchemaChangeKind.ArgDefaultValueChange).ToList();
            changes.Select(Describe).Order(StringComparer.Ordinal).ToArray().ShouldBe(
                JsonSerializer.Deserialize<string[]>(answers[index])!,
                customMessage: $"LAUREL_SEED={seed}, pair {index}:\n{pairs[index].Before}\n{pairs[index].After}");
            kinds.UnionWith(changes.Select(static change => change.Kind));
        }

        Enum.GetValues<SchemaChangeKind>().Where(static kind => kind <= SchemaChangeKind.ArgDefaultValueChange).Except(kinds)
            .ShouldBeEmpty($"LAUREL_SEED={seed}: every kind turns up.");
    }

    private static string Describe(SchemaChange change) =>
        $"{(change.IsBreaking ? "breaking" : "dangerous")} {JsonNamingPolicy.SnakeCaseUpper.ConvertName(change.Kind.ToString())} {change.Description}";
}
