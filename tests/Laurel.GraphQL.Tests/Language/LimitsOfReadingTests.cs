using System.Text;
using Laurel.GraphQL.Language;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>A document is refused while it is read, as soon as it is too large or too deep, and the process lives.</summary>
public sealed class LimitsOfReadingTests
{
    // What brings a document one level deeper, and what ends it again; the innermost stands between.
    public static TheoryData<string, string, string, string, string> Nestings => new()
    {
        { "", "{a", "", "}", "" },
        { "{a(b:", "[", "1", "]", ")}" },
        { "{a(b:", "{c:", "1", "}", ")}" },
        { "query($a:", "[", "B", "]", "){a}" },
        { "", "{...@b", "{a}", "}", "" },
        { "", "{...on B", "{a}", "}", "" },
        { "type A{a(b:B=", "[", "1", "]", "):C}" },
    };

    [Theory]
    [MemberData(nameof(Nestings))]
    public void IsTooDeep_When_OneLevelMoreThanAllowedIsNested(string before, string open, string inner, string close, string after)
    {
        var above = DepthOf(before) + DepthOf(inner);
        var limits = new ParseLimits { DepthMax = 20 };

        Parser.Parse(new(Nested(20 - above)), limits).Error.ShouldBeNull();
        Parser.Parse(new(Nested(21 - above)), limits).Error.ShouldNotBeNull().Kind.ShouldBe(SyntaxErrorKind.TooDeep);

        string Nested(int levels) => before + Repeated(open, levels) + inner + Repeated(close, levels) + after;

        // Braces of a type definition hold no selections: what nests is below them.
        static int DepthOf(string text) => text.StartsWith("type", StringComparison.Ordinal) || text.StartsWith("query", StringComparison.Ordinal) ? 0
            : text.Count(character => character == '{');
    }

    [Theory]
    [InlineData("", "{a")]
    [InlineData("{a(b:", "[")]
    [InlineData("{a(b:", "{c:")]
    [InlineData("query($a:", "[")]
    [InlineData("", "{...@b")]
    [InlineData("type A{a(b:B=", "[")]
    public void IsAnswered_When_FortyKilobytesAreNested(string before, string open)
    {
        // CVE-2026-40324: nothing closes what such a document opens, and a parser that recurses without a bound ends its process.
        var text = before + Repeated(open, 40 * 1024 / open.Length);

        var error = OnASmallStack(() => Parser.Parse(new(text), ParseLimits.Schema).Error);

        error.ShouldNotBeNull().Kind.ShouldBe(SyntaxErrorKind.TooDeep);
        error.Message.ShouldBe("Syntax Error: Document is nested deeper than 100 levels. Parsing aborted.");
    }

    [Fact]
    public void IsReadAndPrinted_When_TheDeepestAllowedIsNested()
    {
        var limits = ParseLimits.Schema with { DepthMax = ParseLimits.DepthCeiling };
        var text = Repeated("{a", limits.DepthMax) + Repeated("}", limits.DepthMax);

        var printed = OnASmallStack(() => Printer.Print(Parser.Parse(new(text), limits).Node!));

        printed.Count(character => character == '{').ShouldBe(limits.DepthMax);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ParseLimits.DepthCeiling + 1)]
    public void IsRefused_When_ALimitCouldNotBeKept(int depth) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new ParseLimits { DepthMax = depth });

    [Theory]
    [InlineData("{ a }", 3)]
    [InlineData("{ a(b: \"c\") #d\n }", 8)]
    [InlineData("", 0)]
    public void AreCountedWithoutTheEnd_When_TokensAreLimited(string text, int tokensCount)
    {
        Parser.Parse(new(text), new() { TokensMax = tokensCount }).Error?.Kind.ShouldBe(SyntaxErrorKind.Unreadable);
        if (tokensCount > 0)
        {
            Parser.Parse(new(text), new() { TokensMax = tokensCount }).Succeeded.ShouldBeTrue();
            Parser.Parse(new(text), new() { TokensMax = tokensCount - 1 }).Error.ShouldNotBeNull().Kind.ShouldBe(SyntaxErrorKind.TooManyTokens);
        }
    }

    [Fact]
    public void CostNoMoreThanAnAllowedDocument_When_TheyAreRefused()
    {
        // A million tokens, of which the limit lets ten thousand be looked at: next to nothing is kept of them.
        var text = "{" + Repeated("a ", 1_000_000) + "}";
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Parser.Parse(new(text), ParseLimits.Request).Error;

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 * 1024 * 1024);
        error.ShouldNotBeNull().Kind.ShouldBe(SyntaxErrorKind.TooManyTokens);
    }

    private static string Repeated(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static T OnASmallStack<T>(Func<T> work)
    {
        // A quarter of what the smallest platforms give a thread: the rest is for whoever calls, and for whoever walks the tree.
        T? result = default;
        var thread = new Thread(() => result = work(), maxStackSize: 384 * 1024);
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        return result!;
    }
}
