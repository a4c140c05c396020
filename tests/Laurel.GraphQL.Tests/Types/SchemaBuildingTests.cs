using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>Documents are merged into one schema, and everything that is wrong with it is named.</summary>
public sealed class SchemaBuildingTests
{
    [Fact]
    public void TypesAreWhole_When_DocumentsExtendEachOther()
    {
        var schema = Schemas.Good(
            "extend type Query { level: Level } enum Level { SILVER }",
            "type Query { member: Member } type Member implements Node { id: ID! } interface Node { id: ID! }",
            "extend enum Level { GOLD } extend type Member { at: Time } scalar Time extend scalar Time @specifiedBy(url: \"https://time\")",
            "union Found = Member extend union Found = Other type Other { a(b: Filter = {}): Int } input Filter { c: Int } extend input Filter { d: [Level!] }");

        schema.QueryType!.Fields.Names.ShouldBe(["member", "level"]);
        ((EnumType)schema.Types.Find("Level")!).Values.Names.ShouldBe(["SILVER", "GOLD"]);
        ((ObjectType)schema.Types.Find("Member")!).Fields.Names.ShouldBe(["id", "at"]);
        ((ScalarType)schema.Types.Find("Time")!).SpecifiedByUrl.ShouldBe("https://time");
        ((UnionType)schema.Types.Find("Found")!).PossibleTypes.Select(static type => type.Name).ShouldBe(["Member", "Other"]);
        ((InputObjectType)schema.Types.Find("Filter")!).Fields.Names.ShouldBe(["c", "d"]);
        ((InterfaceType)schema.Types.Find("Node")!).PossibleTypes.ShouldHaveSingleItem().Name.ShouldBe("Member");
    }

    [Fact]
    public void IntrospectionAndItsDirectivesAreThere_When_ASchemaDefinesNone()
    {
        var schema = Schemas.Good("type Query { a: Int }");

        schema.Types.Names.ShouldBe([
            "Query", "Int", "String", "Boolean", "__Schema", "__Type", "__TypeKind", "__Field", "__InputValue", "__EnumValue", "__Directive",
            "__DirectiveLocation",
        ], ignoreOrder: true);
        schema.Directives.Names.ShouldBe(["include", "skip", "deprecated", "specifiedBy", "oneOf"]);
        schema.FindField(schema.QueryType!, "__schema")!.Type.ToString().ShouldBe("__Schema!");
        schema.FindField(schema.QueryType!, "__typename")!.Type.ToString().ShouldBe("String!");
        SchemaPrinter.Print(schema).ShouldBe("type Query {\n  a: Int\n}");
    }

    [Theory]
    [InlineData("type A { a: Int }", "Query root type must be provided.")]
    [InlineData("input Query { a: Int }", "Query root type must be Object type, it cannot be Query.")]
    [InlineData("type Query { a: Int } schema { query: Query mutation: U } union U = Query", "Mutation root type must be Object type if provided, it cannot be U.")]
    [InlineData("schema { query: Q mutation: Q } type Q { a: Int }", "The root types of query and mutation must be different, but both are Q.")]
    [InlineData("type Query", "Type Query must define one or more fields.")]
    [InlineData("type Query { a: I } input I { b: Int }", "The type of Query.a must be Output Type but got: I.")]
    [InlineData("type Query { a(b: Query): Int }", "The type of Query.a(b:) must be Input Type but got: Query.")]
    [InlineData("type Query { __a: Int }", "Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection.")]
    [InlineData("type Query { a(b: Int! @deprecated): Int }", "Required argument Query.a(b:) cannot be deprecated.")]
    [InlineData("type Query { a(b: I): Int } input I { c: Int! @deprecated }", "Required input field I.c cannot be deprecated.")]
    [InlineData("type Query implements N { a: Int } interface N { b: Int }", "Interface field N.b expected but Query does not provide it.")]
    [InlineData("type Query implements N { a: Int } interface N { a: Int! }", "Interface field N.a expects type Int! but Query.a is type Int.")]
    [InlineData("type Query implements N { a: Int } interface N { a(b: Int): Int }", "Interface field argument N.a(b:) expected but Query.a does not provide it.")]
    [InlineData(
        "type Query implements N { a(b: ID): Int } interface N { a(b: Int): Int }",
        "Interface field argument N.a(b:) expects type Int but Query.a(b:) is type ID.")]
    [InlineData(
        "type Query implements N { a(b: ID!): Int } interface N { a: Int }",
        "Object field Query.a includes required argument b that is missing from the Interface field N.a.")]
    [InlineData("type Query implements N { a: Int @deprecated } interface N { a: Int }", "Field Query.a cannot be deprecated because interface field N.a is not.")]
    [InlineData("type Query implements Query { a: Int }", "Type Query must only implement Interface types, it cannot implement Query.")]
    [InlineData("type Query { a: N } interface N implements N { a: Int }", "Type N cannot implement itself because it would create a circular reference.")]
    [InlineData("type Query implements N & N { a: Int } interface N { a: Int }", "Type Query can only implement N once.")]
    [InlineData(
        "type Query implements N { a: Int } interface M { a: Int } interface N implements M { a: Int }",
        "Type Query must implement M because it is implemented by N.")]
    [InlineData("type Query { a: U } union U", "Union type U must define one or more member types.")]
    [InlineData("type Query { a: U } union U = Query | Query", "Union type U can only include type Query once.")]
    [InlineData("type Query { a: U } union U = Int", "Union type U can only include Object types, it cannot include Int.")]
    [InlineData("type Query { a: E } enum E", "Enum type E must define one or more values.")]
    [InlineData("type Query { a(b: I): Int } input I", "Input Object type I must define one or more fields.")]
    [InlineData("type Query { a(b: I): Int } input I @oneOf { c: Int! }", "OneOf input field I.c must be nullable.")]
    [InlineData("type Query { a(b: I): Int } input I @oneOf { c: Int = 1 }", "OneOf input field I.c cannot have a default value.")]
    [InlineData(
        "type Query { a(b: I): Int } input I { c: J! } input J { d: I! }",
        "Cannot reference Input Object \"I\" within itself through a series of non-null fields: \"c.d\".")]
    [InlineData("type Query { a(b: I): Int } input I { c: I = {} }", "The default of input field I.c refers to itself through I.c.")]
    [InlineData("type Query { a(b: Int = \"1\"): Int }", "The default of Query.a(b:) must be a value of type Int, but is \"1\".")]
    [InlineData("type Query { a: Int } directive @d(e: Boolean! = null) on FIELD", "The default of @d(e:) must be a value of type Boolean!, but is null.")]
    [InlineData("type Query { a: Missing }", "Unknown type \"Missing\".")]
    [InlineData("type Query { a: Int a: Int }", "Field \"Query.a\" can only be defined once.")]
    public void TheErrorIsNamed_When_ASchemaIsWrong(string text, string message)
    {
        var outcome = Schemas.Build(text);

        outcome.Schema.ShouldBeNull();
        outcome.Errors.Select(static error => error.Message).ShouldBe([message]);
        (outcome.Errors[0].Locations.Length > 0 || message == "Query root type must be provided.").ShouldBeTrue();
    }

    [Fact]
    public void EveryErrorIsNamed_When_SeveralThingsAreWrong() =>
        Schemas.Build("type Query { a: I } input I", "enum E union U").Errors.Length.ShouldBe(4);
}
