using System.Text.Json;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Execution;

/// <summary>Fields that are read from their objects, at once and without boxes.</summary>
public sealed class FieldBindingTests
{
    private static readonly ExecutableSchema s_executable = ExecutableSchema.Bind(
        Schemas.Good(
            """
            type Query {
              whole: Int wide: Long maybe: Int none: Int real: Float wideReal: Float noReal: Float yes: Boolean! noYes: Boolean text: String! noText: String
              id: ID idOfNumber: ID textOfNumber: String list: [Int!] boxed: Int tooWide: Int notFinite: Float sure: String! broken: Int refused: Int
              twice(of: Int!): Int boxedText: String boxedNone: Int boxedBroken: Int colour: Colour noColour: Colour json: Any jsonNone: Int
            }
            enum Colour { RED }
            scalar Any
            scalar Long
            """),
        static (_, field) => field.Name switch
        {
            "whole" => FieldBinding.Reading(static _ => 5),
            "wide" or "tooWide" => FieldBinding.Reading(static _ => 2147483648L),
            "maybe" => FieldBinding.Reading(static _ => (int?)7),
            "none" => FieldBinding.Reading(static _ => (int?)null),
            "real" => FieldBinding.Reading(static _ => 1.5),
            "wideReal" => FieldBinding.Reading(static _ => 9007199254740993L),
            "noReal" => FieldBinding.Reading(static _ => (double?)null),
            "yes" => FieldBinding.Reading(static _ => true),
            "noYes" => FieldBinding.Reading(static _ => (bool?)null),
            "text" => FieldBinding.Reading(static _ => "a\"b"),
            "noText" or "sure" => FieldBinding.Reading(static _ => (string?)null),
            "id" => FieldBinding.Reading(static _ => "x"),
            "idOfNumber" or "textOfNumber" => FieldBinding.Reading(static _ => 9L),
            "list" => FieldBinding.Reading(static _ => new[] { 1, 2 }),
            "boxed" => FieldBinding.Reading(static _ => (object?)8),
            "notFinite" => FieldBinding.Reading(static _ => double.NaN),
            "broken" => FieldBinding.Reading(static int (_) => throw new InvalidOperationException("secret")),
            "boxedText" => FieldBinding.Reading(static _ => (object?)"t"),
            "boxedNone" => FieldBinding.Reading(static _ => (object?)null),
            "boxedBroken" => FieldBinding.Reading(static object? (_) => throw new InvalidOperationException("secret")),
            "colour" => FieldBinding.Reading(static _ => "RED"),
            "noColour" => FieldBinding.Reading(static _ => "BLUE"),
            "json" => FieldBinding.Reading(static _ => JsonDocument.Parse("{\"a\":[1]}").RootElement),
            "jsonNone" => FieldBinding.Reading(static _ => JsonDocument.Parse("null").RootElement),
            "refused" => FieldBinding.Reading(static _ => (object?)new FieldRefusal("No.", null)),
            "twice" => FieldBinding.Reading(static _ => 4),
            _ => null,
        },
        static _ => null).Schema!;

    [Theory]
    [InlineData("whole", "5")]
    [InlineData("wide", "2147483648")]
    [InlineData("maybe", "7")]
    [InlineData("none", "null")]
    [InlineData("real", "1.5")]
    [InlineData("wideReal", "9007199254740993")]
    [InlineData("noReal", "null")]
    [InlineData("yes", "true")]
    [InlineData("noYes", "null")]
    [InlineData("text", "\"a\\u0022b\"")]
    [InlineData("noText", "null")]
    [InlineData("id", "\"x\"")]
    [InlineData("idOfNumber", "\"9\"")]
    [InlineData("textOfNumber", "\"9\"")]
    [InlineData("list", "[1,2]")]
    [InlineData("boxed", "8")]
    [InlineData("boxedText", "\"t\"")]
    [InlineData("boxedNone", "null")]
    [InlineData("colour", "\"RED\"")]
    [InlineData("json", "{\"a\":[1]}")]
    [InlineData("jsonNone", "null")]
    public async Task TheValueIsAnswered_When_AFieldIsRead(string field, string value) =>
        (await Execute($"{{ {field} }}")).ShouldBe($$$"""{"data":{"{{{field}}}":{{{value}}}}}""");

