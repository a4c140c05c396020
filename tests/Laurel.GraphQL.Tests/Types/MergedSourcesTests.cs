using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Types;

/// <summary>A schema is made of files that lie beside what they describe.</summary>
public sealed class MergedSourcesTests
{
    [Fact]
    public void OneSchemaIsPrinted_When_FilesExtendEachOther()
    {
        var outcome = SchemaBuilder.Build(
            [
                new("extend type Query { points(of: Tier = GOLD): Int! } extend type Member { points: Int! }", "points.graphql"),
                new("type Query { member: Member } \"Who joined.\" type Member { name: String! } enum Tier { GOLD }", "members.graphql"),
                new("extend type Query { cart: [Member!]! } extend enum Tier { SILVER }", "cart.graphql"),
            ],
            Schemas.NoScalars);

        SchemaPrinter.Print(outcome.Schema!).ShouldBe(
            """"
            type Query {
              member: Member
              points(of: Tier = GOLD): Int!
              cart: [Member!]!
            }

            """Who joined."""
            type Member {
              name: String!
              points: Int!
            }

            enum Tier {
              GOLD
              SILVER
            }
            """");
    }

    [Theory]
    [InlineData("type Member { a: Int }", "There can be only one type named \"Member\". (members.graphql:2:6, other.graphql:1:6)")]
    [InlineData("extend type Member { name: Int }", "Field \"Member.name\" can only be defined once. (members.graphql:2:15, other.graphql:1:22)")]
    [InlineData("directive @here on FIELD", "There can be only one directive named \"@here\". (members.graphql:3:12, other.graphql:1:12)")]
    [InlineData("extend enum Tier { GOLD }", "Enum value \"Tier.GOLD\" can only be defined once. (members.graphql:4:13, other.graphql:1:20)")]
    [InlineData("extend type Nobody { a: Int }", "Cannot extend type \"Nobody\" because it is not defined. (other.graphql:1:13)")]
    [InlineData("type X {\n  a: }", "Syntax Error: Expected Name, found \"}\". (other.graphql:2:6)")]
    public void BothFilesAreNamed_When_TheyDoNotFitTogether(string text, string message)
    {
        var outcome = SchemaBuilder.Build(
            [
                new("type Query { member: Member }\ntype Member { name: String! }\ndirective @here on QUERY\nenum Tier { GOLD }", "members.graphql"),
                new(text, "other.graphql"),
            ],
            Schemas.NoScalars);

        outcome.Schema.ShouldBeNull();
        outcome.Errors.ShouldHaveSingleItem().Describe().ShouldBe(message);
    }

    [Fact]
    public void EveryFileIsNamed_When_SeveralCannotBeRead() => SchemaBuilder
        .Build([new("type", "a.graphql"), new("type Query", "b.graphql"), new("}", "c.graphql")], Schemas.NoScalars)
        .Errors.Select(static error => error.Locations[0].Source!.Name).ShouldBe(["a.graphql", "c.graphql"]);
}
