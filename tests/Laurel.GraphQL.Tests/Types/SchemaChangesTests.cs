using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>What a new version of a schema does to clients of the old one is told in graphql-js's words.</summary>
public sealed class SchemaChangesTests
{
    [Theory]
    [InlineData("scalar A", "", "breaking TypeRemoved: A was removed.")]
    [InlineData(
        "extend type Query { a: Float }", "",
        "breaking FieldRemoved: Query.a was removed.",
        "breaking TypeRemoved: Standard scalar Float was removed because it is not referenced anymore.")]
    [InlineData("scalar A", "enum A { B }", "breaking TypeChangedKind: A changed from a Scalar type to an Enum type.")]
    [InlineData("union U = Query | A type A { a: Int }", "union U = Query type A { a: Int }", "breaking TypeRemovedFromUnion: A was removed from union type U.")]
    [InlineData("union U = Query type A { a: Int }", "union U = Query | A type A { a: Int }", "dangerous TypeAddedToUnion: A was added to union type U.")]
    [InlineData("enum E { A B }", "enum E { A }", "breaking ValueRemovedFromEnum: B was removed from enum type E.")]
    [InlineData("enum E { A }", "enum E { B A }", "dangerous ValueAddedToEnum: B was added to enum type E.")]
    [InlineData("input I { a: Int }", "input I { a: Int b: Int! }", "breaking RequiredInputFieldAdded: A required field b on input type I was added.")]
    [InlineData("input I { a: Int }", "input I { a: Int b: Int! = 1 }", "dangerous OptionalInputFieldAdded: An optional field b on input type I was added.")]
    [InlineData("input I { a: Int b: Int }", "input I { a: Int }", "breaking FieldRemoved: I.b was removed.")]
    [InlineData("input I { a: Int }", "input I { a: Int! }", "breaking FieldChangedKind: I.a changed type from Int to Int!.")]
    [InlineData("input I { a: [Int!]! }", "input I { a: [Int] }")]
    [InlineData("input I { a: Int = 1 }", "input I { a: Int = 2 }", "dangerous InputFieldDefaultValueChange: I.a has changed defaultValue from 1 to 2.")]
    [InlineData("input I { a: Int }", "input I @oneOf { a: Int }", "breaking InputBecameOneOf: I takes exactly one field now.")]
    [InlineData("input I @oneOf { a: Int }", "input I { a: Int }")]
    [InlineData(
        "type A implements N { a: Int } interface N { a: Int }", "type A { a: Int } interface N { a: Int }",
        "breaking ImplementedInterfaceRemoved: A no longer implements interface N.")]
    [InlineData(
        "type A { a: Int } interface N { a: Int }", "type A implements N { a: Int } interface N { a: Int }",
        "dangerous ImplementedInterfaceAdded: N added to interfaces implemented by A.")]
    [InlineData("type A { a: Int! }", "type A { a: Int }", "breaking FieldChangedKind: A.a changed type from Int! to Int.")]
    [InlineData("type A { a: [Int] }", "type A { a: [Int!]! }")]
    [InlineData("type A { a: Int }", "type A { a: [Int] }", "breaking FieldChangedKind: A.a changed type from Int to [Int].")]
    [InlineData("type A { a: Int }", "type A { a(b: Int!): Int }", "breaking RequiredArgAdded: A required arg b on A.a was added.")]
    [InlineData("type A { a: Int }", "type A { a(b: Int): Int }", "dangerous OptionalArgAdded: An optional arg b on A.a was added.")]
    [InlineData("type A { a(b: Int): Int }", "type A { a: Int }", "breaking ArgRemoved: A.a arg b was removed.")]
    [InlineData("type A { a(b: [Int]): Int }", "type A { a(b: [Int!]): Int }", "breaking ArgChangedKind: A.a arg b has changed type from [Int] to [Int!].")]
    [InlineData("type A { a(b: Int = 1): Int }", "type A { a(b: Int): Int }", "dangerous ArgDefaultValueChange: A.a arg b defaultValue was removed.")]
    [InlineData(
        "type A { a(b: Int! = 1): Int }", "type A { a(b: Int!): Int }", "dangerous ArgDefaultValueChange: A.a arg b defaultValue was removed.",
        "breaking DefaultOfRequiredRemoved: A.a arg b can no longer be left out.")]
    [InlineData(
        "type A { a(b: I = {d: [1], c: 2}): Int } input I { c: Int d: [Int] }", "type A { a(b: I = {c: 3}): Int } input I { c: Int d: [Int] }",
        "dangerous ArgDefaultValueChange: A.a arg b has changed defaultValue from {c: 2, d: [1]} to {c: 3}.")]
    [InlineData("type A { a(b: I = {d: 1, c: 2}): Int } input I { c: Int d: [Int] }", "type A { a(b: I = {c: 2, d: [1]}): Int } input I { c: Int d: [Int] }")]
    [InlineData("directive @d on FIELD", "", "breaking DirectiveRemoved: d was removed.")]
    [InlineData("directive @d(a: Int) on FIELD", "directive @d on FIELD", "breaking DirectiveArgRemoved: a was removed from d.")]
    [InlineData("directive @d on FIELD", "directive @d(a: Int!) on FIELD", "breaking RequiredDirectiveArgAdded: A required arg a on directive d was added.")]
    [InlineData("directive @d repeatable on FIELD", "directive @d on FIELD", "breaking DirectiveRepeatableRemoved: Repeatable flag was removed from d.")]
    [InlineData("directive @d on FIELD | QUERY", "directive @d on FIELD", "breaking DirectiveLocationRemoved: QUERY was removed from d.")]
    [InlineData(
        "type Mutation { a: Int }", "schema { query: Query } type Mutation { a: Int }",
        "breaking RootTypeChanged: Operations of kind mutation were rooted at Mutation and do not exist.")]
    [InlineData(
        "type Mutation { a: Int }", "schema { query: Query mutation: M } type Mutation { a: Int } type M { a: Int }",
        "breaking RootTypeChanged: Operations of kind mutation were rooted at Mutation and are rooted at M.")]
    public void TheChangesAreTold_When_ASchemaChanges(string before, string after, params string[] changes)
    {
        const string Always = "type Query { always: Int } ";

        SchemaChanges.Between(Schemas.Good(Always + before), Schemas.Good(Always + after))
            .Select(static change => $"{(change.IsBreaking ? "breaking" : "dangerous")} {change.Kind}: {change.Description}")
            .ShouldBe(changes, ignoreOrder: true);
    }

    [Fact]
    public void NothingIsTold_When_ASchemaStaysAsItIs() =>
        SchemaChanges.Between(Schemas.Recorded, Schemas.Assemble(RecordedData.Text("TEST_SCHEMA.graphql"))).ShouldBeEmpty();
}
