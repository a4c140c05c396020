using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;
using Shouldly;
using Xunit;

namespace Laurel.GraphQL.Tests.Binding;

/// <summary>What does not fit is told when the service starts: all of it, each with its C# member, its place in the schema and what to do.</summary>
public sealed class BindingErrorsTests
{
    private const string Models = "type Query { thing: Thing } type Thing { name: String! }";
    private const string Arguments = "type Query { thing(id: ID!, count: Int): Int }";
    private const string Inputs = "type Query { find(by: By): Int } input By { name: String!, limit: Int }";
    private const string Enums = "type Query { size: Size! } enum Size { SMALL LARGE }";
    private const string Unions = "type Query { one: One } union One = Thing | Other type Thing { name: String } type Other { name: String }";

    private static readonly Dictionary<string, Case> s_cases = new(StringComparer.Ordinal)
    {
        ["a field without a resolver"] = new(Models, Of<NoName>(), "Thing.name: nothing answers this field. Give NoName a member for it, or bind it with AddField."),
        ["a type that nothing is bound to"] = new(
            Models, static binder => binder.AddField("Query.thing", static () => (object?)null),
            "Thing.name: nothing answers this field. Give the model of Thing a member for it, or bind it with AddField."),
        ["two for one field"] = new(
            Models, static binder => Of<Named>()(binder).AddField("Thing.name", static (Named named) => named.Name),
            "Thing.name: the delegate for Thing.name answers a field that Named.Name answers. Keep one of them, or mark one [GraphQLIgnore]."),
        ["a member that is no field"] = new(
            Models, Of<NamedAndMore>(),
            "Thing: NamedAndMore.Names is no field of this type. Add it to the schema, name its field with [GraphQLField], or mark it [GraphQLIgnore]. "
            + "Did you mean \"name\"?"),
        ["a method that is no field"] = new(
            Models, static binder => Of<Named>()(binder).Add(new MoreQueries()),
            "Query: MoreQueries.Sing is no field of this type. Add it to the schema, name its field with [GraphQLField], or mark it [GraphQLIgnore]. "
            + "Did you mean \"thing\"?"),
        ["another scalar"] = new(Models, Of<NumberedName>(), "Thing.name: NumberedName.Name is int, which String does not answer. Make it string."),
        ["null where there is none"] = new(
            Models, Of<NullableName>(), "Thing.name: NullableName.Name may be null (string?), but the schema says String!. Let both say the same."),
        ["null in a list"] = new(
            "type Query { names: [String!]! }", static binder => binder.AddModel<NullsInList>("Query"),
            "Query.names: NullsInList.Names may be null (string?), but the schema says String!. Let both say the same."),
        ["one for many"] = new(
            "type Query { names: [String!]! }", static binder => binder.AddField("Query.names", static () => "a"),
            "Query.names: the delegate for Query.names is string, but the schema says [String!]. Make it a sequence, such as IReadOnlyList."),
        ["many for one"] = new(
            "type Query { name: String }", static binder => binder.AddField("Query.name", static () => new[] { "a" }),
            "Query.name: the delegate for Query.name is string[], which String does not answer. Make it string."),
        ["null in a task"] = new(
            "type Query { count: Int! }", static binder => binder.AddField("Query.count", static () => Task.FromResult<int?>(1)),
            "Query.count: the delegate for Query.count may be null (int?), but the schema says Int!. Let both say the same."),
        ["nothing for a value"] = new(
            "type Query { count: Int }", static binder => binder.AddField("Query.count", static () => Task.CompletedTask),
            "Query.count: the delegate for Query.count answers nothing, but the schema says Int. Let it answer a value."),
        ["another object"] = new(
            Models, static binder => binder.AddModels(typeof(Named)).AddField("Query.thing", static () => new Stranger()),
            "Query.thing: the delegate for Query.thing is Stranger, but the model of Thing is Named. Answer that."),
        ["an object that is not known"] = new(
            Models, static binder => binder.AddField("Query.thing", static () => new Stranger()).AddField("Thing.name", static (Stranger _) => "a"),
            "Query.thing: the delegate for Query.thing is Stranger, of which nothing says that it is Thing. Mark it [GraphQLType(\"Thing\")], or add it as a model."),
        ["two models of one object"] = new(
            Models, static binder => Of<Named>()(binder).AddModels(typeof(Named), typeof(NoName)),
            "Thing: NoName is not alone: Named stands for it too. Keep one of them."),
        ["one model of two objects"] = new(
            "type Query { a: A } type A { name: String! } type B { name: String! }",
            static binder => binder.AddField("Query.a", static () => (object?)null).AddModel<Stranger>("A").AddModel<Stranger>("B"),
            "B: Stranger stands for A already. Give each of both a type of its own.",
            "A.name: nothing answers this field. Give Stranger a member for it, or bind it with AddField.",
            "B.name: nothing answers this field. Give the model of B a member for it, or bind it with AddField."),
        ["a model of a type that is not there"] = new(
            Models, static binder => Of<Named>()(binder).AddModel<Stranger>("Thin"),
            "Thin: Stranger stands for a type that the schema does not have, or that has no fields. Did you mean \"Thing\"?"),
        ["a model without a type"] = new(
            Models, static binder => Of<Named>()(binder).AddModel<Stranger>(),
            "?: Stranger has no [GraphQLType]. Mark it, or name its type where it is added."),
        ["fields without a type"] = new(
            Models, static binder => Of<Named>()(binder).Add(new Stranger()),
            "?: Stranger has no [GraphQLType], so nothing says of which type its methods are fields. Mark it."),
        ["fields of a type that is not there"] = new(
            Models, static binder => Of<Named>()(binder).Add(new LostFields()),
            "Thng: LostFields has fields of a type that the schema does not have, or that is no object. Did you mean \"Thing\"?"),
        ["a delegate for nothing"] = new(
            Models, static binder => Of<Named>()(binder).AddField("Thing.size", static () => 1),
            "Thing.size: the delegate for Thing.size is for no field of an object of the schema. Name one as \"Type.field\"."),
        ["an argument that nothing takes"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (string id) => 1),
            "Query.thing(count:): the delegate for Query.thing takes no parameter for this argument. Add one, or name one with [GraphQLArgument]."),
        ["an argument of a property"] = new(
            "type Query { name(short: Boolean): String! }", static binder => binder.AddModel<Named>("Query"),
            "Query.name(short:): Named.Name is a property, which takes no argument. Make it a method."),
        ["a parameter that nothing fills"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (string id, int? count, int coun) => 1),
            "Query.thing: the delegate for Query.thing, parameter coun, is int, and neither an argument of the field, nor the context, a FieldRequest or a "
            + "CancellationToken. Rename it, name its argument with [GraphQLArgument], or say the context's type with UseContext. Did you mean \"count\"?"),
        ["two parameters for one argument"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (string id, int? count, [GraphQLArgument("count")] int? other) => 1),
            "Query.thing(count:): the delegate for Query.thing, parameter other, takes an argument that another parameter takes. Keep one of them."),
        ["a parameter of another type"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (Guid id, int? count) => 1),
            "Query.thing(id:): the delegate for Query.thing, parameter id, is Guid, which does not hold ID. Make it string."),
        ["a parameter that holds no null"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (string id, int count) => 1),
            "Query.thing(count:): the delegate for Query.thing, parameter count, is int, which cannot be null, but the schema says Int, which can. "
            + "Let both say the same."),
        ["a Given that holds no null"] = new(
            Arguments, static binder => binder.AddField("Query.thing", static (string id, Given<int> count) => 1),
            "Query.thing(count:): the delegate for Query.thing, parameter count, is int, which cannot be null, but the schema says Int, which can. "
            + "Let both say the same."),
        ["one parameter for a list"] = new(
            "type Query { thing(ids: [ID!]!): Int }", static binder => binder.AddField("Query.thing", static (string ids) => 1),
            "Query.thing(ids:): the delegate for Query.thing, parameter ids, is string, but the schema says [ID!]. Make it a sequence, such as IReadOnlyList."),
        ["a list that is not made"] = new(
            "type Query { thing(ids: [ID!]!): Int }", static binder => binder.AddField("Query.thing", static (Queue<string> ids) => 1),
            "Query.thing(ids:): the delegate for Query.thing, parameter ids, is Queue<string>, which is not made here. "
            + "Make it an array, a List, an ImmutableArray, or what an array implements."),
        ["another source"] = new(
            Models, static binder => binder.AddModels(typeof(NoName)).AddField("Query.thing", static () => new NoName()).AddField("Thing.name", static (Named it) => ""),
            "Thing.name: the delegate for Thing.name takes Named as its first parameter, but the model of Thing is NoName. Let the first parameter be that."),
        ["an input field that nothing takes"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByName? by) => 1),
            "By.limit: ByName has no property and no positional parameter for this field. Add one, or name one with [GraphQLField]."),
        ["a property that no input field fills"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByMore? by) => 1),
            "By: ByMore.Limits is no field of this input object. Add it to the schema, name its field with [GraphQLField], or mark it [GraphQLIgnore]. "
            + "Did you mean \"limit\"?"),
        ["a property of another type"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByNumber? by) => 1),
            "By.name: ByNumber.Name is int, which does not hold String. Make it string."),
        ["a property that holds no null"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByLimit? by) => 1),
            "By.limit: ByLimit.Limit is int, which cannot be null, but the schema says Int, which can. Let both say the same."),
        ["two properties for one input field"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByTwice? by) => 1),
            "By.limit: ByTwice.Other takes the field that ByTwice.Limit takes. Keep one of them."),
        ["an input that nobody can make"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (ByHand? by) => 1),
            "By: ByHand has no public constructor, or several of which none is without parameters. Leave one."),
        ["a leaf for an input"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (string? by) => 1),
            "Query.find(by:): the delegate for Query.find, parameter by, is string, which is not By. Make it a record with the fields of By, marked "
            + "[GraphQLInput(\"By\")]."),
        ["another input"] = new(
            Inputs, static binder => binder.AddField("Query.find", static (Choice? by) => 1),
            "Query.find(by:): the delegate for Query.find, parameter by, is Choice, which is not By. Make it a record with the fields of By, marked "
            + "[GraphQLInput(\"By\")]."),
        ["an enum value only in the schema"] = new(
            Enums, static binder => binder.AddField("Query.size", static () => Half.Small),
            "Size.LARGE: Half has no value for it. Add one, or spell one with [GraphQLEnumValue]."),
        ["an enum value only in C#"] = new(
            Enums, static binder => binder.AddField("Query.size", static () => More.Small),
            "Size: More.Medium is no value of this enum. Add it to the schema, spell it with [GraphQLEnumValue], or mark it [GraphQLIgnore]."),
        ["another enum"] = new(
            Enums, static binder => binder.AddField("Query.size", static () => Marked.Small),
            "Query.size: the delegate for Query.size is Marked, which says that it is Tier, but the schema says Size. Use the enum of Size."),
        ["a text for an enum"] = new(
            Enums, static binder => binder.AddField("Query.size", static () => "SMALL"),
            "Query.size: the delegate for Query.size is string, but Size is an enum. Make it a C# enum with the values SMALL, LARGE."),
        ["a member of a union without a model"] = new(
            Unions, static binder => binder.AddModel<Plain>("Thing").AddField("Query.one", static () => (object?)null).AddField("Other.name", static (object _) => "a"),
            "One: Other has no model, so a value cannot be told to be one. Mark its C# type [GraphQLType(\"Other\")] and add it as a model."),
        ["what is of no member of a union"] = new(
            Unions, static binder => binder.AddModel<Plain>("Thing").AddModel<Plainer>("Other").AddField("Query.one", static () => new Stranger()),
            "Query.one: the delegate for Query.one is Stranger, which is not what the members of One have in common. Answer the base of their models, or object."),
        ["a subscription without a stream"] = new(
            "type Query { a: Int } type Subscription { count: Int! }",
            static binder => binder.AddField("Query.a", static () => 1).AddField("Subscription.count", static () => 1),
            "Subscription.count: the delegate for Subscription.count answers int, but a subscription listens to a stream. "
            + "Let it answer IAsyncEnumerable of what the schema calls Int!."),
        ["another event"] = new(
            "type Query { a: Int } type Subscription { count: Int! }",
            static binder => binder.AddField("Query.a", static () => 1).AddField("Subscription.count", static () => Events<string>()),
            "Subscription.count: the delegate for Subscription.count is string, which Int does not answer. Make it int or short or byte or long."),
        ["a stream for a value"] = new(
            "type Query { a: Int }", static binder => binder.AddField("Query.a", static () => Events<int>()),
            "Query.a: the delegate for Query.a is IAsyncEnumerable<int>, which Int does not answer. Make it int or short or byte or long."),
        ["a scalar that was not added"] = new(
            "type Query { a(b: Money): Money } scalar Money", static binder => binder.AddField("Query.a", static (string? b) => b),
            "Money: the binder does not know this scalar. Add it with AddScalar."),
        ["a scalar of another kind"] = new(
            "type Query { a: Money } scalar Money",
            static binder => binder.AddScalar("Money", new LongCoercion(), typeof(long)).AddField("Query.a", static () => 1L),
            "Money: the binder reads this scalar otherwise than the schema was made to. Make the schema with the binder's Scalars."),
        ["a custom scalar of another type"] = new(
            "type Query { a(b: Money): Money } scalar Money",
            static binder => binder.AddScalar("Money", AnyCoercion.Instance, typeof(decimal)).AddField("Query.a", static (string? b) => 1.5),
            "Query.a(b:): the delegate for Query.a, parameter b, is string?, which does not hold Money. Make it decimal.",
            "Query.a: the delegate for Query.a is double, which Money does not answer. Make it decimal."),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheBindingIsRefused_When_ThereIs(string what)
    {
        var (sdl, add, messages) = s_cases[what];

        var outcome = add(new()).Build(Schemas.Good(sdl));

        outcome.Schema.ShouldBeNull();
        outcome.Errors.Select(static error => error.Message).ShouldBe(messages, ignoreOrder: true);
    }

    [Fact]
    public void EveryErrorHasItsPlaceInTheSchema_When_SeveralThingsDoNotFit()
    {
        var outcome = new GraphQLBinder().AddModel<NumberedName>("Thing").AddField("Query.other", static () => 1)
            .Build(Schemas.Good(Models + " extend type Query { other(by: ID!): String }"));

        outcome.Errors.Select(static error => $"{error.Message.Split(':')[0]} {error.Locations.Single().Position!.Value.Column}").ShouldBe(
            ["Query.thing 14", "Thing.name 42", "Query.other(by 84", "Query.other 78"], ignoreOrder: true);
    }

    [Fact]
    public void TheBindingIsGood_When_CodeHasNoAnnotations()
    {
#nullable disable
        var outcome = new GraphQLBinder().AddField("Query.a", static (string b) => b).Build(Schemas.Good("type Query { a(b: String): String! }"));
#nullable restore

        outcome.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void AnInputMayHoldItself_When_ItIsBound() =>
        Club.Bound().Schema.Types.Find("MemberQueryInput").ShouldNotBeNull();

    private static Func<GraphQLBinder, GraphQLBinder> Of<T>()
        where T : class, new() => static binder => binder.AddField("Query.thing", static () => new T());

    private static async IAsyncEnumerable<T> Events<T>()
    {
        await Task.Yield();
        yield break;
    }

    private sealed record Case(string Sdl, Func<GraphQLBinder, GraphQLBinder> Add, params string[] Messages);

    [GraphQLType("Thing")]
    private sealed class NoName;

    [GraphQLType("Thing")]
    private sealed class Named
    {
        public string Name => "a";
    }

    [GraphQLType("Thing")]
    private sealed class NamedAndMore
    {
        public string Name => "a";

        public string Names => "a";
    }

    [GraphQLType("Thing")]
    private sealed class NumberedName
    {
        public int Name => 1;
    }

    [GraphQLType("Thing")]
    private sealed class NullableName
    {
        public string? Name => null;
    }

    private sealed class NullsInList
    {
        public IReadOnlyList<string?> Names => [];
    }

    private sealed class Plain
    {
        public string Name => "a";
    }

    private sealed class Plainer
    {
        public string Name => "a";
    }

    private sealed class Stranger;

    [GraphQLType("Query")]
    private sealed class MoreQueries
    {
        public int Sing() => 1;
    }

    [GraphQLType("Thng")]
    private sealed class LostFields;

    private sealed record ByName(string Name);

    private sealed record ByMore(string Name, int? Limit)
    {
        public int? Limits { get; init; }
    }

    private sealed record ByNumber(int Name, int? Limit);

    private sealed record ByLimit(string Name, int Limit);

    private sealed record ByTwice(string Name, int? Limit)
    {
        [GraphQLField("limit")]
        public int? Other { get; init; }
    }

    private sealed class ByHand
    {
        private ByHand()
        {
        }

        public string Name { get; set; } = "";

        public int? Limit { get; set; }

        public static ByHand Make() => new();
    }

    private enum Half
    {
        Small,
    }

    private enum More
    {
        Small,
        Medium,
        Large,
    }

    [GraphQLEnum("Tier")]
    private enum Marked
    {
        Small,
        Large,
    }
}
