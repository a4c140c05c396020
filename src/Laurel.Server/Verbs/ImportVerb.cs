using System.CommandLine;

namespace Laurel.Server.Verbs;

/// <summary><c>import</c>: what loads history from files.</summary>
internal static class ImportVerb
{
    public static Command Create() => new("import", "Loads history from files.") { ImportOrdersVerb.Create(), ImportLevelsVerb.Create() };
}
