using System.Text.Json;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Execution;

/// <summary>Section 6, Execution, with resolvers that take their time, refuse and fail.</summary>
public sealed class ResolvingTests
{
    private const string Sdl =
        """
        type Query { a: Thing b: Thing sure: Thing! list: [Thing!] sum(of: [Int!]! = [1, 2], plus: Int): Int pick(by: By): String deep: Query }
        type Mutation { add(n: Int!): Int }
        type Thing { name: String, must: String! }
        input By @oneOf { id: ID, name: String }
        """;

    private static readonly Schema s_schema = Schemas.Good(Sdl);

    [Fact]
    public async Task FieldsRunTogether_When_AQueryWaits()
    {
        var started = new TaskCompletionSource();
        var both = new TaskCompletionSource();
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal)
        {
            ["Query.a"] = async _ =>
            {
                started.SetResult();
                await both.Task;
                return new object();
            },
            ["Query.b"] = async _ =>
            {
                // Would wait for ever if fields ran one by one in the order of the document.
                await started.Task;
                both.SetResult();
                return new object();
            },
            ["Thing.name"] = static request => new(request.Path.ToSteps()[0]),
        });

        var answer = await Execute(executable, "{ a { name } b { name } }").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        answer.ShouldBe("""{"data":{"a":{"name":"a"},"b":{"name":"b"}}}""");
    }

    [Fact]
    public async Task FieldsRunOneByOne_When_AMutationWaits()
    {
        var sum = 0;
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal)
        {
            ["Mutation.add"] = async request =>
            {
                var before = sum;
                await Task.Yield();
                return sum = before + (int)request.Arguments["n"]!;
            },
        });

        var answer = await Execute(executable, "mutation { a: add(n: 1) b: add(n: 10) c: add(n: 100) }");

        answer.ShouldBe("""{"data":{"a":1,"b":11,"c":111}}""");
    }

    [Theory]
    [InlineData("{ a { name must } }", """{"data":{"a":null}}""")]
    [InlineData("{ sure { must } a { name } }", """{"data":null}""")]
    [InlineData("{ list { must } }", """{"data":{"list":null}}""")]
    public async Task NullGoesUpToWhereItMayBe_When_AFieldRefuses(string document, string data)
    {
        Resolver thing = static _ => new(new object());
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal)
        {
            ["Query.a"] = thing,
            ["Query.sure"] = thing,
            ["Query.list"] = static _ => new(new[] { new object(), new object() }),
            ["Thing.name"] = static _ => new("x"),
            ["Thing.must"] = static async _ =>
            {
                await Task.Yield();
                return new FieldRefusal("No.", new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = "NOT_HERE" });
            },
        });

        using var answer = JsonDocument.Parse(await Execute(executable, document));

        answer.RootElement.GetProperty("data").GetRawText().ShouldBe(JsonDocument.Parse(data).RootElement.GetProperty("data").GetRawText());
        var error = answer.RootElement.GetProperty("errors")[0];
        error.GetProperty("message").GetString().ShouldBe("No.");
        error.GetProperty("extensions").GetProperty("code").GetString().ShouldBe("NOT_HERE");
        error.GetProperty("path").EnumerateArray().Last().GetString().ShouldBe("must");
        error.GetProperty("locations")[0].GetProperty("line").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task TheCallerLearnsNothingOfIt_When_AResolverThrows()
    {
        var faults = new List<Exception>();
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal)
        {
            ["Query.a"] = static _ => throw new InvalidOperationException("secret"),
            ["Query.b"] = static async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("secret");
            },
        });

        var request = new ExecutionRequest { Document = Schemas.Parse("{ a { name } b { name } }"), OnFault = (fault, _) => Heard(faults, fault) };
        var answer = Answers.Write(await Executor.ExecuteAsync(executable, request, TestContext.Current.CancellationToken));

        answer.ShouldNotContain("secret");
        answer.ShouldEndWith("""],"data":{"a":null,"b":null}}""");
        faults.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("query ($n: [Int!]) { sum(of: $n) }", "{}", """{"data":{"sum":3}}""")]
    [InlineData("query ($n: [Int!]!) { sum(of: $n) }", "{\"n\": 7}", """{"data":{"sum":7}}""")]
    [InlineData("query ($n: Int = 5) { sum(plus: $n) }", "{}", """{"data":{"sum":8}}""")]
    [InlineData("query ($n: Int = 5) { sum(plus: $n) }", "{\"n\": null}", """{"data":{"sum":3}}""")]
    [InlineData("query ($n: Boolean!) { sum @skip(if: $n) a: sum @include(if: $n) }", "{\"n\": true}", """{"data":{"a":3}}""")]
    [InlineData("query ($n: Boolean!) { ... @skip(if: $n) { sum } ... @include(if: $n) { a: sum } }", "{\"n\": false}", """{"data":{"sum":3}}""")]
    public async Task ArgumentsAreCoerced_When_VariablesAreGiven(string document, string variables, string expected)
    {
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal)
        {
            ["Query.sum"] = static request => new(((object?[])request.Arguments["of"]!).Sum(static n => (int)n!)
                + (request.Arguments.GetValueOrDefault("plus") as int? ?? 0)),
        });

        (await Execute(executable, document, variables)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("[Int!]!", "{}", "Variable \"$v\" of required type \"[Int!]!\" was not provided.")]
    [InlineData("[Int!]!", "{\"v\": null}", "Variable \"$v\" of non-null type \"[Int!]!\" must not be null.")]
    [InlineData("[Int!]", "{\"v\": [1, null]}", "Variable \"$v\" got invalid value null at \"v[1]\"; Expected non-nullable type \"Int!\" not to be null.")]
    [InlineData("Int", "{\"v\": \"a\"}", "Variable \"$v\" got invalid value \"a\"; Int cannot represent non-integer value: \"a\"")]
    [InlineData("By", "{\"v\": 1}", "Variable \"$v\" got invalid value 1; Expected type \"By\" to be an object.")]
    [InlineData("By", "{\"v\": {}}", "Variable \"$v\" got invalid value {}; Exactly one key must be specified for OneOf type \"By\".")]
    [InlineData("By", "{\"v\": {\"id\": null}}", "Variable \"$v\" got invalid value null at \"v.id\"; Field \"id\" must be non-null.")]
    [InlineData(
        "By",
        "{\"v\": {\"id\": 1, \"nam\": 2}}",
        "Variable \"$v\" got invalid value { id: 1, nam: 2 }; Field \"nam\" is not defined by type \"By\". Did you mean \"name\"?")]
    [InlineData("Thing", "{\"v\": {}}", "Variable \"$v\" expected value of type \"Thing\" which cannot be used as an input type.")]
    public async Task TheRequestIsRefused_When_AVariableIsOfAnotherType(string type, string variables, string message)
    {
        var result = await Executor.ExecuteAsync(
            Answers.FromJson(s_schema),
            new() { Document = Schemas.Parse($"query ($v: {type}) {{ a {{ name }} }}"), Variables = JsonDocument.Parse(variables).RootElement },
            TestContext.Current.CancellationToken);

        result.HasData.ShouldBeFalse();
        result.Errors.ShouldHaveSingleItem().Message.ShouldBe(message);
    }

    [Fact]
    public async Task TheFieldIsRefused_When_FragmentsNestDeeperThanAllowed()
    {
        var chain = Enumerable.Range(0, 1_000).Select(static n => $"fragment F{n} on Query {{ deep {{ ...F{n + 1} }} }}");
        var executable = Answers.Bound(s_schema, new(StringComparer.Ordinal) { ["Query.deep"] = static _ => new(new object()) });

        var answer = await Execute(executable, "{ ...F0 } fragment F1000 on Query { sum } " + string.Join(' ', chain));

        answer.ShouldContain("Fields lie within each other deeper than 100 levels.");
    }

    [Fact]
    public async Task NothingIsAnswered_When_TheCallerHasGone()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () =>
            await Executor.ExecuteAsync(Answers.FromJson(s_schema), new() { Document = Schemas.Parse("{ a { name } }") }, gone.Token));
    }

    [Fact]
    public void EveryFieldIsNamed_When_FieldsHaveNoResolver()
    {
        var outcome = ExecutableSchema.Bind(
            Schemas.Good("type Query { a: Int b: Int c: Int }"), static (_, field) => field.Name == "b" ? FieldBinding.Reading(static _ => 1) : null, static _ => null);

        outcome.Schema.ShouldBeNull();
        outcome.Errors.Select(static error => error.Message).ShouldBe(["Field Query.a has no resolver.", "Field Query.c has no resolver."]);
    }

    private static Task<string> Execute(ExecutableSchema executable, string document) => Execute(executable, document, "{}");

    private static async Task<string> Execute(ExecutableSchema executable, string document, string variables)
    {
        var request = new ExecutionRequest { Document = Schemas.Parse(document), Variables = JsonDocument.Parse(variables).RootElement };
        return Answers.Write(await Executor.ExecuteAsync(executable, request, TestContext.Current.CancellationToken));
    }

    private static FieldRefusal? Heard(List<Exception> faults, Exception fault)
    {
        faults.Add(fault);
        return null;
    }
}
