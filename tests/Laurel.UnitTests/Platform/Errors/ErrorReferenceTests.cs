using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Errors;

/// <summary>The committed page must equal the catalogue. Run with UPDATE_GENERATED=1 to write it anew.</summary>
public sealed class ErrorReferenceTests
{
    [Fact]
    public async Task EqualsTheCommittedPage_When_Rendered()
    {
        var path = Path.Combine(RepositoryRoot(), "docs", "reference", "errors.md");
        var rendered = ErrorReference.Render();
        if (Environment.GetEnvironmentVariable("UPDATE_GENERATED") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, rendered, TestContext.Current.CancellationToken);
        }

        File.Exists(path).ShouldBeTrue("docs/reference/errors.md is missing: run the tests with UPDATE_GENERATED=1");
        var committed = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        committed.ShouldBe(rendered, "docs/reference/errors.md is stale: run the tests with UPDATE_GENERATED=1");
    }

    [Fact]
    public void NamesEveryCode_When_Rendered()
    {
        var page = ErrorReference.Render();

        ErrorCatalog.All.ShouldAllBe(k => page.Contains($"### {k.Code}\n"));
        FieldErrorCatalog.All.ShouldAllBe(k => page.Contains($"| `{k.Code}` |"));
        page.ShouldNotContain('\r');
    }

    // Not by the source path: a reproducible build replaces it.
    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Laurel.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The solution file stands above the tests.");
    }
}
