using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation;

/// <summary>Checks documents against a schema before anything is done with them.</summary>
/// <remarks>Section 5, Validation. Says nothing about the values of variables, so an answer may be kept as long as the document and
/// the schema.</remarks>
public static class DocumentValidator
{
    /// <summary>All errors of an executable document; empty when it may be executed.</summary>
    public static ImmutableArray<GraphQLError> Validate(Schema schema, DocumentNode document, ValidationLimits limits) =>
        Check(document, schema, RuleSets.Executable, limits);

    /// <summary>All errors of a document in the schema definition language.</summary>
    /// <param name="extended">The schema it extends; <c>null</c> when it stands alone.</param>
    public static ImmutableArray<GraphQLError> ValidateSchemaDocument(DocumentNode document, Schema? extended, ValidationLimits limits) =>
        Check(document, extended, RuleSets.SchemaDocument, limits);

    /// <summary>The errors of a document by rules of one's own choice.</summary>
    public static ImmutableArray<GraphQLError> Check(DocumentNode document, Schema? schema, RuleSet rules, ValidationLimits limits)
    {
        var context = new ValidationContext(document, schema, limits);
        DocumentWalker.Walk(context, rules);
        return context.Errors;
    }
}
