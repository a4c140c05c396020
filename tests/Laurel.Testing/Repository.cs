namespace Laurel.Testing;

/// <summary>Where the sources are.</summary>
public static class Repository
{
    private const string Mark = "Laurel.slnx";

    /// <summary>The folder of the solution, looked for upwards from the running tests.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests do not lie in a clone.</exception>
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

        throw new DirectoryNotFoundException($"No {Mark} lies above {AppContext.BaseDirectory}.");
    }
}
