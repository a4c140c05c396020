using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Serving;

/// <summary>The directives with which a schema says what its fields cost. A host that uses them builds its schema with
/// <see cref="Document"/>.</summary>
/// <remarks>After the GraphQL Cost Directives Specification of IBM, with whole numbers as weights.</remarks>
public static class CostDirectives
{
    public const string Text =
        """"
        """
        What a field costs, an object of a type, or an argument that is given. Without, objects cost 1 and leafs and arguments nothing.
        """
        directive @cost(
          """A whole number, not negative."""
          weight: Int!
        ) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INTERFACE | OBJECT | SCALAR | UNION

        """How many items a list has for the purpose of its cost."""
        directive @listSize(
          """The size when no slicing argument is given."""
          assumedSize: Int

          """The arguments that say how many items are asked for; below an input object with a dot between. Of several that are given the largest counts."""
          slicingArguments: [String!]

          """The lists below this field that have the size, instead of the field itself."""
          sizedFields: [String!]
        ) on FIELD_DEFINITION
        """";

    /// <summary>Both definitions, to be merged with the documents of a schema.</summary>
    public static DocumentNode Document { get; } = Parser.Parse(new Source(Text, "cost directives"), ParseLimits.Schema).Node!;
}
