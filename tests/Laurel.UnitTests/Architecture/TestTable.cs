using System.Text.RegularExpressions;

namespace Laurel.UnitTests.Architecture;

/// <summary>A table of a page that names tests, and the tests that carry its trait: both say the same.</summary>
internal static partial class TestTable
{
    /// <summary>The rows <c>| case | what | `Test_When_This` |</c> of a page.</summary>
    /// <param name="cases">Matches the names of the cases; rows of others are no part of the table.</param>
    public static IReadOnlyList<(string Case, string Test)> Listed(string page, Regex cases) =>
    [
        .. (from row in Row().Matches(page)
            let name = row.Groups["case"].Value
            where cases.IsMatch(name)
            from test in Test().Matches(row.Groups["tests"].Value)
            select (name, test.Groups["name"].Value)).Order(),
    ];

    /// <summary>The tests with the trait.</summary>
    public static IReadOnlyList<(string Case, string Test)> Tagged(IEnumerable<string> sources, string trait)
    {
        var found = new HashSet<(string, string)>();
        foreach (var source in sources)
        {
            foreach (var tag in Tag().Matches(source).Where(tag => tag.Groups["trait"].Value == trait))
            {
                found.Add((tag.Groups["case"].Value, Method().Match(source, tag.Index).Groups["name"].Value));
            }
        }

        return [.. found.Order()];
    }

    /// <summary>Every source of a test but those that show such tags as samples.</summary>
    public static IEnumerable<string> Sources() => SourceTree.Files(Path.Combine(SourceTree.Root, "tests"), "*.cs")
        .Where(file => !file.EndsWith("/PainsTests.cs", StringComparison.Ordinal) && !file.EndsWith("/AttacksTests.cs", StringComparison.Ordinal))
        .Select(SourceTree.Read);

    [GeneratedRegex(@"^\| (?<case>[A-Z]?[0-9]+) \|[^|]*\|(?<tests>[^|]*)\|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z0-9_]+_When_[A-Za-z0-9]+)`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Test();

    [GeneratedRegex("""\[Trait\("(?<trait>[A-Za-z]+)", "(?<case>[A-Z]?[0-9]+)"\)\]""", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"public (async Task|void) (?<name>[A-Za-z0-9_]+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Method();
}
