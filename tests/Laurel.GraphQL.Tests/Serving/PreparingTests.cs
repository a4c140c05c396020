using System.Diagnostics;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>A request becomes an operation that may be executed, or errors and what kind they are of.</summary>
public sealed class PreparingTests
{
    private static readonly GraphQLService s_service = Services.With(new());

    [Theory]
    [InlineData("{ member", PreparationFault.Syntax, "Syntax Error: Expected Name, found <EOF>.")]
    [InlineData("{ nobody }", PreparationFault.Validation, "Cannot query field \"nobody\" on type \"Query\".")]
    [InlineData("query A { dear } query B { dear }", PreparationFault.UnknownOperation, "Must provide operation name if query contains multiple operations.")]
    [InlineData("query A($n: ID!) { member(id: $n) { id } }", PreparationFault.Variables, "Variable \"$n\" of required type \"ID!\" was not provided.")]
    public void TheFaultSaysWhatKindItIs_When_ARequestIsWrong(string text, PreparationFault fault, string message)
    {
        var prepared = s_service.Prepare(Services.Request(text));

        prepared.Succeeded.ShouldBeFalse();
        prepared.Fault.ShouldBe(fault);
        prepared.Errors.ShouldHaveSingleItem().Message.ShouldBe(message);
    }

    [Fact]
    public void ThereIsNoDocument_When_ARequestHasNeitherTextNorHash()
    {
        var prepared = s_service.Prepare(new());

        prepared.Fault.ShouldBe(PreparationFault.NoDocument);
        prepared.Errors.ShouldHaveSingleItem().Message.ShouldBe("Must provide query string.");
    }

    [Theory]
    [InlineData("A", OperationType.Query)]
    [InlineData("B", OperationType.Mutation)]
    [InlineData("C", OperationType.Subscription)]
    public void TheOperationIsTheNamedOne_When_ADocumentHasSeveral(string name, OperationType kind)
    {
        const string Text = "query A { dear } mutation B { rename(id: 1, name: \"x\") { id } } subscription C { renamed { id } }";

        var operation = s_service.Prepare(Services.Request(Text) with { OperationName = name }).Operation.ShouldNotBeNull();

        (operation.Kind, operation.Name).ShouldBe((kind, name));
        var unknown = s_service.Prepare(Services.Request(Text) with { OperationName = "D" });
        unknown.Fault.ShouldBe(PreparationFault.UnknownOperation);
        unknown.Errors.ShouldHaveSingleItem().Message.ShouldBe("Unknown operation named \"D\".");
    }

    [Fact]
    public async Task TheAnswerIsThatOfTheRequest_When_OneDocumentIsAskedWithOtherVariables()
    {
        var service = Services.With(new(), new(StringComparer.Ordinal)
        {
            ["Query.member"] = static request => new(request.Arguments),
            ["Member.id"] = static request => new(((IReadOnlyDictionary<string, object?>)request.Source!)["id"]),
            ["Member.name"] = static _ => new("A"),
        });
        const string Text = "query ($id: ID!, $named: Boolean!) { member(id: $id) { id name @include(if: $named) } }";

        (await Answer(service, Text, """{ "id": 1, "named": true }""")).ShouldBe("""{"data":{"member":{"id":"1","name":"A"}}}""");
        (await Answer(service, Text, """{ "id": 2, "named": false }""")).ShouldBe("""{"data":{"member":{"id":"2"}}}""");
        (await Answer(service, Text, """{ "id": 3, "named": true }""")).ShouldBe("""{"data":{"member":{"id":"3","name":"A"}}}""");
    }

