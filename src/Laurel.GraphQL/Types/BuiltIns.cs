using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>What every schema has without defining it, shared by all schemas.</summary>
public static class BuiltIns
{
    private static readonly ImmutableDictionary<string, ScalarCoercion> s_noScalars = ImmutableDictionary<string, ScalarCoercion>.Empty;
    private static readonly Dictionary<string, NamedType> s_introspectionTypes = BuildIntrospection();

    /// <summary>Section 4.2, the types of introspection, in the order of the specification.</summary>
    public static ImmutableArray<NamedType> IntrospectionTypes { get; } =
        [.. s_introspectionTypes.Values.Where(static type => type.IsIntrospection)];

    /// <summary>Section 3.13: @include, @skip, @deprecated, @specifiedBy, @oneOf.</summary>
    public static ImmutableArray<SchemaDirective> Directives { get; } = BuildDirectives();

    /// <summary>Section 4.2.1, The __Schema Type.</summary>
    public static ObjectType Schema { get; } = (ObjectType)s_introspectionTypes["__Schema"];

    /// <summary>Section 4.2.2, The __Type Type.</summary>
    public static ObjectType Type { get; } = (ObjectType)s_introspectionTypes["__Type"];

    /// <summary>The names a schema may use without defining them: the built-in scalars, then the types of introspection.</summary>
    public static ImmutableArray<string> TypeNames { get; } =
        [.. BuiltInScalars.All.Select(static scalar => scalar.Name), .. IntrospectionTypes.Select(static type => type.Name)];

    public static bool IsBuiltIn(SchemaDirective directive) => Directives.Any(known => known.Name == directive.Name);

    public static bool IsBuiltIn(NamedType type) => type.IsIntrospection || type is ScalarType scalar && BuiltInScalars.All.Contains(scalar);

    internal static NamedType? FindType(string name)
    {
        foreach (var scalar in BuiltInScalars.All)
        {
            if (scalar.Name == name)
            {
                return scalar;
            }
        }

        return s_introspectionTypes.GetValueOrDefault(name);
    }

    private static Dictionary<string, NamedType> BuildIntrospection()
    {
        var known = BuiltInScalars.All.ToDictionary(static scalar => scalar.Name, NamedType (scalar) => scalar, StringComparer.Ordinal);
        var assembly = new TypeAssembly(Parse(BuiltInDefinitions.Introspection), name => known.GetValueOrDefault(name), s_noScalars);
        return assembly.DefineTypes().ToDictionary(static type => type.Name, StringComparer.Ordinal);
    }

    private static ImmutableArray<SchemaDirective> BuildDirectives() =>
        [.. new TypeAssembly(Parse(BuiltInDefinitions.Directives), FindType, s_noScalars).DefineDirectives()];

    private static ImmutableArray<DefinitionNode> Parse(string text) =>
        Parser.Parse(new Source(text, "built-in"), ParseLimits.Schema).Node!.Definitions;
}
