using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 6.4.1, Coercing Field Arguments.</summary>
internal static class ArgumentCoercion
{
    private static readonly ImmutableDictionary<string, object?> s_none = ImmutableDictionary<string, object?>.Empty;
    private static readonly FieldArguments s_noArguments = new(s_none, null);

    /// <summary>The values of the arguments, or why one has none: a document that was not validated, or a variable that was not
    /// given where one is needed.</summary>
    public static FieldArguments Coerce(
        NamedList<SchemaInput> arguments, ImmutableArray<ArgumentNode> given, Node place, IReadOnlyDictionary<string, object?> variables)
    {
        if (arguments.Count == 0)
        {
            return s_noArguments;
        }

        var values = new Dictionary<string, object?>(arguments.Count, StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var literal = given.FirstOrDefault(candidate => candidate.Name.Value == argument.Name)?.Value;
            var missing = literal is VariableNode variable && !variables.ContainsKey(variable.Name.Value) ? variable : null;
            if (literal is null || missing is not null)
            {
                if (argument.Default is { } standing)
                {
                    values[argument.Name] = LiteralCoercion.Coerce(standing, argument.Type, s_none).Value;
                }
                else if (argument.IsRequired)
                {
                    var why = missing is null
                        ? "was not provided."
                        : $"was provided the variable \"${missing.Name.Value}\" which was not provided a runtime value.";
                    return new(s_none, GraphQLError.At($"Argument \"{argument.Name}\" of required type \"{argument.Type}\" {why}", missing ?? place));
                }

                continue;
            }

            var coerced = LiteralCoercion.Coerce(literal, argument.Type, variables);
            if (!coerced.IsValid)
            {
                var isNull = literal is NullValueNode || literal is VariableNode named && variables[named.Name.Value] is null;
                var message = isNull
                    ? $"Argument \"{argument.Name}\" of non-null type \"{argument.Type}\" must not be null."
                    : $"Argument \"{argument.Name}\" has invalid value {Printer.Print(literal)}.";
                return new(s_none, GraphQLError.At(message, literal));
            }

            values[argument.Name] = coerced.Value;
        }

        return new(values, null);
    }

    /// <summary>Whether a value depends on variables.</summary>
    public static bool NamesVariable(ValueNode value) => value switch
    {
        VariableNode => true,
        ListValueNode list => list.Values.Any(NamesVariable),
        ObjectValueNode fields => fields.Fields.Any(static field => NamesVariable(field.Value)),
        _ => false,
    };
}
