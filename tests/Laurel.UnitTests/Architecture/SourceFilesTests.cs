using System.Text.RegularExpressions;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>Rules of the house that only the source files can show. Each is shown a bad sample that it must reject.</summary>
public sealed partial class SourceFilesTests
{
    /// <summary>Lines of one file under src at the most: past it a file holds two subjects.</summary>
    private const int LinesMax = 400;

    private static readonly string[] s_emptyNames = ["Common", "Utils", "Util", "Utilities", "Helpers", "Helper", "Misc", "Shared", "Core"];

    [Fact]
    public void AreShort_When_CountedLineByLine() =>
        SourceTree.Files(SourceTree.Src, "*.cs").Where(file => IsTooLong(SourceTree.Read(file))).ShouldBeEmpty();

    [Fact]
    public void AreNamedForWhatTheyAre_When_EveryPartOfThePathIsRead() =>
        AllFiles().Where(HasEmptyName).ShouldBeEmpty();

    [Fact]
    public void RefuseOnlyWithCodesOfTheCatalogue_When_EveryLiteralIsRead() =>
        SourceTree.Files(SourceTree.Src, "*.cs")
            .Where(file => !file.EndsWith("/RowError.cs", StringComparison.Ordinal)) // Rows of a file are reported, not answered.
            .Where(file => !file.EndsWith("/SeedVariables.cs", StringComparison.Ordinal)) // Variables that look like codes of members.
            .Where(file => !file.EndsWith("/IdentitySettings.cs", StringComparison.Ordinal)) // The same.
            .Where(file => !file.EndsWith("/BuiltInRole.cs", StringComparison.Ordinal)) // Roles have codes of their own.
            .Where(file => !file.StartsWith("src/Laurel.GraphQL/", StringComparison.Ordinal)) // Names of its specification; its errors have no codes of ours.
            .SelectMany(file => CodesIn(SourceTree.Read(file)).Select(code => (file, code)))
            .Where(use => ErrorCatalog.Find(use.code) is null)
            .ShouldBeEmpty("Every code needs words in both languages: add it to ErrorCode and ErrorCatalog.");

    [Fact]
    public void AreFoundToRefuse_When_TheScanLooksAtTheUseCases()
    {
        var codes = SourceTree.Files(SourceTree.Src, "*.cs").SelectMany(file => CodesIn(SourceTree.Read(file))).ToHashSet();

        codes.ShouldContain("POINTS_INSUFFICIENT");
        codes.ShouldContain("HOLD_ENDS_BEFORE_IT_BEGINS");
        codes.ShouldContain("MEMBER_EXISTS");
        codes.ShouldContain("BUSY");
    }

    [Fact]
    public void AreRejected_When_TheyAreTooLong()
    {
        IsTooLong(string.Concat(Enumerable.Repeat("x\n", LinesMax + 1))).ShouldBeTrue();
        IsTooLong(string.Concat(Enumerable.Repeat("x\n", LinesMax))).ShouldBeFalse();
    }

    [Theory]
    [InlineData("src/Laurel.Common/Thing.cs")]
    [InlineData("src/Laurel.Engine/Helpers/Thing.cs")]
    [InlineData("src/Laurel.Engine/Sql/SqlUtils.cs")]
    [InlineData("tests/Laurel.UnitTests/Misc.cs")]
    public void AreRejected_When_TheirNameSaysNothing(string file) => HasEmptyName(file).ShouldBeTrue();

    [Theory]
    [InlineData("return new Refusal(\"NO_SUCH_CODE\");")]
    [InlineData("return Refuse(\"NO_SUCH_CODE\", (\"a\", 1));")]
    [InlineData("claims.Add(new Claim(a, b, \"NO_SUCH_CODE\"));")]
    [InlineData("return \"NO_SUCH_CODE\";")]
    public void AreRejected_When_TheyRefuseWithAnUnknownCode(string source) =>
        CodesIn(source).Where(code => ErrorCatalog.Find(code) is null).ShouldHaveSingleItem();

    private static IEnumerable<string> AllFiles() =>
        SourceTree.Files(SourceTree.Src, "*").Concat(SourceTree.Files(Path.Combine(SourceTree.Root, "tests"), "*"));

    private static bool IsTooLong(string text) => text.Count(c => c == '\n') > LinesMax;

    private static bool HasEmptyName(string file) =>
        file.Split('/', '.').Any(part => WordsOf().Split(part).Any(word => s_emptyNames.Contains(word)));

    // A code is any literal in CAPITALS_WITH_UNDERSCORES, and a lone word in capitals where it is handed to a refusal.
    private static IEnumerable<string> CodesIn(string source) => CodeLiteral().Matches(source)
        .Select(match => match.Groups["code"].Value)
        .Where(code => FieldErrorCatalog.Find(code) is null && !IsSetting(code))
        .Distinct();

    private static bool IsSetting(string name) =>
        name is "DATABASE_URL" or "DATABASE_ROLE" or "DATABASE_REPLICA_URLS" or "REDIS_URL" or "RABBITMQ_URL" or "ASPNETCORE_URLS" || name.StartsWith("LAUREL_", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal);

    // \x22 is a quotation mark.
    [GeneratedRegex(@"(?:(?:Refusal|Refuse)\(|return )\x22(?<code>[A-Z]+)\x22|\x22(?<code>[A-Z]+(?:_[A-Z]+)+)\x22", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CodeLiteral();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex WordsOf();
}
