using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation;

/// <summary>An argument of a directive that a document may use; <paramref name="Type"/> as it is written.</summary>
public readonly record struct KnownDirectiveArgument(string Name, string Type, bool IsRequired);

/// <summary>A directive that a document may use: one of the schema, or one that the document itself defines.</summary>
public sealed record KnownDirective(string Name, ImmutableArray<string> Locations, bool IsRepeatable, ImmutableArray<KnownDirectiveArgument> Arguments);

/// <summary>The directives that a document may use, looked up when the first one is met.</summary>
public sealed class KnownDirectives(DocumentNode document, Schema? schema)
{
    private readonly Dictionary<string, KnownDirective?> found = new(StringComparer.Ordinal);

    /// <summary>What the document defines goes before what the schema has.</summary>
    public KnownDirective? Find(string name)
    {
        if (!found.TryGetValue(name, out var known))
        {
            found[name] = known = FindDefined(name) ?? FindInSchema(name);
        }

        return known;
    }

    private KnownDirective? FindDefined(string name)
    {
        foreach (var definition in document.Definitions)
        {
            if (definition is DirectiveDefinitionNode directive && directive.Name.Value == name)
            {
                return new(
                    name,
                    [.. directive.Locations.Select(static location => location.Value)],
                    directive.Repeatable,
                    [.. directive.Arguments.Select(static argument => new KnownDirectiveArgument(
                        argument.Name.Value,
                        Printer.Print(argument.Type),
                        argument is { Type: NonNullTypeNode, DefaultValue: null }))]);
            }
        }

        return null;
    }

    private KnownDirective? FindInSchema(string name)
    {
        var directive = schema is null ? BuiltIns.Directives.FirstOrDefault(builtIn => builtIn.Name == name) : schema.Directives.Find(name);
        return directive is null
            ? null
            : new(
                name,
                directive.Locations,
                directive.IsRepeatable,
                [.. directive.Arguments.Select(static argument => new KnownDirectiveArgument(
                    argument.Name, argument.Type.ToString()!, argument.IsRequired))]);
    }
}
