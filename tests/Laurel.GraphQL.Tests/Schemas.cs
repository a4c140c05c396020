using System.Collections.Immutable;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Tests;

/// <summary>Schemas for tests.</summary>
internal static class Schemas
{
    public static ImmutableDictionary<string, ScalarCoercion> NoScalars { get; } = ImmutableDictionary<string, ScalarCoercion>.Empty;

    /// <summary>The schema that most recorded cases are checked against.</summary>
    public static Schema Recorded { get; } = Assemble(RecordedData.Text("TEST_SCHEMA.graphql"));

    public static DocumentNode Parse(string text)
    {
        var parsed = Parser.Parse(new Source(text), ParseLimits.Schema);
        return parsed.Node ?? throw new InvalidOperationException(parsed.Error!.Message + Environment.NewLine + text);
    }

    public static SchemaOutcome Build(params string[] texts) => SchemaBuilder.Build(texts.Select(Parse), NoScalars);

    /// <summary>A schema that must be good.</summary>
    public static Schema Good(params string[] texts)
    {
        var outcome = Build(texts);
        return outcome.Schema ?? throw new InvalidOperationException(string.Join(Environment.NewLine, outcome.Errors.Select(static error => error.Message)));
    }

    /// <summary>Types of a document that is not asked whether it makes a good schema: recorded cases have some without a query.</summary>
    public static Schema Assemble(string text) => Assemble(text, NoScalars);

    public static Schema Assemble(string text, IReadOnlyDictionary<string, ScalarCoercion> scalars) => SchemaBuilder.Assemble(Parse(text), scalars);
}

/// <summary>A scalar that has no values.</summary>
internal sealed class RefusingCoercion : ScalarCoercion
{
    public override Coerced FromLiteral(ValueNode literal) => Coerced.Mismatch;

    public override Coerced FromJson(JsonElement json) => Coerced.Mismatch;

    public override Coerced ToAnswer(object value) => Coerced.Mismatch;
}
