using System.Globalization;
using System.Text;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Tests;

/// <summary>The files of tests/data/graphql-js.</summary>
internal static class RecordedData
{
    private static readonly string s_folder = Path.Combine(Root, "tests", "data", "graphql-js");

    /// <summary>The folder of the solution.</summary>
    public static string Root => FindRoot();

    public static string Text(string name) => File.ReadAllText(Path.Combine(s_folder, name));

    /// <summary>The cases of a file that is one array.</summary>
    public static JsonElement[] Cases(string name)
    {
        using var json = JsonDocument.Parse(Text(name));
        return [.. json.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>The string of a property. Unlike the framework's, this reads halves of surrogate pairs, which cases are about.</summary>
    public static string StringOf(JsonElement element, string property)
    {
        var raw = element.GetProperty(property).GetRawText().AsSpan()[1..^1];
        var value = new StringBuilder();
        for (var index = 0; index < raw.Length; index++)
        {
            if (raw[index] != '\\')
            {
                value.Append(raw[index]);
                continue;
            }

            index++;
            if (raw[index] == 'u')
            {
                value.Append((char)int.Parse(raw.Slice(index + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                index += 4;
                continue;
            }

            value.Append(raw[index] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
        }

        return value.ToString();
    }

    /// <summary>The first place of a recorded error.</summary>
    public static SourcePosition PositionOf(JsonElement locations) =>
        new(locations[0].GetProperty("line").GetInt32(), locations[0].GetProperty("column").GetInt32());

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
