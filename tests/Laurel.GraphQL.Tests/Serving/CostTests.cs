using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>What an operation may cost: the weights of what it asks for, times the sizes of the lists around.</summary>
public sealed class CostTests
{
    private static readonly GraphQLService s_service = Services.With(new() { CostMax = long.MaxValue });

    [Theory]
    [InlineData("{ __typename }", 0)]
    [InlineData("{ dear }", 30)]
    [InlineData("{ member { id name points } }", 1)]
    [InlineData("{ member { level { name } } }", 6)]
    [InlineData("{ anything { id } }", 10)]
    [InlineData("{ anything { level { name } } }", 60)]
    [InlineData("{ member { friends(first: 3) { level { name } friends(first: 2) { id } } } }", 1 + (3 * (1 + 5 + 2)))]
    [InlineData("{ member { grid { name } } }", 1 + (10 * 10 * 5))]
    [InlineData("{ members(pageSize: 4) { total items { id } } }", 1 + 4)]
    [InlineData("{ members { items { id } } }", 1 + 20)]
    [InlineData("{ members(pageSize: null) { items { id } } }", 1 + 10)]
    [InlineData("{ members(pageSize: -5) { items { id } } }", 1)]
    [InlineData("{ members(pageSize: 4) { ...F } } fragment F on Members { items { ...M } a: items { id } } fragment M on Member { level { name } }", 1 + (4 * 6) + 4)]
    [InlineData("{ search { id } }", 50)]
    [InlineData("{ search(paging: { size: 6 }) { id } }", 6)]
    [InlineData("{ search(paging: {}) { id } }", 40)]
    [InlineData("{ search(paging: { size: null }) { id } }", 50)]
    [InlineData("{ found { ... on Member { level { name } } ... on Level { name } } }", 10 * (1 + 5))]
    [InlineData("{ found(text: \"a\") { __typename } }", 10 + 7)]
    [InlineData("{ anything @skip(if: true) { id } dear @include(if: true) }", 30)]
    [InlineData("mutation { rename(id: 1, name: \"a\") { id } }", 10)]
    [InlineData("{ __schema { types { name fields { name } } } }", 0)]
    public void TheCostIsTold_When_AnOperationIsPrepared(string text, long cost) => CostOf(text, "{}").ShouldBe(cost);

    [Theory]
    [InlineData("query ($n: Int) { members(pageSize: $n) { items { level { name } } } }", "{ \"n\": 7 }", 1 + (7 * 6))]
    [InlineData("query ($n: Int) { members(pageSize: $n) { items { id } } }", "{}", 1 + 20)]
    [InlineData("query ($n: Int = 3) { members(pageSize: $n) { items { id } } }", "{}", 1 + 3)]
    [InlineData("query ($n: Int) { members(pageSize: $n) { items { id } } }", "{ \"n\": null }", 1 + 10)]
    [InlineData("query ($p: Paging) { search(paging: $p) { friends(first: 2) { id } } }", "{ \"p\": { \"size\": 5 } }", 5 * 3)]
    [InlineData("query ($n: Int) { search(paging: { size: $n }) { id } }", "{ \"n\": 9 }", 9)]
    [InlineData(
        "query ($n: Int) { member { ...F } } fragment F on Member { friends(first: $n) { ...G } } fragment G on Member { friends(first: $n) { id } }",
        "{ \"n\": 8 }",
        1 + (8 * (1 + 8)))]
    [InlineData("query ($b: Boolean!) { dear @include(if: $b) member @skip(if: $b) { id } }", "{ \"b\": true }", 30)]
    [InlineData("query ($b: Boolean!) { dear @include(if: $b) member @skip(if: $b) { id } }", "{ \"b\": false }", 1)]
    [InlineData("query ($b: Boolean!) { ...F @include(if: $b) ... @skip(if: $b) { member { id } } } fragment F on Query { dear }", "{ \"b\": false }", 1)]
    [InlineData("query ($n: Int!) { members(pageSize: $n) { ...F ...F } } fragment F on Members { items { id } }", "{ \"n\": 6 }", 1 + 6 + 6)]
    public void TheCostIsThatOfTheRequest_When_VariablesDecide(string text, string variables, long cost) => CostOf(text, variables).ShouldBe(cost);

