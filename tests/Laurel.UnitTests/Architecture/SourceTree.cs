namespace Laurel.UnitTests.Architecture;

/// <summary>The clone the tests were built from: what the rules of the house are held against.</summary>
internal static class SourceTree
{
    /// <summary>The folder of the solution, found upwards from the running tests: a reproducible build replaces source paths.</summary>
    public static string Root { get; } = FindRoot();

    public static string Src { get; } = Path.Combine(Root, "src");

    /// <summary>Source files below a folder, build output left out; paths are relative to <see cref="Root"/> with slashes.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
    [
        .. Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Laurel.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The solution file stands above the tests.");
    }
}
