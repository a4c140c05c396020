using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Binding;

/// <summary>A schema that is bound to C# is executed.</summary>
public sealed class BoundSchemaTests
{
    private static readonly ExecutableSchema s_club = Club.Bound();

    [Theory]
    [InlineData("{ member(id: 7) { id name total_orders verified } none: member(id: \"none\") { id } }",
        """{"member":{"id":"7","name":"Wang","total_orders":3,"verified":true},"none":null}""")]
    [InlineData("{ member(id: 1) { points balance born joined extra } now }",
        """{"member":{"points":9007199254740993,"balance":"12.50","born":null,"joined":"2026-01-01T19:04:05Z","extra":null},"now":"2026-11-23T00:00:00Z"}""")]
    [InlineData("{ member(id: 1) { tier formerTier tiers } tiers }",
        """{"member":{"tier":"GOLD","formerTier":null,"tiers":["SILVER","black_card"]},"tiers":[["GOLD"],[]]}""")]
    [InlineData("{ member(id: 1) { initials a: fullName b: fullName(title: \"Dr\") c: fullName(title: null) level { name } records(last: 2) { points reason } } }",
        """{"member":{"initials":"W","a":"Ms Wang","b":"Dr Wang","c":"no title Wang","level":{"name":"Gold"}"""
        + ""","records":[{"points":1,"reason":"1"},{"points":2,"reason":"1"}]}}""")]
    [InlineData("{ members { items { id } total asked } }", """{"members":{"items":[{"id":"1"},{"id":"2"}],"total":2,"asked":"all"}}""")]
    [InlineData("{ members(input: {}, tiers: [GOLD, black_card]) { asked } }", """{"members":{"asked":"1/20  [] .. Gold,BlackCard"}}""")]
    [InlineData("{ members(input: {page: 2, product_id: \"p\", tags: \"a\", range: {to: \"2026-01-01\"}, and: [{tags: [\"b\", \"c\"]}]}) { asked } }",
        """{"members":{"asked":"2/20 p [a] 2000-01-01..2026-01-01 then 1/20  [b,c] .."}}""")]
    [InlineData("{ members(input: {range: {from: null}}, tiers: GOLD) { asked } }", """{"members":{"asked":"1/20  [] .. Gold"}}""")]
    [InlineData("{ search(text: \"x\") { __typename ... on Member { id } ... on Named { name } } first { __typename name } }",
        """{"search":[{"__typename":"Member","id":"1","name":"x"},{"__typename":"Shop","name":"x"}],"first":{"__typename":"Shop","name":"first"}}""")]
    [InlineData("{ whoAsks again: whoAsks(extra: 6) none: whoAsks(extra: null) greeting raw maybe }",
        """{"whoAsks":"Ann asks whoAsks 5","again":"Ann asks whoAsks 6","none":"Ann asks whoAsks ","greeting":null,"raw":7,"maybe":[1,null]}""")]
    [InlineData("mutation { updateMember(id: 1, input: {}) }", """{"updateMember":"1: (not given), (not given), Gold, (not given)"}""")]
    [InlineData("mutation { updateMember(id: 1, input: {name: null, phone: \"1\", tier: null, points: \"9007199254740993\"}) }",
        """{"updateMember":"1: , 1, , 9007199254740993"}""")]
    [InlineData("mutation { choose(by: {name: \"n\"}) }", """{"choose":"id , name n"}""")]
    public async Task CSharpAnswers_When_ADocumentIsExecuted(string document, string data) =>
        (await Execute(s_club, document, "{}")).ShouldBe($$"""{"data":{{data}}}""");

    [Theory]
    [InlineData("query ($q: MemberQueryInput!) { members(input: $q) { asked } }", """{"q":{"pageSize":5,"range":{"from":"2026-02-28"}}}""",
        """{"members":{"asked":"1/5  [] 2026-02-28.."}}""")]
    [InlineData("mutation ($u: MemberUpdateInput!) { updateMember(id: 1, input: $u) }", """{"u":{"points":3,"phone":null}}""",
        """{"updateMember":"1: (not given), , Gold, 3"}""")]
    [InlineData("query ($t: [Tier!]) { members(tiers: $t) { asked } }", """{"t":["SILVER"]}""", """{"members":{"asked":"all Silver"}}""")]
    public async Task CSharpTakesThem_When_VariablesAreGiven(string document, string variables, string data) =>
        (await Execute(s_club, document, variables)).ShouldBe($$"""{"data":{{data}}}""");

