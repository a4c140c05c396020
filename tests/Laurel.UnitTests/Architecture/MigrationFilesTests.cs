using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>Migrations are folders <c>NNNN-name</c>, numbered over the whole product, with one file for each dialect.</summary>
public sealed partial class MigrationFilesTests
{
    private static readonly string[] s_dialects = ["mysql.sql", "postgres.sql", "sqlite.sql"];

    [Fact]
    public void AreNumberedWithoutAGapForEveryDialect_When_TheSourcesAreRead() =>
        Mistakes(SourceTree.Files(SourceTree.Src, "*.sql")).ShouldBeEmpty();

    [Theory]
    [InlineData("a gap", "a/Migrations/0001-x/sqlite.sql|a/Migrations/0001-x/postgres.sql|a/Migrations/0001-x/mysql.sql|a/Migrations/0003-y/sqlite.sql|a/Migrations/0003-y/postgres.sql|a/Migrations/0003-y/mysql.sql")]
    [InlineData("a number twice", "a/Migrations/0001-x/sqlite.sql|a/Migrations/0001-x/postgres.sql|a/Migrations/0001-x/mysql.sql|b/Migrations/0001-y/sqlite.sql|b/Migrations/0001-y/postgres.sql|b/Migrations/0001-y/mysql.sql")]
    [InlineData("a dialect missing", "a/Migrations/0001-x/sqlite.sql")]
    [InlineData("a dialect unknown", "a/Migrations/0001-x/sqlite.sql|a/Migrations/0001-x/postgres.sql|a/Migrations/0001-x/mysql.sql|a/Migrations/0001-x/oracle.sql")]
    [InlineData("a name out of form", "a/Migrations/1-X/sqlite.sql|a/Migrations/1-X/postgres.sql|a/Migrations/1-X/mysql.sql")]
    [InlineData("SQL that is no migration", "a/queries.sql")]
    [InlineData("nothing", "")]
    public void AreRejected_When_ThereIs(string mistake, string files) =>
        Mistakes(files.Split('|', StringSplitOptions.RemoveEmptyEntries)).ShouldNotBeEmpty(mistake);

    private static IReadOnlyList<string> Mistakes(IReadOnlyList<string> files)
    {
        var mistakes = new List<string>();
        var numbers = new List<int>();
        foreach (var folder in files.GroupBy(file => file[..Math.Max(0, file.LastIndexOf('/'))]))
        {
            if (FolderName().Match(folder.Key) is not { Success: true } name)
            {
                mistakes.Add($"{folder.Key} is not a folder Migrations/NNNN-name.");
                continue;
            }

            numbers.Add(int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture));
            var dialects = folder.Select(file => file[(file.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal);
            if (!dialects.SequenceEqual(s_dialects))
            {
                mistakes.Add($"{folder.Key} has not exactly one file for each dialect.");
            }
        }

        if (numbers.Count == 0 || !numbers.Order().SequenceEqual(Enumerable.Range(1, numbers.Count)))
        {
            mistakes.Add("Migrations are numbered 1, 2, 3 … without a gap.");
        }

        return mistakes;
    }

    [GeneratedRegex("/Migrations/(?<number>[0-9]{4})-[a-z0-9-]+$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FolderName();
}
