using System.Text.Json;
using Laurel.GraphQL.Types;
using Laurel.GraphQL.Validation;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Validation;

/// <summary>The cases of graphql-js's own tests of validation: each checks one rule, and every message and every place must be the
/// recorded one, in the recorded order.</summary>
public sealed class RecordedValidationTests
{
    private static readonly JsonElement[] s_cases = RecordedData.Cases("validation-cases.json");

    private static readonly Dictionary<string, RuleDefinition> s_rules =
        RuleSets.Executable.Rules.Concat(RuleSets.SchemaDocument.Rules).Concat(RuleSets.Additional.Rules)
            .DistinctBy(static rule => rule.Name)
            .ToDictionary(static rule => rule.Name + "Rule", StringComparer.Ordinal);

    public static TheoryData<string> RecordedRules => [.. s_cases.Select(static recorded => recorded.GetProperty("rule").GetString()!).Distinct()];

    [Theory]
    [MemberData(nameof(RecordedRules))]
    public void ErrorsAreTheRecordedOnes_When_OneRuleIsChecked(string rule)
    {
        var set = new RuleSet(s_rules[rule]);
        var differences = new List<string>();
        foreach (var recorded in s_cases.Where(recorded => recorded.GetProperty("rule").GetString() == rule))
        {
            var expected = recorded.GetProperty("errors").EnumerateArray().Select(Describe).ToList();
            var found = Check(recorded, set).Select(Describe).ToList();
            if (!expected.SequenceEqual(found))
            {
                differences.Add(
                    $"{recorded.GetProperty("test").GetString()}\n{recorded.GetProperty("text").GetString()}\nexpected:\n  "
                    + string.Join("\n  ", expected) + "\nfound:\n  " + string.Join("\n  ", found));
            }
        }

        differences.ShouldBeEmpty();
    }

    [Fact]
    public void EveryRuleIsRecordedAndEveryCaseChecked_When_TheFileIsWhole()
    {
        s_cases.Length.ShouldBe(536);
        s_cases.Select(static recorded => recorded.GetProperty("rule").GetString()!).Distinct().Order()
            .ShouldBe(s_rules.Keys.Except(["KnownOperationTypesRule"]).Order());
    }

    /// <summary>A document that breaks no rule alone breaks none when all are checked in one walk, and the other way round.</summary>
    [Fact]
    public void OneWalkFindsWhatTheRulesFindAlone_When_AllRulesAreChecked()
    {
        foreach (var recorded in s_cases.Where(static recorded => recorded.GetProperty("kind").GetString() == "operation"))
        {
            var (schema, document) = Read(recorded);
            var alone = RuleSets.Executable.Rules
                .SelectMany(rule => DocumentValidator.Check(document, schema, new RuleSet(rule), ValidationLimits.Schema))
                .Select(Describe)
                .Order(StringComparer.Ordinal);
            var together = DocumentValidator.Validate(schema!, document, ValidationLimits.Schema).Select(Describe).Order(StringComparer.Ordinal);
            together.ShouldBe(alone, recorded.GetProperty("text").GetString());
        }
    }

    private static IEnumerable<GraphQLError> Check(JsonElement recorded, RuleSet set)
    {
        var (schema, document) = Read(recorded);
        return DocumentValidator.Check(document, schema, set, ValidationLimits.Request);
    }

    private static (Schema? Schema, Laurel.GraphQL.Language.DocumentNode Document) Read(JsonElement recorded)
    {
        // The one scalar whose values the recorded test refuses in code.
        var scalars = recorded.GetProperty("test").GetString()!.EndsWith("custom scalar that returns undefined", StringComparison.Ordinal)
            ? Schemas.NoScalars.Add("CustomScalar", new RefusingCoercion())
            : Schemas.NoScalars;
        var schema = recorded.GetProperty("schema").GetString() switch
        {
            null => null,
            "TEST_SCHEMA" => Schemas.Recorded,
            var text => Schemas.Assemble(text, scalars),
        };
        return (schema, Schemas.Parse(recorded.GetProperty("text").GetString()!));
    }

    private static string Describe(JsonElement error)
    {
        var places = error.TryGetProperty("locations", out var locations)
            ? locations.EnumerateArray().Select(static place => $"{place.GetProperty("line").GetInt32()}:{place.GetProperty("column").GetInt32()}")
            : [];
        return $"{error.GetProperty("message").GetString()} ({string.Join(' ', places)})";
    }

    private static string Describe(GraphQLError error)
    {
        var places = error.Locations.Select(static location => location.Position is { } position ? $"{position.Line}:{position.Column}" : "?");
        return $"{error.Message} ({string.Join(' ', places)})";
    }
}
