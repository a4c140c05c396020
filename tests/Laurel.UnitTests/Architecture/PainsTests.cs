using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>The pains of the field that docs/internals/testing.md lists are each held by the tests that it names, and by no others.</summary>
public sealed partial class PainsTests
{
    private const int Pains = 25;

    private const string Page = "docs/internals/testing.md";

    [Fact]
    public void AreHeldByTheTestsThatTheTableNames_When_TheSourcesAreRead() =>
        TestTable.Listed(SourceTree.Read(Page), Number()).ShouldBe(TestTable.Tagged(TestTable.Sources(), "Pain"));

    [Fact]
    public void AreAllListed_When_TheTableIsRead() =>
        TestTable.Listed(SourceTree.Read(Page), Number()).Select(pain => int.Parse(pain.Case, CultureInfo.InvariantCulture)).Distinct().Order()
            .ShouldBe(Enumerable.Range(1, Pains));

    [Fact]
    public void AreFound_When_ATestHasTwoOfThem()
    {
        const string Source = """
                [Theory]
                [Trait("Pain", "7")]
                [Trait("Attack", "D7")]
                [Trait("Pain", "3")]
                [InlineData(1)]
                public async Task IsRight_When_Asked(int i)
            """;

        TestTable.Tagged([Source], "Pain").ShouldBe([("3", "IsRight_When_Asked"), ("7", "IsRight_When_Asked")]);
        TestTable.Tagged([Source], "Pain").ShouldNotBe(TestTable.Listed("| 3 | x | `IsRight_When_Asked` |", Number()));
    }

    [GeneratedRegex("^[0-9]+$", RegexOptions.None, 1_000)]
    private static partial Regex Number();
}
