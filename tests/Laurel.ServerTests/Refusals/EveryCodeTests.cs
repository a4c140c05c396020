using System.Text.RegularExpressions;
using Laurel.Platform.Errors;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Refusals;

/// <summary>A refusal whose code is in no catalogue would be answered as a fault of ours.</summary>
public sealed partial class EveryCodeTests
{
    [Fact]
    public void StandsInTheCatalogue_When_TheSourcesRefuseWithIt()
    {
        var codes = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => RefusalPattern().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["code"].Value)
            .ToHashSet();

        codes.ShouldContain("POINTS_INSUFFICIENT");
        codes.Where(code => ErrorCatalog.Find(code) is null).ShouldBeEmpty();
    }

    [GeneratedRegex(
        "\\b(Refusal|Refuse|ByHandle)\\([^\"\\n;]*\"(?<code>[A-Z][A-Z_]+)\"",
        RegexOptions.ExplicitCapture,
        1_000)]
    private static partial Regex RefusalPattern();
}
