using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>The pains of the field that docs/internals/testing.md lists are each held by the tests that it names, and by no others.</summary>
public sealed partial class PainsTests
{
    private const int Pains = 25;

    [Fact]
    public void AreHeldByTheTestsThatTheTableNames_When_TheSourcesAreRead() => Listed(SourceTree.Read("docs/internals/testing.md")).ShouldBe(Tagged(Sources()));

    [Fact]
    public void AreAllListed_When_TheTableIsRead() =>
        Listed(SourceTree.Read("docs/internals/testing.md")).Select(pain => pain.Number).Distinct().ShouldBe(Enumerable.Range(1, Pains));

    [Fact]
    public void AreFound_When_ATestHasTwoOfThem()
    {
        const string Source = """
                [Theory]
                [Trait("Pain", "7")]
                [Trait("Pain", "3")]
                [InlineData(1)]
                public async Task IsRight_When_Asked(int i)
            """;

        Tagged([Source]).ShouldBe([(3, "IsRight_When_Asked"), (7, "IsRight_When_Asked")]);
        Tagged([Source]).ShouldNotBe(Listed("| 3 | x | `IsRight_When_Asked` |"));
    }

    private static IEnumerable<string> Sources() => SourceTree.Files(Path.Combine(SourceTree.Root, "tests"), "*.cs")
        .Where(file => !file.EndsWith("/PainsTests.cs", StringComparison.Ordinal))
        .Select(SourceTree.Read);

    private static List<(int Number, string Test)> Listed(string page) =>
    [
        .. from row in Row().Matches(page)
           from test in Test().Matches(row.Groups["tests"].Value)
           orderby int.Parse(row.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture), test.Groups["name"].Value
           select (int.Parse(row.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture), test.Groups["name"].Value),
    ];

    private static List<(int Number, string Test)> Tagged(IEnumerable<string> sources)
    {
        var found = new HashSet<(int, string)>();
        foreach (var source in sources)
        {
            foreach (Match tag in Tag().Matches(source))
            {
                var method = Method().Match(source, tag.Index);
                found.Add((int.Parse(tag.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture), method.Groups["name"].Value));
            }
        }

        return [.. found.OrderBy(pain => pain.Item1).ThenBy(pain => pain.Item2)];
    }

    [GeneratedRegex(@"^\| (?<number>[0-9]+) \|[^|]*\|(?<tests>[^|]*)\|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z0-9]+_When_[A-Za-z0-9]+)`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Test();

    [GeneratedRegex("""\[Trait\("Pain", "(?<number>[0-9]+)"\)\]""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"public (async Task|void) (?<name>[A-Za-z0-9_]+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Method();
}