    [Fact]
    public async Task TheFieldIsNull_When_AMethodRefuses()
    {
        var answer = await Execute(s_club, "{ a: refusing b: refusing(reason: \"No.\") c: refusing(reason: null) }", "{}");

        answer.ShouldEndWith("""],"data":{"a":1,"b":null,"c":null}}""");
        answer.ShouldContain("\"message\":\"No.\"");
    }

    [Theory]
    [InlineData("subscription { pointsUpdated(user_id: \"u\") { points reason } }",
        """{"data":{"pointsUpdated":{"points":1,"reason":"u"}}}{"data":{"pointsUpdated":{"points":2,"reason":null}}}""")]
    [InlineData("subscription { counted }", """{"data":{"counted":1}}{"data":{"counted":2}}""")]
    public async Task EveryEventIsAnswered_When_AStreamIsSubscribedTo(string document, string expected)
    {
        var (refusal, events) = await Subscribe(document);

        refusal.ShouldBeNull();
        var answers = "";
        await foreach (var answer in events!)
        {
            answers += Answers.Write(answer);
        }

        answers.ShouldBe(expected);
    }

    [Fact]
    public async Task TheSubscriptionIsRefused_When_ItsMethodRefuses()
    {
        var (refusal, events) = await Subscribe("subscription { refused }");

        events.ShouldBeNull();
        refusal!.Errors.ShouldHaveSingleItem().Message.ShouldBe("Not for you.");
    }

    [Fact]
    public void NothingIsMadeForACall_When_APropertyIsRead()
    {
        var binder = new GraphQLBinder().AddModel<Plain>("Query");
        var read = new Dictionary<string, Func<object, object?>>(StringComparer.Ordinal);
        var schema = Schemas.Good("type Query { name: String! verified: Boolean! tier: Tier! level: Tier } enum Tier { SILVER GOLD BLACK_CARD }");
        var outcome = binder.Build(schema);
        foreach (var field in schema.QueryType!.Fields)
        {
            read[field.Name] = outcome.Schema!.BindingOf(field).Read!;
        }

        var plain = new Plain();
        Sum(read.Values, plain);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 1_000; round++)
        {
            Sum(read.Values, plain);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
        read["tier"](plain).ShouldBe("GOLD");
    }

    [Fact]
    public async Task NoTaskIsMade_When_AMethodAnswersAtOnce()
    {
        var schema = s_club.Schema;
        var resolve = s_club.BindingOf(schema.QueryType!.Fields.Find("member")!).Resolve!;
        var asked = resolve(Request(schema, "member", new(StringComparer.Ordinal) { ["id"] = "none" }));

        asked.IsCompletedSuccessfully.ShouldBeTrue();
        (await asked).ShouldBeNull();
        s_club.BindingOf(schema.QueryType!.Fields.Find("greeting")!).Read.ShouldNotBeNull();
        s_club.BindingOf(((Laurel.GraphQL.Types.ObjectType)schema.Types.Find("Member")!).Fields.Find("initials")!).Read.ShouldNotBeNull();
    }

    private static void Sum(IEnumerable<Func<object, object?>> reads, object source)
    {
        foreach (var read in (Dictionary<string, Func<object, object?>>.ValueCollection)reads)
        {
            read(source);
        }
    }

    private static FieldRequest Request(Laurel.GraphQL.Types.Schema schema, string field, Dictionary<string, object?> arguments) => new()
    {
        Source = null,
        Arguments = arguments,
        Parent = schema.QueryType!,
        Field = schema.QueryType!.Fields.Find(field)!,
        Nodes = [],
        Path = ResponsePath.Field(null, field),
        Context = null,
        Schema = schema,
        CancellationToken = CancellationToken.None,
    };

    private static async Task<Subscribed> Subscribe(string document)
    {
        var service = new GraphQLService(s_club, new());
        var prepared = service.Prepare(new() { Query = document });
        return await service.SubscribeAsync(prepared.Operation!, new() { Context = new Visit("Ann") }, TestContext.Current.CancellationToken);
    }

    private static async Task<string> Execute(ExecutableSchema executable, string document, string variables)
    {
        using var given = JsonDocument.Parse(variables);
        var service = new GraphQLService(executable, new());
        var prepared = service.Prepare(new() { Query = document, Variables = given.RootElement });
        prepared.Errors.ShouldBeEmpty();
        return Answers.Write(await service.ExecuteAsync(
            prepared.Operation!, new() { Context = new Visit("Ann") }, TestContext.Current.CancellationToken));
    }

    private sealed class Plain
    {
        public string Name => "a";

        public bool Verified => true;

        public Tier Tier => Tier.Gold;

        public Tier? Level => null;
    }
}
