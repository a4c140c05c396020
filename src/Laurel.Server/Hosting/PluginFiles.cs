using System.Reflection;
using Laurel.Membership.Benefits;

namespace Laurel.Server.Hosting;

/// <summary>Loads the kinds of benefits that assemblies beside the server bring. They run with all that the server may do: whoever sets the
/// settings vouches for them.</summary>
internal static class PluginFiles
{
    /// <param name="files">Paths separated by <c>;</c>; null where none are named.</param>
    /// <param name="mistake">Told of each file that brings nothing, and why.</param>
    public static BenefitKinds Read(string? files, Action<string> mistake)
    {
        var added = new List<BenefitKind>();
        foreach (var file in (files ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var found = KindsIn(file, mistake);
            foreach (var kind in found)
            {
                if (BenefitKinds.OfTheHouse.Find(kind.Code) is not null || added.Exists(other => other.Code == kind.Code))
                {
                    mistake($"'{file}' brings a kind of benefit '{kind.Code}', and there is one already.");
                }
                else
                {
                    added.Add(kind);
                }
            }
        }

        return new BenefitKinds(added);
    }

    private static List<BenefitKind> KindsIn(string file, Action<string> mistake)
    {
        try
        {
            var types = Assembly.LoadFrom(Path.GetFullPath(file)).GetExportedTypes()
                .Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(BenefitKind)))
                .ToList();
            if (types.Count == 0)
            {
                mistake($"'{file}' has no public class that derives from BenefitKind.");
            }

            return types.ConvertAll(type => (BenefitKind)Activator.CreateInstance(type)!);
        }
        catch (Exception exception) when (exception
            is IOException or BadImageFormatException or TypeLoadException or MissingMethodException or TargetInvocationException)
        {
            mistake($"'{file}' cannot be loaded: {exception.GetBaseException().Message}");
            return [];
        }
    }
}
