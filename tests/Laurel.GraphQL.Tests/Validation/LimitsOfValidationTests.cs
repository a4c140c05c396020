using System.Diagnostics;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;
using Laurel.GraphQL.Validation;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Validation;

/// <summary>Documents that are made to cost much are answered: with an error, in a bounded time, on a stack like that of a server's thread.</summary>
public sealed class LimitsOfValidationTests
{
    private const int StackBytes = 1 << 20;

    private static readonly Schema s_schema = Schemas.Good(
        "type Query { a(b: Int, c: In): Query, d: Int, list: [Query] } input In { e: In, f: [Int] } type Subscription { a: Query }");

    [Fact]
    public void TheDocumentIsRefused_When_ManyFieldsHaveOneName()
    {
        var errors = Validate("{ " + string.Concat(Enumerable.Repeat("d ", 4_000)) + "}");

        errors.ShouldHaveSingleItem().Message.ShouldStartWith("Too many fields have the same name: more than 100000 pairs");
    }

    [Fact]
    public void TheDocumentIsAccepted_When_ThereAreABillionWaysThroughItsFragments()
    {
        // Thirty levels of two spreads each are a billion ways through.
        var levels = Enumerable.Range(0, 30).Select(static n =>
            $"fragment F{n} on Query {{ x: a {{ ...F{n + 1} }} y: a {{ ...F{n + 1} }} a {{ ...F{n + 1} ...F{n + 1} }} }}");
        var text = "{ ...F0 a { ...F0 } } fragment F30 on Query { d } " + string.Join(' ', levels);

        Validate(text).ShouldBeEmpty();
    }

    [Fact]
    public void TheDocumentIsRefused_When_FragmentsNestFieldsDeeply()
    {
        var chain = Enumerable.Range(0, 900).Select(static n => $"fragment F{n} on Query {{ a {{ ...F{n + 1} }} a {{ ...F{n + 1} }} }}");
        var errors = Validate("{ ...F0 a { ...F0 } } fragment F900 on Query { d } " + string.Join(' ', chain));

        errors.ShouldContain(static error => error.Message == "Fields lie within each other deeper than 200 levels.");
    }

    [Fact]
    public void EveryErrorIsFound_When_AChainOfFragmentsIsLong()
    {
        var chain = Enumerable.Range(0, 1_200).Select(static n => $"fragment F{n} on Query {{ ...F{n + 1} }}");
        var errors = Validate("{ ...F0 } subscription S { a { d } } fragment F1200 on Query { ...F0 } " + string.Join(' ', chain));

        errors.ShouldContain(static error => error.Message.StartsWith("Cannot spread fragment \"F1200\" within itself via "));
    }

    [Fact]
    public void ASubscriptionIsChecked_When_AChainOfFragmentsIsLong()
    {
        var chain = Enumerable.Range(0, 1_200).Select(static n => $"fragment F{n} on Subscription {{ ...F{n + 1} }}");
        var errors = Validate("subscription S { ...F0 } fragment F1200 on Subscription { a { d } b: a { d } } " + string.Join(' ', chain));

        errors.ShouldHaveSingleItem().Message.ShouldBe("Subscription \"S\" must select only one top level field.");
    }

    [Fact]
    public void IntrospectionIsRefused_When_FragmentsHideItsDepth()
    {
        var levels = Enumerable.Range(0, 30).Select(static n => $"fragment F{n} on __Type {{ ofType {{ ...F{n + 1} ...F{n + 1} }} name }}");
        var harmless = "{ __schema { types { ...F0 } } } fragment F30 on __Type { name } " + string.Join(' ', levels);

        Validate(harmless).ShouldBeEmpty();
        Validate(harmless.Replace("F30 on __Type { name }", "F30 on __Type { fields { type { fields { type { fields { name } } } } } }"))
            .ShouldContain(static error => error.Message == "Maximum introspection depth exceeded");
    }

    [Fact]
    public void TheErrorsEnd_When_ThereAreMoreThanAllowed()
    {
        var errors = Validate("{ " + string.Concat(Enumerable.Range(0, 500).Select(static n => $"no{n} ")) + "}");

        errors.Count.ShouldBe(101);
        errors[^1].Message.ShouldBe("Too many validation errors, error limit reached. Validation aborted.");
    }

    [Fact]
    public void TheConflictsEnd_When_EveryPairOfFieldsConflicts()
    {
        var errors = Validate("{ " + string.Concat(Enumerable.Range(0, 2_000).Select(static n => $"a(b: {n}) {{ d }} ")) + "}");

        errors.Count.ShouldBeInRange(100, 101);
    }

    /// <summary>CVE-2026-40324 is a document of 40 KB of nothing but nesting. The parser refuses it; what it lets through is checked.</summary>
    [Theory]
    [InlineData("{ a(c: ", "{e: ", "}", "null", ") { d } }")]
    [InlineData("{ a(c: {f: ", "[", "]", "1", "}) { d } }")]
    [InlineData("{ d ", "a { ", "}", "d", "}")]
    [InlineData("{ d ", "... { ", "}", "d", "}")]
    [InlineData("query ($v: ", "[", "]", "Int", ") { a(b: $v) { d } }")]
    public void TheDocumentIsAnswered_When_ItIsNestedAsDeepAsMayBe(string before, string open, string close, string inmost, string after)
    {
        var depth = ParseLimits.DepthCeiling - 5;
        var text = before + string.Concat(Enumerable.Repeat(open, depth)) + inmost + string.Concat(Enumerable.Repeat(close, depth)) + after;

        Validate(text, new ParseLimits { DepthMax = ParseLimits.DepthCeiling }).ShouldNotBeNull();
    }

    private static IReadOnlyList<GraphQLError> Validate(string text) => Validate(text, ParseLimits.Schema);

    private static IReadOnlyList<GraphQLError> Validate(string text, ParseLimits limits)
    {
        var parsed = Parser.Parse(new Source(text), limits);
        parsed.Succeeded.ShouldBeTrue(parsed.Error?.Message);
        IReadOnlyList<GraphQLError>? errors = null;
        var started = Stopwatch.StartNew();
        var thread = new Thread(() => errors = DocumentValidator.Validate(s_schema, parsed.Node!, ValidationLimits.Request), StackBytes);
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        started.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        return errors.ShouldNotBeNull();
    }
}
