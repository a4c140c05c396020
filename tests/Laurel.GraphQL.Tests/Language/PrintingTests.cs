using System.Text.Json;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>What is printed reads back as the same tree, and in the form of graphql-js.</summary>
public sealed class PrintingTests
{
    private static readonly JsonElement[] s_cases = RecordedData.Cases("parse-cases.json");

    public static TheoryData<int> Accepted => [.. Enumerable.Range(0, s_cases.Length).Where(IsAccepted)];

    [Theory]
    [InlineData("kitchen-sink")]
    [InlineData("kitchen-sink-schema")]
    public void IsWhatGraphqlJsPrints_When_ADocumentHasOneOfEverything(string name)
    {
        var document = Parser.Parse(new(RecordedData.Text(name + ".graphql")), ParseLimits.Request).Node!;

        Printer.Print(document).ShouldBe(RecordedData.Text(name + ".printed.graphql").TrimEnd('\n'));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void ReadsBackAsTheSameTree_When_ADocumentIsPrinted(int index)
    {
        var document = Parser.Parse(new(RecordedData.StringOf(s_cases[index], "text")), ParseLimits.Request).Node!;

        var printed = Printer.Print(document);

        var again = Parser.Parse(new(printed), ParseLimits.Request).Node!;
        Trees.Outline(again).ShouldBe(Trees.Outline(document));
        Printer.Print(again).ShouldBe(printed);
    }

    [Theory]
    [InlineData("\"d\" query { a }", "\"d\"\nquery {\n  a\n}")]
    [InlineData("query(\"d\" $a:Int,$b:Int) { a }", "query (\n  \"d\"\n  $a: Int\n  $b: Int\n) {\n  a\n}")]
    [InlineData("\"d\" fragment A on B @c { a }", "\"d\"\nfragment A on B @c {\n  a\n}")]
    [InlineData("query($a:Int) { a }", "query ($a: Int) {\n  a\n}")]
    [InlineData("enum A query { a }", "enum A\n\nquery {\n  a\n}")]
    [InlineData("query { a } query { b }", "{\n  a\n}\n\n{\n  b\n}")]
    [InlineData("mutation { a }", "mutation {\n  a\n}")]
    [InlineData("query @a { a }", "query @a {\n  a\n}")]
    [InlineData("{ a(b: \"\\u0007\\u007F\\u00e9\\b\\t\\n\\f\\r\\\"\\\\\") }", "{\n  a(b: \"\\u0007\\u007Fé\\b\\t\\n\\f\\r\\\"\\\\\")\n}")]
    public void HasTheForm_When_ADocumentIsPrinted(string text, string printed) =>
        Printer.Print(Parser.Parse(new(text), ParseLimits.Request).Node!).ShouldBe(printed);

    [Theory]
    [InlineData(80, 1)]
    [InlineData(81, 3)]
    public void GivesEachArgumentALine_When_OneLineIsLongerThanEightyWhereverItStands(int length, int linesCount)
    {
        // a(b: "…") without the letters of the string takes eight.
        var field = $"a(b: \"{new string('x', length - 8)}\")";

        foreach (var (text, around) in new[] { ($"{{ {field} }}", 2), ($"{{ c {{ d {{ {field} }} }} }}", 6) })
        {
            Printer.Print(Parser.Parse(new(text), ParseLimits.Request).Node!).Split('\n').Length.ShouldBe(around + linesCount);
        }
    }

    [Theory]
    [InlineData("", "\"\"\"\"\"\"")]
    [InlineData("one line", "\"\"\"one line\"\"\"")]
    [InlineData(" leading blank", "\"\"\" leading blank\"\"\"")]
    [InlineData("two\nlines", "\"\"\"\ntwo\nlines\n\"\"\"")]
    [InlineData("quote\"", "\"\"\"\nquote\"\n\"\"\"")]
    [InlineData("slash\\", "\"\"\"\nslash\\\n\"\"\"")]
    [InlineData("three \"\"\" quotes", "\"\"\"three \\\"\"\" quotes\"\"\"")]
    public void HasTheForm_When_ABlockStringIsPrinted(string value, string printed) => BlockString.Print(value).ShouldBe(printed);

    [Fact]
    public void GivesTheValueBack_When_ABlockStringCanHoldIt()
    {
        // Every value of up to six of the characters that matter.
        const string Alphabet = "a \n\"\\";
        var held = 0;
        for (var number = 0; number < (int)Math.Pow(Alphabet.Length, 6); number++)
        {
            var value = string.Concat(Digits(number, Alphabet.Length).Select(digit => Alphabet[digit]));
            var read = ((StringValueNode)Parser.ParseValue(new(BlockString.Print(value)), ParseLimits.Request).Node!).Value;

            (read == value || !BlockString.CanHold(value)).ShouldBeTrue($"\"{value}\" was read back as \"{read}\".");
            held += BlockString.CanHold(value) ? 1 : 0;
        }

        held.ShouldBeInRange(1_000, (int)Math.Pow(Alphabet.Length, 6) - 1_000);
    }

    [Theory]
    [InlineData("a\u0007")]
    [InlineData("a\rb")]
    [InlineData("\na")]
    [InlineData("a\n")]
    [InlineData("  a\n  b")]
    [InlineData("  ")]
    public void IsNotForAValue_When_ABlockStringCannotHoldIt(string value) => BlockString.CanHold(value).ShouldBeFalse();

    private static IEnumerable<int> Digits(int number, int radix)
    {
        for (var rest = number; rest > 0; rest /= radix)
        {
            yield return rest % radix;
        }
    }

    private static bool IsAccepted(int index) =>
        s_cases[index].GetProperty("ok").GetBoolean() && !s_cases[index].GetProperty("options").TryGetProperty("allowLegacyFragmentVariables", out _);
}