    [Fact]
    public void TheCostStaysTheLargestNumber_When_ItIsLargerThanCanBeTold()
    {
        var chain = string.Join(' ', Enumerable.Range(0, 40).Select(static n => $"fragment F{n} on Member {{ friends(first: 2000000000) {{ ...F{n + 1} }} }}"));
        var doubled = string.Join(' ', Enumerable.Range(0, 90).Select(static n => $"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}"));

        CostOf("{ member { ...F0 } } fragment F40 on Member { id } " + chain, "{}").ShouldBe(long.MaxValue);
        CostOf("{ ...F0 } fragment F90 on Query { dear } " + doubled, "{}").ShouldBe(long.MaxValue);
        CostOf("query ($n: Int = 2000000000) { member { ...F0 } } fragment F40 on Member { id } " + chain.Replace("2000000000", "$n", StringComparison.Ordinal), "{}")
            .ShouldBe(long.MaxValue);
    }

    [Fact]
    public void EachListBelowIsSizedOnce_When_FragmentsMeetManySizes()
    {
        // Every fragment is spread below two sizes, so there are more ways through than can be walked; each is measured once.
        var levels = string.Join(' ', Enumerable.Range(0, 40).Select(static n =>
            $"fragment F{n} on Query {{ a{n}: members(pageSize: $n) {{ ...L{n} }} b{n}: members(pageSize: 2) {{ ...L{n} }} ...F{n + 1} ...F{n + 1} }} "
            + $"fragment L{n} on Members {{ items {{ id }} }}"));
        var service = Services.With(new() { CostMax = long.MaxValue, AliasesMax = int.MaxValue });

        var prepared = service.Prepare(Services.Request("query ($n: Int!) { ...F0 } fragment F40 on Query { dear } " + levels, """{ "n": 3 }"""));

        // There are more aliases than the largest limit there can be.
        prepared.Fault.ShouldBe(PreparationFault.Limit);
        prepared.Errors.ShouldHaveSingleItem().Extensions!["limit"].ShouldBe("AliasesMax");
    }

    [Fact]
    public void TheServiceIsNotMade_When_TheDirectivesSayWhatCannotBe()
    {
        const string Sdl =
            """
            type Query {
              a: Int @cost(weight: -1)
              b: Int @listSize(assumedSize: 3)
              c: [Int] @listSize(assumedSize: -3, slicingArguments: ["first", "by.last"])
              d(by: By): Query @listSize(slicingArguments: ["by"], sizedFields: ["a", "x", "c"])
            }
            input By { first: Int }
            """;
        var executable = Answers.FromJson(Schemas.Good(Sdl, CostDirectives.Text));

        var lines = Should.Throw<ArgumentException>(() => new GraphQLService(executable, new())).Message.Split('\n').Select(static line => line.Trim());

        lines.Select(static line => line.Replace(" (Parameter 'schema')", "", StringComparison.Ordinal)).ShouldBe(
        [
            "@cost of Query.a is negative.",
            "@listSize of Query.b needs sizedFields, for the field is no list.",
            "@listSize of Query.c assumes a negative size.",
            "@listSize of Query.c names \"first\", which is no argument that could be a number.",
            "@listSize of Query.c names \"by.last\", which is no argument that could be a number.",
            "@listSize of Query.d names \"a\", which is no list of Query.",
            "@listSize of Query.d names \"x\", which is no list of Query.",
            "@listSize of Query.d names \"by\", which is no argument that could be a number.",
        ]);
    }

    private static long CostOf(string text, string variables)
    {
        var prepared = s_service.Prepare(Services.Request(text, variables));
        prepared.Errors.ShouldBeEmpty();
        return prepared.Operation!.Cost;
    }
}
