using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>Section 3, "Input Coercion": what a literal means at a place of a type.</summary>
public sealed class LiteralCoercionTests
{
    private static readonly Schema s_schema = Schemas.Good(
        """
        type Query { a(b: Filter, c: Choice): Int }
        enum Level { SILVER GOLD }
        input Filter { level: Level, limit: Int! = 20, tags: [String!], inner: Filter, given: Float }
        input Choice @oneOf { id: ID, name: String }
        scalar Json
        """);

    [Theory]
    [InlineData("Int", "1", "1")]
    [InlineData("Int", "2147483648", null)]
    [InlineData("Int", "1.0", null)]
    [InlineData("Int", "null", "null")]
    [InlineData("Int!", "null", null)]
    [InlineData("Float", "1", "1")]
    [InlineData("Float", "1e999", null)]
    [InlineData("ID", "7", "\"7\"")]
    [InlineData("ID", "true", null)]
    [InlineData("[Int]", "1", "[1]")]
    [InlineData("[[Int]]", "1", "[[1]]")]
    [InlineData("[Int]", "[1, null]", "[1,null]")]
    [InlineData("[Int!]", "[1, null]", null)]
    [InlineData("[Int]", "[1, $absent]", "[1,null]")]
    [InlineData("[Int!]", "[1, $absent]", null)]
    [InlineData("[Int!]", "[$seven]", "[7]")]
    [InlineData("Int!", "$nothing", null)]
    [InlineData("Level", "GOLD", "\"GOLD\"")]
    [InlineData("Level", "\"GOLD\"", null)]
    [InlineData("Level", "BRONZE", null)]
    [InlineData("Filter", "{}", "{\"limit\":20}")]
    [InlineData("Filter", "{level: SILVER, limit: $seven, inner: {}}", "{\"level\":\"SILVER\",\"limit\":7,\"inner\":{\"limit\":20}}")]
    [InlineData("Filter", "{limit: $absent, given: $absent}", "{\"limit\":20}")]
    [InlineData("Filter", "{limit: null}", null)]
    [InlineData("Filter", "{tags: \"a\"}", "{\"limit\":20,\"tags\":[\"a\"]}")]
    [InlineData("Filter", "1", null)]
    [InlineData("Choice", "{id: 1}", "{\"id\":\"1\"}")]
    [InlineData("Choice", "{id: 1, name: \"a\"}", null)]
    [InlineData("Choice", "{id: null}", null)]
    [InlineData("Choice", "{}", null)]
    [InlineData("Json", "{a: [1, 2.5, B, true, null]}", "{\"a\":[1,2.5,\"B\",true,null]}")]
    public void TheValueIsOfTheType_When_ALiteralIsRead(string type, string literal, string? expected)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal) { ["seven"] = 7, ["nothing"] = null };
        // Types that the schema does not use itself are looked up in one that does.
        var place = Schemas.Good($"{SchemaPrinter.Print(s_schema)} extend type Query {{ x(y: {type}): Int, used(i: ID, f: Float, j: Json): Int }}")
            .QueryType!.Fields.Find("x")!.Arguments[0].Type;

        var coerced = LiteralCoercion.Coerce(Parser.ParseValue(new(literal), ParseLimits.Request).Node!, place, variables);

        coerced.IsValid.ShouldBe(expected is not null);
        if (coerced.IsValid)
        {
            JsonSerializer.Serialize(coerced.Value).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("Int", "1", "1")]
    [InlineData("Int", "1.0", "1")]
    [InlineData("Int", "1.5", null)]
    [InlineData("Int", "4294967296", null)]
    [InlineData("Int", "\"1\"", null)]
    [InlineData("Float", "1", "1")]
    [InlineData("Float", "\"1\"", null)]
    [InlineData("String", "\"a\"", "\"a\"")]
    [InlineData("String", "1", null)]
    [InlineData("Boolean", "true", "true")]
    [InlineData("Boolean", "0", null)]
    [InlineData("ID", "12", "\"12\"")]
    [InlineData("ID", "1.5", null)]
    public void TheValueIsOfTheType_When_AVariableIsRead(string type, string json, string? expected)
    {
        using var document = JsonDocument.Parse(json);

        var coerced = BuiltInScalars.All.Single(scalar => scalar.Name == type).Coercion.FromJson(document.RootElement);

        coerced.IsValid.ShouldBe(expected is not null);
        (coerced.IsValid ? JsonSerializer.Serialize(coerced.Value) : null).ShouldBe(expected);
        (coerced.Refusal is null).ShouldBe(coerced.IsValid);
    }
}
