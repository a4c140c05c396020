using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>Section 3.5, "Custom Scalars": what they take, as a literal and as a variable, and what they answer for it.</summary>
public sealed class CustomScalarsTests
{
    [Theory]
    [InlineData("DateTime", "\"2026-11-23T08:00:00+08:00\"", "\"2026-11-23T00:00:00Z\"")]
    [InlineData("DateTime", "\"2026-11-23t08:00:00.120z\"", "\"2026-11-23T08:00:00.12Z\"")]
    [InlineData("DateTime", "\"2026-11-23T08:00:00.123456789-00:30\"", "\"2026-11-23T08:30:00.1234567Z\"")]
    [InlineData("DateTime", "\"2026-11-23T08:00:00\"", null)]
    [InlineData("DateTime", "\"2026-11-23 08:00:00Z\"", null)]
    [InlineData("DateTime", "\"2026-02-30T08:00:00Z\"", null)]
    [InlineData("DateTime", "\"2026-11-23T08:00:00+0800\"", null)]
    [InlineData("DateTime", "\"2026-11-23T08:00:60Z\"", null)]
    [InlineData("DateTime", "\"0001-01-01T00:00:00+01:00\"", null)]
    [InlineData("DateTime", "1700000000", null)]
    [InlineData("Date", "\"2026-11-23\"", "\"2026-11-23\"")]
    [InlineData("Date", "\"2026-11-31\"", null)]
    [InlineData("Date", "\"2026-11-23T00:00:00Z\"", null)]
    [InlineData("Date", "20261123", null)]
    [InlineData("Decimal", "\"12.50\"", "\"12.50\"")]
    [InlineData("Decimal", "12.50", "\"12.50\"")]
    [InlineData("Decimal", "-3", "\"-3\"")]
    [InlineData("Decimal", "1.5e3", "\"1500\"")]
    [InlineData("Decimal", "\"0.1234567890123456789012345678\"", "\"0.1234567890123456789012345678\"")]
    [InlineData("Decimal", "79228162514264337593543950335", "\"79228162514264337593543950335\"")]
    [InlineData("Decimal", "\"0.12345678901234567890123456789\"", null)]
    [InlineData("Decimal", "1e-30", null)]
    [InlineData("Decimal", "1e29", null)]
    [InlineData("Decimal", "1e99999999999", null)]
    [InlineData("Decimal", "\"1,000\"", null)]
    [InlineData("Decimal", "\"1e3\"", null)]
    [InlineData("Decimal", "\"+1\"", null)]
    [InlineData("Decimal", "\".5\"", null)]
    [InlineData("Decimal", "\"\"", null)]
    [InlineData("Decimal", "true", null)]
    [InlineData("Long", "9007199254740993", "9007199254740993")]
    [InlineData("Long", "\"9007199254740993\"", "9007199254740993")]
    [InlineData("Long", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("Long", "9223372036854775808", null)]
    [InlineData("Long", "\"-9223372036854775809\"", null)]
    [InlineData("Long", "1.5", null)]
    [InlineData("Long", "\"1.0\"", null)]
    [InlineData("Long", "\" 1\"", null)]
    [InlineData("Long", "\"\"", null)]
    [InlineData("Long", "false", null)]
    [InlineData("JSON", "true", "true")]
    [InlineData("JSON", "\"a\"", "\"a\"")]
    [InlineData("JSON", "12345678901234567890.50", "12345678901234567890.50")]
    [InlineData("JSON", "[1, [], null]", "[1,[],null]")]
    public void TheValueIsAnswered_When_ItIsGivenAsALiteralOrAVariable(string name, string given, string? answer)
    {
        var coercion = CustomScalar.All.Single(scalar => scalar.Name == name).Coercion;
        using var json = JsonDocument.Parse(given);

        Answer(coercion, coercion.FromLiteral(Parser.ParseValue(new(given), ParseLimits.Request).Node!)).ShouldBe(answer);
        Answer(coercion, coercion.FromJson(json.RootElement)).ShouldBe(answer);
    }

    [Theory]
    [InlineData("Long", "1.0", "1")]
    [InlineData("Long", "1e3", "1000")]
    [InlineData("Long", "1e19", null)]
    [InlineData("Long", "1e400", null)]
    [InlineData("JSON", "{\"a\": {\"b\": 1.10}}", "{\"a\":{\"b\":1.10}}")]
    public void TheValueIsAnswered_When_OnlyJsonWritesItSo(string name, string given, string? answer)
    {
        var coercion = CustomScalar.All.Single(scalar => scalar.Name == name).Coercion;
        using var json = JsonDocument.Parse(given);

        Answer(coercion, coercion.FromJson(json.RootElement)).ShouldBe(answer);
    }

    [Theory]
    [InlineData("{a: {b: [X, \"\\n\", null, 1]}}", "{\"a\":{\"b\":[\"X\",\"\\n\",null,1]}}")]
    [InlineData("{a: $b}", null)]
    [InlineData("[$b]", null)]
    public void AnyLiteralIsRead_When_ItHoldsNoVariable(string literal, string? answer) => Answer(
        CustomScalar.Json.Coercion, CustomScalar.Json.Coercion.FromLiteral(Parser.ParseValue(new(literal), ParseLimits.Request).Node!)).ShouldBe(answer);

    [Fact]
    public void AValueIsRefused_When_ItIsOfAnotherTypeThanTheScalar()
    {
        foreach (var scalar in CustomScalar.All)
        {
            var coerced = scalar.Coercion.ToAnswer(new object());

            coerced.IsValid.ShouldBeFalse();
            coerced.Refusal!.ShouldContain("[Object]");
        }
    }

    [Fact]
    public void TheyAreSpecified_When_ASchemaHasThem()
    {
        var scalars = CustomScalar.All.ToDictionary(static scalar => scalar.Name, static scalar => scalar.Coercion, StringComparer.Ordinal);

        var outcome = SchemaBuilder.Build([new("type Query { a: Int }", "a.graphql"), .. CustomScalar.All.Select(static scalar => scalar.Definition)], scalars);

        outcome.Errors.ShouldBeEmpty();
        foreach (var scalar in CustomScalar.All)
        {
            var type = (ScalarType)outcome.Schema!.Types.Find(scalar.Name)!;
            type.SpecifiedByUrl!.ShouldStartWith("https://");
            type.Description.ShouldNotBeNull();
            type.Coercion.ShouldBeSameAs(scalar.Coercion);
        }
    }

    private static string? Answer(ScalarCoercion coercion, Coerced read)
    {
        if (!read.IsValid)
        {
            read.Refusal.ShouldNotBeNullOrEmpty();
            return null;
        }

        var answered = coercion.ToAnswer(read.Value!);
        answered.IsValid.ShouldBeTrue();
        return JsonSerializer.Serialize(answered.Value);
    }
}
