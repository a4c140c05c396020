namespace Laurel.Bench.Servers;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    private const string Mark = "Laurel.slnx";

    /// <summary>The folder of the solution, looked for upwards from this program.</summary>
    /// <exception cref="BenchException">This program does not lie in a clone.</exception>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
            {
                return folder.FullName;
            }
        }

        throw new BenchException($"No {Mark} lies above {AppContext.BaseDirectory}.");
    }
}
