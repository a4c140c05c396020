using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>The attacks that docs/internals/attacks.md lists are each held off by the tests that it names, and by no others.</summary>
public sealed partial class AttacksTests
{
    private const string Page = "docs/internals/attacks.md";

    [Fact]
    public void AreHeldOffByTheTestsThatTheTableNames_When_TheSourcesAreRead() =>
        TestTable.Listed(SourceTree.Read(Page), Attack()).ShouldBe(TestTable.Tagged(TestTable.Sources(), "Attack"));

    /// <summary>Each has a test, or says why it has none.</summary>
    [Fact]
    public void AreAllListed_When_ThePageIsRead()
    {
        var page = SourceTree.Read(Page);
        var tested = TestTable.Listed(page, Attack()).Select(attack => attack.Case).ToHashSet();

        foreach (var attack in Enumerable.Range(1, 12).Select(i => $"D{i}").Concat(Enumerable.Range(1, 13).Select(i => $"E{i}")))
        {
            (tested.Contains(attack) || page.Contains($"\n**{attack}**", StringComparison.Ordinal)).ShouldBeTrue(attack);
        }
    }

    [GeneratedRegex("^[DE][0-9]+$", RegexOptions.None, 1_000)]
    private static partial Regex Attack();
}
