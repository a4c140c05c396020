using System.Collections;
using System.Reflection;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>The parser accepts and refuses what graphql-js does, at the same place and with the same words.</summary>
public sealed class ParsingTests
{
    private static readonly JsonElement[] s_cases = RecordedData.Cases("parse-cases.json");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_cases.Length)];

    public static TheoryData<string> Sinks => ["kitchen-sink.graphql", "kitchen-sink-schema.graphql"];

    [Fact]
    public void IsHeldToEveryCase_When_TheyAreCounted() => s_cases.Length.ShouldBe(1_304);

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithTheRecordedOutcome_When_ADocumentIsRead(int index)
    {
        var recorded = s_cases[index];
        var source = new Source(RecordedData.StringOf(recorded, "text"));
        var options = recorded.GetProperty("options");
        var limits = options.TryGetProperty("maxTokens", out var tokens) ? new ParseLimits { TokensMax = tokens.GetInt32() } : ParseLimits.Request;

        var result = Parser.Parse(source, limits);

        if (options.TryGetProperty("allowLegacyFragmentVariables", out _))
        {
            // An option of graphql-js for a syntax that never came into the specification.
            result.Error.ShouldNotBeNull().Message.ShouldBe("Syntax Error: Expected \"on\", found \"(\".");
        }
        else if (recorded.GetProperty("ok").GetBoolean())
        {
            result.Error.ShouldBeNull();
            result.Node!.Definitions.Select(definition => definition.Kind.ToString())
                .ShouldBe(recorded.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()!));
        }
        else
        {
            result.Node.ShouldBeNull();
            result.Error.ShouldNotBeNull();
            result.Error.Message.ShouldBe(RecordedData.StringOf(recorded, "message"));
            result.Error.Position.ShouldBe(RecordedData.PositionOf(recorded.GetProperty("locations")));
        }
    }

    [Theory]
    [InlineData("\"Finds one.\" query Find { a }", NodeKind.OperationDefinition)]
    [InlineData("\"Finds one.\" query { a }", NodeKind.OperationDefinition)]
    [InlineData("\"\"\"Some fields.\"\"\" fragment Some on Thing { a }", NodeKind.FragmentDefinition)]
    public void KeepsTheDescription_When_ItIsOfAnExecutableDefinition(string text, NodeKind kind)
    {
        // Section 2.2 of September 2025; graphql-js has it from 16.12 on, so no recorded case shows it.
        var definition = Parser.Parse(new(text), ParseLimits.Request).Node!.Definitions.ShouldHaveSingleItem();

        definition.Kind.ShouldBe(kind);
        ((ExecutableDefinitionNode)definition).Description!.Value.ShouldBeOneOf("Finds one.", "Some fields.");
        definition.Location.Start.ShouldBe(0);
    }

    [Fact]
    public void KeepsTheDescription_When_ItIsOfAVariable()
    {
        var document = Parser.Parse(new("query ( \"How many.\" $first: Int = 1) { a }"), ParseLimits.Request).Node!;

        var variable = ((OperationDefinitionNode)document.Definitions[0]).VariableDefinitions.ShouldHaveSingleItem();
        variable.Description!.Value.ShouldBe("How many.");
        variable.Variable.Name.Value.ShouldBe("first");
    }

    [Theory]
    [InlineData("\"Of nothing.\" { a }", "Syntax Error: Unexpected description, descriptions are not supported on shorthand queries.")]
    [InlineData("\"Of nothing.\"", "Syntax Error: Unexpected <EOF>.")]
    [InlineData("\"Of nothing.\" other { a }", "Syntax Error: Unexpected description, only GraphQL definitions support descriptions.")]
    [InlineData("", "Syntax Error: Unexpected <EOF>.")]
    [InlineData("{ a(b: $) }", "Syntax Error: Expected Name, found \")\".")]
    [InlineData("query ($a: B = $) { a }", "Syntax Error: Unexpected \"$\".")]
    [InlineData("{ a(b: [1 2 }", "Syntax Error: Unexpected \"}\".")]
    [InlineData("schema { queries: Query", "Syntax Error: Unexpected Name \"queries\".")]
    [InlineData("directive @a on FIELDS 0x", "Syntax Error: Invalid number, expected digit but got: \"x\".")]
    [InlineData("{ a } }", "Syntax Error: Unexpected \"}\".")]
    [InlineData("type A implements { a: B }", "Syntax Error: Expected Name, found \"{\".")]
    [InlineData("schema { query Query }", "Syntax Error: Expected \":\", found Name \"Query\".")]
    [InlineData("schema { \"q\": Query }", "Syntax Error: Expected Name, found String \"q\".")]
    [InlineData("extend directive @a on FIELD", "Syntax Error: Unexpected Name \"directive\".")]
    [InlineData("{ a '", "Syntax Error: Unexpected single quote character ('), did you mean to use a double quote (\")?")]
    public void NamesTheFault_When_ADocumentIsRefused(string text, string message) =>
        Parser.Parse(new(text), ParseLimits.Request).Error.ShouldNotBeNull().Message.ShouldBe(message);

    [Theory]
    [InlineData("[1, {a: $b}]", true, false)]
    [InlineData("[1, {a: B}]", true, true)]
    [InlineData("1 2", false, false)]
    [InlineData("", false, false)]
    public void ReadsAValueAlone_When_NothingElseIsThere(string text, bool isValue, bool isConst)
    {
        Parser.ParseValue(new(text), ParseLimits.Request).Succeeded.ShouldBe(isValue);
        Parser.ParseConstValue(new(text), ParseLimits.Request).Succeeded.ShouldBe(isConst);
    }

    [Theory]
    [InlineData("[[Int!]]!", true)]
    [InlineData("Int!!", false)]
    [InlineData("[Int", false)]
    [InlineData("Int Int", false)]
    public void ReadsATypeAlone_When_NothingElseIsThere(string text, bool succeeds)
    {
        var result = Parser.ParseType(new(text), ParseLimits.Request);

        result.Succeeded.ShouldBe(succeeds);
        (result.Node is null ? null : Printer.Print(result.Node)).ShouldBe(succeeds ? text : null);
    }

    [Theory]
    [MemberData(nameof(Sinks))]
    public void GivesEachNodeItsPlace_When_ADocumentHasOneOfEverything(string file)
    {
        var text = RecordedData.Text(file);

        foreach (var node in Trees.WithAllBelow(Parser.Parse(new(text), ParseLimits.Request).Node!))
        {
            var (_, start, end) = node.Location;
            var written = text[start..end];
            var children = Trees.Children(node);
            var inOrder = new[] { start }.Concat(children.SelectMany(child => new[] { child.Location.Start, child.Location.End })).Append(end).ToArray();

            inOrder.ShouldBe(inOrder.Order());
            if (node is not DocumentNode)
            {
                written.ShouldBe(written.Trim());
                written.ShouldNotBeEmpty();
            }

            if (node is NameNode name)
            {
                written.ShouldBe(name.Value);
            }

            if (node is ValueNode)
            {
                Trees.Outline(Parser.ParseValue(new(written), ParseLimits.Request).Node!).ShouldBe(Trees.Outline(node));
            }
        }
    }

    [Fact]
    public void KnowsEveryKind_When_BothDocumentsAreTaken()
    {
        var kinds = Sinks.SelectMany(row => Trees.WithAllBelow(Parser.Parse(new(RecordedData.Text(row.Data)), ParseLimits.Request).Node!))
            .Select(node => node.Kind)
            .Distinct();

        kinds.Order().ShouldBe(Enum.GetValues<NodeKind>());
    }

    [Theory]
    [MemberData(nameof(Sinks))]
    public void GivesEveryChild_When_TheyAreAskedFor(string file)
    {
        foreach (var node in Trees.WithAllBelow(Parser.Parse(new(RecordedData.Text(file)), ParseLimits.Request).Node!))
        {
            var held = node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(property => property.GetValue(node))
                .SelectMany(value => value switch { Node one => [one], IEnumerable many and not string => many.OfType<Node>(), _ => [] });

            Trees.Children(node).ShouldBe(held, ignoreOrder: true);
        }
    }
}
