using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>The recorded schemas were printed by graphql-js: read and printed by us they are the same text.</summary>
public sealed class PrintedSchemaTests
{
    [Theory]
    [InlineData("validation-cases.json", "schema", 40)]
    [InlineData("execution-portable.json", "sdl", 30)]
    public void TextIsTheSame_When_APrintedSchemaIsReadAndPrinted(string file, string property, int schemasMin)
    {
        var texts = RecordedData.Cases(file).Select(recorded => recorded.GetProperty(property).GetString()).OfType<string>()
            .Where(static text => text != "TEST_SCHEMA").Distinct().ToList();

        texts.Count.ShouldBeGreaterThanOrEqualTo(schemasMin);
        texts.Select(static text => SchemaPrinter.Print(Schemas.Assemble(text))).ShouldBe(texts);
    }

    [Fact]
    public void TextIsStable_When_TheSchemaOfTheCasesIsPrintedTwice()
    {
        var once = SchemaPrinter.Print(Schemas.Recorded);

        SchemaPrinter.Print(Schemas.Assemble(once)).ShouldBe(once);
        once.ShouldContain("input OneOfInput @oneOf {\n  stringField: String\n");
    }
}
