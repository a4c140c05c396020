using System.Text;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>Small schemas by chance. They share their few names, so that two of them are like two versions of one.</summary>
internal sealed class GeneratedSchemas(Random random)
{
    private static readonly string[] s_scalars = ["Int", "Float", "String", "Boolean", "ID"];

    private const string Demanding = "I2";

    private readonly Dictionary<string, string> kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> values = new(StringComparer.Ordinal);
    private readonly StringBuilder text = new();

    public string Next()
    {
        kinds.Clear();
        values.Clear();
        text.Clear();
        // Mostly the first letter says the kind; now and then a name is of another.
        foreach (var name in (string[])["O1", "O2", "N1", "N2", "U1", "E1", "E2", "I1", "I2", "S1"])
        {
            if (random.Next(6) > 0)
            {
                kinds[name] = (random.Next(12) == 0 ? "ONUEIS"[random.Next(6)] : name[0]).ToString();
            }
        }

        foreach (var name in NamesOf('E'))
        {
            values[name] = Some("A", "B", "C");
        }

        WriteObject("Query", canImplement: false);
        foreach (var name in kinds.Keys)
        {
            WriteType(name);
        }

        if (random.Next(2) == 0)
        {
            var argument = random.Next(2) == 0 ? "" : $"({Input("a", of: null)})";
            text.AppendLine($"directive @d{argument}{(random.Next(2) == 0 ? " repeatable" : "")} on {string.Join(" | ", Some("FIELD", "QUERY", "SCALAR"))}");
        }

        return text.ToString();
    }

    private void WriteType(string name)
    {
        switch (kinds[name])
        {
            case "O":
                WriteObject(name, canImplement: true);
                break;
            case "N":
                text.AppendLine($"interface {name} {{ n_{name}: Int }}");
                break;
            case "U":
                text.AppendLine($"union {name} = {string.Join(" | ", Some([.. NamesOf('O'), "Query"]))}");
                break;
            case "E":
                text.AppendLine($"enum {name} {{ {string.Join(' ', values[name])} }}");
                break;
            case "I":
                text.AppendLine($"input {name} {{ {string.Join(' ', Some("a", "b", "c").Select(field => Input(field, name)))} }}");
                break;
            default:
                text.AppendLine($"scalar {name}");
                break;
        }
    }

    private void WriteObject(string name, bool canImplement)
    {
        var interfaces = canImplement ? NamesOf('N').Where(_ => random.Next(2) == 0).ToArray() : [];
        var head = interfaces.Length == 0 ? "" : $" implements {string.Join(" & ", interfaces)}";
        var fields = Some("f", "g", "h", "i").Select(field => $"{field}{Arguments()}: {Wrapped(Pick([.. s_scalars, .. NamesOf('O', 'N', 'U', 'E', 'S')]))}")
            .Concat(interfaces.Select(static implemented => $"n_{implemented}: Int"));
        text.AppendLine($"type {name}{head} {{ {string.Join(' ', fields)} }}");
    }

    private string Arguments() =>
        random.Next(2) == 0 ? "" : $"({string.Join(", ", Some("a", "b", "c").Select(argument => Input(argument, of: null)))})";

    /// <summary>An argument, or a field of an input object. Inputs within inputs may always be left out, so that none holds itself; and only one of
    /// them has fields that must be given, so that {} is one of the others.</summary>
    private string Input(string name, string? of)
    {
        var named = Pick([.. s_scalars, .. NamesOf('E', 'I', 'S')]);
        var isInput = kinds.GetValueOrDefault(named) == "I";
        var type = isInput && of is not null ? named : Wrapped(named);
        var canDefault = !isInput || of is null && named != Demanding;
        var mustDefault = type.EndsWith('!') && of is not null and not Demanding;
        return canDefault && (mustDefault || random.Next(2) == 0) ? $"{name}: {type} = {Value(type)}" : $"{name}: {type}";
    }

    private string Value(string type)
    {
        if (type.EndsWith('!'))
        {
            return Value(type[..^1]);
        }

        if (type.StartsWith('['))
        {
            return random.Next(2) == 0 ? Value(type[1..^1]) : $"[{Value(type[1..^1])}, {Value(type[1..^1])}]";
        }

        return type switch
        {
            "Int" => random.Next(3).ToString(),
            "Float" => Pick("1", "1.5", "2.0", "-0.25"),
            "String" => Pick("\"a\"", "\"b\\n\"", "\"7\""),
            "Boolean" => Pick("true", "false"),
            "ID" => Pick("7", "\"7\"", "\"x\"", "\"007\""),
            _ when values.TryGetValue(type, out var names) => Pick(names),
            _ when kinds[type] == "I" => "{}",
            _ => Pick("1", "\"a\"", "true"),
        };
    }

    private string Wrapped(string name) => random.Next(6) switch
    {
        0 => $"{name}!",
        1 => $"[{name}]",
        2 => $"[{name}!]!",
        3 => $"[{name}!]",
        _ => name,
    };

    private IEnumerable<string> NamesOf(params char[] wanted) => kinds.Where(pair => wanted.Contains(pair.Value[0])).Select(static pair => pair.Key);

    private string Pick(params string[] of) => of[random.Next(of.Length)];

    /// <summary>At least one of them, in any order.</summary>
    private string[] Some(params string[] of)
    {
        var shuffled = of.ToArray();
        random.Shuffle(shuffled);
        return shuffled[..random.Next(1, shuffled.Length + 1)];
    }
}
