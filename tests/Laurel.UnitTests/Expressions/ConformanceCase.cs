using Laurel.UnitTests.Architecture;

namespace Laurel.UnitTests.Expressions;

/// <summary>One case of the suite, as <c>Conformance/README.md</c> describes the form.</summary>
/// <param name="Id">File, line, section and name.</param>
/// <param name="IsUnchecked">The suite does not check its types.</param>
/// <param name="Expected">A value or an error in our form.</param>
/// <param name="Type">Null where the suite does not say it.</param>
internal sealed record ConformanceCase(
    string Id,
    string Expression,
    bool IsUnchecked,
    string Expected,
    string? Type,
    string Container,
    IReadOnlyList<(string Name, string Type, string Value)> Variables)
{
    private const string Folder = "tests/Laurel.UnitTests/Expressions/Conformance";

    public static readonly IReadOnlyDictionary<string, ConformanceCase> All;

    /// <summary>How many cases of the read files are left out, by reason.</summary>
    public static readonly IReadOnlyDictionary<string, int> Skipped;

    static ConformanceCase()
    {
        var cases = new Dictionary<string, ConformanceCase>();
        var skipped = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in SourceTree.Files(Path.Combine(SourceTree.Root, Folder), "*.txt"))
        {
            Read(file, cases, skipped);
        }

        All = cases;
        Skipped = skipped;
    }

    private static void Read(string file, Dictionary<string, ConformanceCase> cases, SortedDictionary<string, int> skipped)
    {
        var (section, container, number) = ("", "", 0);
        var variables = new List<(string, string, string)>();
        foreach (var line in SourceTree.Read(file).Split('\n'))
        {
            number++;
            if (line.Split(" ::: ", 2) is [var head, var rest])
            {
                var (name, isUnchecked) = head.EndsWith(" ~", StringComparison.Ordinal) ? (head[..^2], true) : (head, false);
                var id = $"{Path.GetFileNameWithoutExtension(file)}:{number} {section}/{name}";
                var (expression, expected) = rest.Split(" ==> ") is [var left, var right] ? (left, right) : throw Bad(file, number);
                var type = expected.Split(" :: ") is [var value, var named] ? (value, named) : (expected, null);
                cases.Add(id, new ConformanceCase(id, expression, isUnchecked, type.Item1, type.Item2, container, variables));
                (container, variables) = ("", []);
                continue;
            }

            switch (line.Split(' ', 2))
            {
                case ["section", var name]:
                    section = name;
                    break;
                case ["container", var name]:
                    container = name;
                    break;
                case ["let", var text] when text.Split(": ", 2) is [var name, var typed] && typed.Split(" = ", 2) is [var type, var value]:
                    variables.Add((name, type, value));
                    break;
                case ["skip", var text] when text.Split(": ", 2) is [var reason, var names]:
                    skipped[reason] = skipped.GetValueOrDefault(reason) + names.Split(", ").Length;
                    break;
                case [""]:
                    break;
                default:
                    throw Bad(file, number);
            }
        }
    }

    private static InvalidDataException Bad(string file, int line) => new($"{file}, line {line}, is no case.");
}