    [Theory]
    [InlineData("tooWide", "Int cannot represent non 32-bit signed integer value: 2147483648")]
    [InlineData("notFinite", "Float cannot represent non numeric value: NaN")]
    [InlineData("sure", "Cannot return null for non-nullable field Query.sure.")]
    [InlineData("broken", "Unexpected error.")]
    [InlineData("boxedBroken", "Unexpected error.")]
    [InlineData("noColour", "Enum \"Colour\" cannot represent value: \"BLUE\"")]
    [InlineData("refused", "No.")]
    public async Task TheFieldFails_When_WhatIsReadIsNotOfItsType(string field, string message)
    {
        using var answer = JsonDocument.Parse(await Execute($"{{ {field} }}"));

        var error = answer.RootElement.GetProperty("errors").EnumerateArray().Single();
        error.GetProperty("message").GetString().ShouldBe(message);
        error.GetProperty("path")[0].GetString().ShouldBe(field);
        answer.RootElement.GetProperty("data").GetRawText().ShouldBe(field is "sure" ? "null" : $$"""{"{{field}}":null}""");
    }

    [Fact]
    public async Task ArgumentsAreCheckedAllTheSame_When_AFieldThatTakesThemIsRead()
    {
        (await Execute("{ twice(of: 2) }")).ShouldBe("""{"data":{"twice":4}}""");
        (await Execute("query ($n: Int = 1) { twice(of: $n) }", """{ "n": null }""")).ShouldContain("of non-null type \\u0022Int!\\u0022 must not be null.");
    }

    [Fact]
    public async Task NumbersKeepTheirKind_When_FieldsAreAskedForAsObjects()
    {
        var result = await Run("{ whole wideReal real yes text list none }", "{}");

        result.Data!.Fields.Select(static field => field.Value).ShouldBe([5, 9007199254740993, 1.5, true, "a\"b", new object?[] { 1, 2 }, null], ignoreOrder: false);
    }

    /// <summary>No task, no request and no box for each field: an object takes one array of its values.</summary>
    [Fact]
    public async Task FieldsAllocateNothing_When_TheyAreRead()
    {
        var names = Enumerable.Range(0, 20).Select(static n => $"f{n}").ToArray();
        var schema = Schemas.Good($"type Query {{ things: [Thing!]! }} type Thing {{ {string.Join(' ', names.Select(static name => $"{name}: Int!"))} }}");
        object?[] things = [.. Enumerable.Range(0, 100).Select(static _ => new object())];
        var bound = ExecutableSchema.Bind(
            schema,
            (_, field) => field.Name == "things" ? FieldBinding.Reading(_ => things) : FieldBinding.Reading(static _ => 300),
            static _ => null).Schema!;
        var request = new ExecutionRequest { Document = Schemas.Parse($"{{ things {{ {string.Join(' ', names)} }} }}") };
        var root = schema.QueryType!;
        var plan = new OperationPlan(
            new(bound, FieldPlan.FragmentsOf(request.Document), new Dictionary<string, object?>()), root, (OperationDefinitionNode)request.Document.Definitions[0]);

        await Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var execution = Once();
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        execution.IsCompletedSuccessfully.ShouldBeTrue();
        (await execution).Errors.ShouldBeEmpty();

        // For each object 20 values of 16 bytes, the array, the object and its path.
        taken.ShouldBeLessThan(100 * ((20 * 16) + 120) + 5_000);

        ValueTask<ExecutionResult> Once() =>
            Executor.ExecuteAsync(bound, request, plan, new Dictionary<string, object?>(), TestContext.Current.CancellationToken);
    }

    private static Task<string> Execute(string text) => Execute(text, "{}");

    private static async Task<string> Execute(string text, string variables) => Answers.Write(await Run(text, variables));

    private static ValueTask<ExecutionResult> Run(string text, string variables) => Executor.ExecuteAsync(
        s_executable,
        new() { Document = Schemas.Parse(text), Variables = JsonDocument.Parse(variables).RootElement },
        TestContext.Current.CancellationToken);
}
