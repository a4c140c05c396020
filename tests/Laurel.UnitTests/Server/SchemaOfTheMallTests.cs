using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;
using Laurel.Server.GraphQL;
using Laurel.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>The schema that is served, beside the founders' own (<c>tests/data/seeds</c>) and the committed print. Run with UPDATE_GENERATED=1 to print it
/// anew.</summary>
public sealed class SchemaOfTheMallTests
{
    private const string Page = "docs/reference/schema.graphql";
    private const string Released = "docs/reference/schema-released.graphql";

    /// <summary>Fields of capabilities that are not built yet, or not yet for GraphQL. One that the schema has must not stand here.</summary>
    private static readonly HashSet<string> s_notYet =
    [
        "Query.memberStats", "Query.pointsExchanges", "Query.pointsStats", "Query.appMemberCart", "Query.memberOrders", "Query.memberFavorites", "Query.recommendedProducts",
        "Mutation.addToCart", "Mutation.updateCartItem", "Mutation.removeFromCart", "Mutation.clearCart", "Mutation.addToFavorites",
        "Mutation.removeFromFavorites", "Mutation.batchRemoveFavorites", "Mutation.dailyCheckIn", "Mutation.exchangePoints", "Mutation.followMember",
        "Mutation.unfollowMember", "Mutation.shareProduct",
        "Subscription.memberNotifications", "Subscription.orderStatusUpdated", "Subscription.systemAnnouncements",
    ];

    private static readonly Schema s_schema = MallSchema.Read(CustomScalar.All.ToDictionary(scalar => scalar.Name, scalar => scalar.Coercion));

    public static TheoryData<string> FieldsOfTheSeeds => [.. Seeds().Select(asked => asked.Coordinate)];

    [Theory]
    [MemberData(nameof(FieldsOfTheSeeds))]
    public void IsAsTheSeedsHaveIt_When_AFieldIsServed(string coordinate)
    {
        var (_, wanted) = Seeds().Single(asked => asked.Coordinate == coordinate);
        if ((s_schema.Types.Find(coordinate.Split('.')[0]) as ObjectType)?.Fields.Find(wanted.Name.Value) is not { } served)
        {
            s_notYet.ShouldContain(coordinate);
            return;
        }

        s_notYet.ShouldNotContain(coordinate);
        served.Type.ToString().ShouldBe(Printer.Print(wanted.Type));
        foreach (var argument in wanted.Arguments)
        {
            served.Arguments.Find(argument.Name.Value)?.Type.ToString().ShouldBe(Printer.Print(argument.Type), argument.Name.Value);
        }

        // What the seeds do not ask for may be given, never has to be.
        served.Arguments.Where(argument => wanted.Arguments.All(known => known.Name.Value != argument.Name)).ShouldAllBe(argument => !argument.IsRequired);
    }

    [Fact]
    public async Task EqualsTheCommittedPrint_When_Read()
    {
        var path = Path.Combine(SourceTree.Root, Page);
        var printed = SchemaPrinter.Print(s_schema) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GENERATED") == "1")
        {
            await File.WriteAllTextAsync(path, printed, TestContext.Current.CancellationToken);
        }

        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldBe(printed, Page + " is stale: run the tests with UPDATE_GENERATED=1");
    }

    /// <summary>The words of a breaking change, as <see cref="SchemaChanges"/> has them, stand in the changelog.</summary>
    [Fact]
    public void NamesWhatItBreaks_When_HeldAgainstTheReleasedSchema() =>
        BreaksOf(SourceTree.Read(Released)).Where(change => !SourceTree.Read("CHANGELOG.md").Contains(change, StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void FindsWhatBreaks_When_TheReleasedSchemaHadMore()
    {
        var released = SourceTree.Read(Released).Replace("  appMember: Member\n", "  appMember: Member!\n  appMemberCart: Member\n");

        BreaksOf(released).ShouldBe(["Query.appMember changed type from Member! to Member.", "Query.appMemberCart was removed."], ignoreOrder: true);
    }

    private static IEnumerable<string> BreaksOf(string released)
    {
        var before = SchemaBuilder.Build([new Source(released, Released)], CustomScalar.All.ToDictionary(scalar => scalar.Name, scalar => scalar.Coercion));
        return SchemaChanges.Between(before.Schema.ShouldNotBeNull(), s_schema).Where(change => change.IsBreaking).Select(change => change.Description);
    }

    private static IEnumerable<(string Coordinate, FieldDefinitionNode Field)> Seeds() =>
        Parser.Parse(new Source(SourceTree.Read("tests/data/seeds/mall.graphql")), ParseLimits.Schema).Node!.Definitions
            .OfType<ObjectTypeDefinitionNode>()
            .SelectMany(type => type.Fields.Select(one => ($"{type.Name.Value}.{one.Name.Value}", one)));
}