    [Fact]
    public async Task EachGetsWhatItSelects_When_ConditionsAreMany()
    {
        var service = Services.With(new(), new(StringComparer.Ordinal) { ["Query.dear"] = static _ => new("x") });
        var names = Enumerable.Range(0, 5).Select(static n => $"b{n}").ToArray();
        var text = $"query ({string.Join(' ', names.Select(static name => $"${name}: Boolean!"))}) "
            + $"{{ __typename ...F }} fragment F on Query {{ {string.Join(' ', names.Select(static name => $"{name}: dear @include(if: ${name})"))} }}";

        // More ways than plans are kept, and each of them twice.
        for (var way = 0; way < 64; way++)
        {
            var chosen = names.Where((_, index) => (way & (1 << index)) != 0).ToArray();
            var answer = await Answer(
                service, text, $"{{ {string.Join(", ", names.Select(name => $"\"{name}\": {(chosen.Contains(name) ? "true" : "false")}"))} }}");

            answer.ShouldBe("{\"data\":{\"__typename\":\"Query\"" + string.Concat(chosen.Select(static name => $",\"{name}\":\"x\"")) + "}}");
        }
    }

    [Fact]
    public async Task TheAnswersAreRight_When_ThreadsShareADocumentThatIsNew()
    {
        var service = Services.With(new(), new(StringComparer.Ordinal)
        {
            ["Query.anything"] = static _ => new(Enumerable.Range(0, 20).Cast<object?>().ToArray()),
            ["Member.id"] = static request => new(request.Source),
            ["Member.friends"] = static request => new(new[] { request.Source }),
        });

        for (var round = 0; round < 20; round++)
        {
            var text = $"{{ anything {{ id friends {{ id{new string(' ', round)} }} }} }}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Answer(service, text, "{}"))));

            answers.Distinct().ShouldHaveSingleItem().ShouldStartWith("""{"data":{"anything":[{"id":"0","friends":[{"id":"0"}]},{"id":"1",""");
        }
    }

    /// <summary>A hundredth is the aim, and far from it is a cache that does not work; the bench measures it.</summary>
    [Fact]
    public void ADocumentCostsLittle_When_ItIsKnown()
    {
        var fields = string.Join(' ', Enumerable.Range(0, 60).Select(static n => $"f{n}: member(id: {n}) {{ id name }}"));
        var texts = Enumerable.Range(0, 200).Select(n => $"query Q{n} {{ {fields} }}").ToArray();
        foreach (var text in texts.Take(100))
        {
            s_service.Prepare(Services.Request(text)).Succeeded.ShouldBeTrue();
        }

        var began = Stopwatch.GetTimestamp();
        foreach (var text in texts.Skip(100))
        {
            s_service.Prepare(Services.Request(text));
        }

        var first = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        foreach (var text in texts.Skip(100))
        {
            s_service.Prepare(Services.Request(text)).Succeeded.ShouldBeTrue();
        }

        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(first / 10);
    }

    [Fact]
    public async Task WhatMayNotBeAskedIsRefused_When_IntrospectionIsOff()
    {
        var service = Services.With(new() { AllowsIntrospection = false });

        service.Prepare(Services.Request("{ __schema { types { name } } }")).Fault.ShouldBe(PreparationFault.Validation);
        service.Prepare(Services.Request("{ ...F } fragment F on Query { __type(name: \"Member\") { name } }")).Fault.ShouldBe(PreparationFault.Validation);
        (await Answer(service, "{ __typename }", "{}")).ShouldBe("""{"data":{"__typename":"Query"}}""");
        (await Answer(Services.With(new()), "{ __schema { queryType { name } } }", "{}")).ShouldBe("""{"data":{"__schema":{"queryType":{"name":"Query"}}}}""");
    }

    [Fact]
    public async Task TheHostTellsTheCost_When_ItWantsTo()
    {
        var service = Services.With(new());
        var operation = service.Prepare(Services.Request("{ dear }")).Operation!;

        var result = await service.ExecuteAsync(operation, new(), TestContext.Current.CancellationToken);
        var told = result with { Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["cost"] = operation.Cost } };

        Answers.Write(told).ShouldBe("""{"data":{"dear":null},"extensions":{"cost":30}}""");
    }

    private static async Task<string> Answer(GraphQLService service, string text, string variables)
    {
        var prepared = service.Prepare(Services.Request(text, variables));
        prepared.Errors.ShouldBeEmpty();
        return Answers.Write(await service.ExecuteAsync(prepared.Operation!, new(), TestContext.Current.CancellationToken));
    }
}
