using System.Reflection;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>Arrows between projects only point down (docs/internals/architecture.md). Goal: a reference that points up, or
/// between two rooms of one floor, fails here. Method: what the project files declare and what the compiled assemblies
/// use are both held against one closed table, and the check is shown bad samples that it must reject.</summary>
public sealed class ProjectArrowsTests
{
    /// <summary>Every project and what it may see. A project that is not listed has no place in the house yet.</summary>
    private static readonly Dictionary<string, string[]> s_maySee = new()
    {
        ["Laurel.Kernel"] = [],
        ["Laurel.Ledger"] = ["Laurel.Kernel"],
        ["Laurel.Expressions"] = [],
        ["Laurel.GraphQL"] = [],
        ["Laurel.Engine"] = ["Laurel.Kernel"],
        ["Laurel.Platform"] = ["Laurel.Kernel", "Laurel.Engine", "Laurel.GraphQL"],
        ["Laurel.Membership"] = ["Laurel.Kernel", "Laurel.Ledger", "Laurel.Expressions", "Laurel.Engine", "Laurel.GraphQL", "Laurel.Platform"],
        ["Laurel.Identity"] = ["Laurel.Kernel", "Laurel.Engine", "Laurel.GraphQL", "Laurel.Platform", "Laurel.Membership"],
        ["Laurel.Server"] = ["Laurel.Kernel", "Laurel.Ledger", "Laurel.Engine", "Laurel.GraphQL", "Laurel.Platform", "Laurel.Membership", "Laurel.Identity"],
    };

    public static TheoryData<string> Projects => [.. SourceTree.Files(SourceTree.Src, "*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void PointDown_When_ProjectFilesAreRead(string file)
    {
        var declared = XDocument.Parse(SourceTree.Read(file)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Mistakes(Path.GetFileNameWithoutExtension(file), declared).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void PointDown_When_AssembliesAreRead(string file)
    {
        var project = Path.GetFileNameWithoutExtension(file);
        var used = Assembly.Load(AssemblyOf(project)).GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("Laurel.", StringComparison.Ordinal));

        Mistakes(project, used).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Laurel.Engine", "Laurel.Ledger")]
    [InlineData("Laurel.Ledger", "Laurel.Engine")]
    [InlineData("Laurel.Kernel", "Laurel.Ledger")]
    [InlineData("Laurel.Expressions", "Laurel.Kernel")]
    [InlineData("Laurel.GraphQL", "Laurel.Kernel")]
    [InlineData("Laurel.Platform", "Laurel.Membership")]
    [InlineData("Laurel.Membership", "Laurel.Server")]
    [InlineData("Laurel.Membership", "Laurel.Identity")]
    [InlineData("Laurel.Common", "Laurel.Kernel")]
    public void AreRejected_When_TheyPointUpOrAside(string project, string seen) => Mistakes(project, [seen]).ShouldNotBeEmpty();

    [Fact]
    public void AreCheckedForEveryProject_When_TheTableIsCompared() =>
        Projects.Select(row => Path.GetFileNameWithoutExtension(row.Data)).ShouldBe(s_maySee.Keys, ignoreOrder: true);

    private static IReadOnlyList<string> Mistakes(string project, IEnumerable<string> seen) =>
        s_maySee.TryGetValue(project, out var allowed)
            ? [.. seen.Where(other => !allowed.Contains(other)).Select(other => $"{project} must not see {other}.")]
            : [$"{project} has no place in the house: add it to the table with its floor."];

    // The host's file is named for the command that people type.
    private static string AssemblyOf(string project) => project == "Laurel.Server" ? "laurel" : project;
}
