using Laurel.GraphQL.Validation;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Validation;

/// <summary>What the specification of September 2025 asks and no recorded case shows.</summary>
public sealed class RulesOfSeptember2025Tests
{
    [Theory]
    [InlineData("mutation { a }", "The mutation operation is not supported by the schema.")]
    [InlineData("subscription { a }", null)]
    [InlineData(
        "subscription S { ...F } fragment F on Subscription { a @skip(if: true) }",
        "Subscription \"S\" must not use `@skip` or `@include` directives in the top level selection.")]
    [InlineData(
        "subscription ($b: Boolean!) { ... @include(if: $b) { a } }",
        "Anonymous Subscription must not use `@skip` or `@include` directives in the top level selection.")]
    public void TheErrorIsNamed_When_AnOperationIsWrong(string document, string? message)
    {
        var schema = Schemas.Good("type Query { a: Int } type Subscription { a: Int }");

        DocumentValidator.Validate(schema, Schemas.Parse(document), ValidationLimits.Request).Select(static error => error.Message)
            .ShouldBe(message is null ? [] : [message]);
    }
}
