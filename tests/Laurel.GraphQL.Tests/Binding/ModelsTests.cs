using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Tests.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Binding;

/// <summary>C# types that stand for types of a schema, however they are made.</summary>
public sealed class ModelsTests
{
    private const string Sdl =
        """
        type Query { pets: [Pet!]! home: Home! pages: Pages! }
        interface Pet { name: String! }
        type Cat implements Pet { name: String! lives: Int! }
        type Dog implements Pet { name: String! }
        type Home { rooms: Int! }
        type Pages { items: [Home!]! first: Home }
        """;

    [Theory]
    [InlineData("{ pets { __typename name ... on Cat { lives } } }",
        """{"pets":[{"__typename":"Cat","name":"Tom","lives":9},{"__typename":"Cat","name":"Wild","lives":1},{"__typename":"Dog","name":"Rex"}]}""")]
    [InlineData("{ home { rooms } pages { items { rooms } first { rooms } } }", """{"home":{"rooms":4},"pages":{"items":[{"rooms":4}],"first":null}}""")]
    public async Task TheTypeIsTold_When_AValueIsOfAModelOrDerivesFromOne(string document, string data)
    {
        var outcome = new GraphQLBinder()
            .AddModels(typeof(Cat), typeof(IDog))
            .AddModel<Leaf<Home>>("Pages")
            .AddField("Query.pets", static () => new IPet[] { new Cat("Tom", 9), new WildCat("Wild"), new Terrier() })
            .AddField("Query.home", static () => new Home(4))
            .AddField("Query.pages", static () => Task.FromResult(new Leaf<Home>([new(4)], null)))
            .Build(Schemas.Good(Sdl));
        outcome.Errors.Select(static error => error.Message).ShouldBeEmpty();

        var answer = await Executor.ExecuteAsync(outcome.Schema!, new() { Document = Schemas.Parse(document) }, TestContext.Current.CancellationToken);

        Answers.Write(answer).ShouldBe($$"""{"data":{{data}}}""");
    }

    [Fact]
    public void NullIsTold_When_AGenericTypeSaysThatNoneMayBe()
    {
        var outcome = new GraphQLBinder().AddModel<Strict<Home>>("Pages").AddModels(typeof(Cat), typeof(IDog))
            .AddField("Query.pets", static () => Array.Empty<IPet>())
            .AddField("Query.home", static () => new Home(4))
            .AddField("Query.pages", static () => new Strict<Home>([], new(1)))
            .Build(Schemas.Good(Sdl));

        outcome.Errors.ShouldHaveSingleItem().Message.ShouldBe(
            "Pages.items: Strict<Home>.Items may be null (IReadOnlyList<Home>?), but the schema says [Home!]!. Let both say the same.");
    }

    [Fact]
    public async Task EveryCallIsAnswered_When_ManyAreTheFirst()
    {
        var outcome = new GraphQLBinder().AddModels(typeof(Home)).AddField("Query.home", static () => new Home(4))
            .Build(Schemas.Good("type Query { home: Home! } type Home { rooms: Int! }"));
        var request = new ExecutionRequest { Document = Schemas.Parse("{ home { rooms } }") };

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
            async () => Answers.Write(await Executor.ExecuteAsync(outcome.Schema!, request, CancellationToken.None)), TestContext.Current.CancellationToken)));

        answers.Distinct(StringComparer.Ordinal).ShouldBe(["""{"data":{"home":{"rooms":4}}}"""]);
    }

    [GraphQLType("Pet")]
    private interface IPet
    {
        string Name { get; }
    }

    [GraphQLType("Dog")]
    private interface IDog : IPet;

    [GraphQLType("Cat")]
    private record Cat(string Name, int Lives) : IPet;

    private sealed record WildCat(string Name) : Cat(Name, 1);

    private sealed class Terrier : IDog
    {
        public string Name => "Rex";
    }

    [GraphQLType("Home")]
    private readonly record struct Home(int Rooms);

    private sealed record Leaf<T>(IReadOnlyList<T> Items, T? First)
        where T : struct;

    private sealed record Strict<T>(IReadOnlyList<T>? Items, T First)
        where T : notnull;
}
