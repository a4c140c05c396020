using System.Text;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Tests.Validation;

/// <summary>Documents that a schema mostly allows, with a slip here and there.</summary>
internal sealed class GeneratedDocuments(Schema schema, Random random)
{
    private const int DepthMax = 4;
    private static readonly string[] s_fragments = ["F1", "F2", "F3"];
    private static readonly string[] s_literals = ["1", "1.5", "\"a\"", "true", "null", "SIT", "[1, 2]", "{intField: 1}", "$a", "$b", "$none"];
    private static readonly string[] s_directives = ["@skip(if: true)", "@include(if: $c)", "@onField", "@nope", "@skip", "@include(if: 1, x: 2)"];
    private readonly CompositeType[] composites = [.. schema.Types.OfType<CompositeType>().Where(static type => !type.IsIntrospection)];
    private readonly string[] fields = [.. schema.Types.OfType<FieldedType>().SelectMany(static type => type.Fields.Names).Distinct(), "__typename", "nam"];

    // How many slips in a thousand choices: some documents have none, so that some are good.
    private int slips;

    public string Next()
    {
        slips = Pick([0, 0, 5, 30, 150]);
        var text = new StringBuilder();
        var operations = Happens(30) ? 2 : 1;
        for (var index = 0; index < operations; index++)
        {
            text.Append("query ").Append(index == 0 || Slips() ? "Q" : "R").Append(Variables()).Append(Directive());
            AppendSelection(text, schema.QueryType!, 0);
        }

        foreach (var name in s_fragments.Where(_ => Happens(slips == 0 ? 0 : 300)))
        {
            var type = Pick(composites);
            text.Append("\nfragment ").Append(name).Append(" on ").Append(Slips() ? "Int" : type.Name).Append(Directive());
            AppendSelection(text, type, 1);
        }

        return text.ToString();
    }

    private void AppendSelection(StringBuilder text, CompositeType type, int depth)
    {
        text.Append(" {");
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            if (slips > 0 && Happens(80))
            {
                text.Append(" ...").Append(Pick(s_fragments)).Append(Directive());
            }
            else if (Happens(100) && depth < DepthMax)
            {
                var inner = Slips() || type.PossibleTypes.IsEmpty ? Pick(composites) : Pick([.. type.PossibleTypes]);
                text.Append(" ... on ").Append(inner.Name).Append(Directive());
                AppendSelection(text, inner, depth + 1);
            }
            else
            {
                AppendField(text, type, depth);
            }
        }

        text.Append(" }\n");
    }

    private void AppendField(StringBuilder text, CompositeType type, int depth)
    {
        var own = type is FieldedType fielded ? fielded.Fields.Names : ["__typename"];
        var name = Slips() ? Pick(fields) : Pick([.. own]);
        var field = schema.FindField(type, name);
        text.Append(' ').Append(Happens(60) ? Pick(["x: ", "name: "]) : "").Append(name);
        var arguments = (field?.Arguments ?? NamedList<SchemaInput>.Empty).Where(argument => argument.IsRequired ? !Slips() : Happens(500))
            .Select(argument => $"{argument.Name}: {Value(argument.Type, 0)}")
            .ToList();
        if (Slips())
        {
            arguments.Add($"{Pick(fields)}: {Pick(s_literals)}");
        }

        text.Append(arguments.Count == 0 ? "" : $"({string.Join(", ", arguments)})").Append(Directive());
        if ((field?.Type.Named is CompositeType && !Slips()) || Slips())
        {
            if (field?.Type.Named is CompositeType below && depth < DepthMax)
            {
                AppendSelection(text, below, depth + 1);
            }
            else
            {
                text.Append(" { __typename }");
            }
        }
    }

    private string Value(SchemaType type, int depth)
    {
        if (Slips())
        {
            return Pick(s_literals);
        }

        return type.Nullable switch
        {
            ListType list => Happens(500) ? Value(list.Item, depth + 1) : $"[{Value(list.Item, depth + 1)}, {Value(list.Item, depth + 1)}]",
            EnumType choice => Pick([.. choice.Values.Names]),
            InputObjectType { IsOneOf: true } input => $"{{{Pick([.. input.Fields.Names])}: {Pick(["1", "\"a\"", "null"])}}}",
            InputObjectType input => "{" + string.Join(", ", input.Fields.Where(field => field.IsRequired ? !Slips() : Happens(300) && depth < DepthMax)
                .Select(field => $"{field.Name}: {Value(field.Type, depth + 1)}")) + "}",
            var scalar => scalar.Named.Name switch
            {
                "Int" => slips > 0 && Happens(300) ? "$a" : "3",
                "String" => slips > 0 && Happens(300) ? "$b" : "\"x\"",
                "Boolean" => slips > 0 && Happens(300) ? "$c" : "true",
                "Float" => "1.5",
                _ => "7",
            },
        };
    }

    /// <summary>Those that values speak of, of types that mostly fit.</summary>
    private string Variables() => slips == 0
        ? ""
        : $"($a: {Pick(["Int", "Int!", "Int = 1", "[Int]"])}, $b: {Pick(["String", "String!", "String = \"x\"", "ID", "Dog", "Nope"])}, "
            + $"$c: {Pick(["Boolean!", "Boolean! = true", "Boolean = 1"])}{(Slips() ? ", $a: Int" : "")})";

    private string Directive() => Slips() ? " " + Pick(s_directives) : "";

    private bool Slips() => Happens(slips);

    private bool Happens(int inThousand) => random.Next(1_000) < inThousand;

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
