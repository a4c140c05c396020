using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Tests.Binding;

/// <summary>A schema with something of everything, and C# that answers it.</summary>
internal static class Club
{
    public const string Sdl =
        """
        type Query {
          member(id: ID!): Member
          members(input: MemberQueryInput, tiers: [Tier!]): MembersResponse!
          search(text: String!): [Found!]!
          first: Named
          now: DateTime!
          tiers: [[Tier!]!]!
          greeting: String
          whoAsks(extra: Int): String!
          raw: Int
          refusing(reason: String): Int
          maybe: [Int]
        }

        type Mutation {
          updateMember(id: ID!, input: MemberUpdateInput!): String!
          choose(by: Choice!): String!
        }

        type Subscription {
          pointsUpdated(user_id: String!): Record!
          counted(to: Int! = 2): Int!
          refused: Int!
        }

        enum Tier { SILVER GOLD black_card }
        interface Named { name: String! }
        union Found = Member | Shop

        type Member implements Named {
          id: ID!
          name: String!
          total_orders: Int!
          points: Long!
          balance: Decimal!
          born: Date
          joined: DateTime!
          tier: Tier!
          formerTier: Tier
          tiers: [Tier!]!
          verified: Boolean!
          extra: JSON
          fullName(title: String = "Ms"): String!
          initials: String!
          level: Level
          records(last: Int!): [Record!]!
        }

        type Shop implements Named { name: String! city: String }
        type Level { name: String! }
        type Record { points: Int! reason: String }
        type MembersResponse { items: [Member!]! total: Int! asked: String! }

        input MemberQueryInput { page: Int! = 1, pageSize: Int! = 20, product_id: String, tags: [String!], range: Range, and: [MemberQueryInput!] }
        input Range { from: Date, to: Date }
        input MemberUpdateInput { name: String, phone: String, tier: Tier = GOLD, points: Long }
        input Choice @oneOf { id: ID, name: String }
        """;

    /// <summary>All of it, in its good form.</summary>
    public static GraphQLBinder Binder() => new GraphQLBinder()
        .UseContext<Visit>()
        .AddScalars(CustomScalar.All)
        .AddModels(typeof(Shop))
        .AddModel<Page<Member>>("MembersResponse")
        .Add(new Queries(new(2026, 11, 23, 8, 0, 0, TimeSpan.FromHours(8))))
        .Add(new Mutations())
        .Add(new Subscriptions())
        .Add(new MemberFields())
        .AddField("Query.raw", static _ => new(7))
        .AddField("Level.name", static (Level level) => level.Title);

    public static Schema Schema(GraphQLBinder binder, string sdl) =>
        SchemaBuilder.Build([.. CustomScalar.All.Select(static scalar => scalar.Definition), new(sdl, "club.graphql")], binder.Scalars).Schema!;

    public static ExecutableSchema Bound()
    {
        var binder = Binder();
        var outcome = binder.Build(Schema(binder, Sdl));
        return outcome.Schema ?? throw new InvalidOperationException(string.Join(Environment.NewLine, outcome.Errors.Select(static error => error.Message)));
    }
}

internal interface IVisit
{
    string Name { get; }
}

internal sealed record Visit(string Name) : IVisit;

internal enum Tier
{
    Silver,
    Gold,
    BlackCard,
}

[GraphQLType("Member")]
internal sealed record Member(string Id, string Name)
{
    public int TotalOrders { get; init; } = 3;

    public long Points { get; init; } = 9_007_199_254_740_993;

    public decimal Balance { get; init; } = 12.50m;

    public DateOnly? Born { get; init; }

    public DateTimeOffset Joined { get; init; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(8));

    public Tier Tier { get; init; } = Tier.Gold;

    public Tier? FormerTier { get; init; }

    public ImmutableArray<Tier> Tiers { get; init; } = [Tier.Silver, Tier.BlackCard];

    public bool Verified => true;

    public JsonElement? Extra { get; init; }

    [GraphQLIgnore]
    public string? Secret { get; init; }

    [GraphQLField]
    public string Initials() => Name[..1];

    [GraphQLField("fullName")]
    public string NameWith(string? title) => $"{title ?? "no title"} {Name}";
}

[GraphQLType("Shop")]
internal sealed record Shop(string Name)
{
    public string? City => "Suzhou";
}

[GraphQLType("Level")]
internal sealed class Level(string title)
{
    [GraphQLIgnore]
    public string Title { get; } = title;
}

[GraphQLType("Record")]
internal sealed record Record(int Points, string? Reason);

internal sealed record Page<T>(IReadOnlyList<T> Items, int Total, string Asked);

[GraphQLInput("MemberQueryInput")]
internal sealed record MemberQuery(int Page, [GraphQLField("product_id")] string? Product, IReadOnlyList<string>? Tags)
{
    public required int PageSize { get; init; }

    public Range? Range { get; init; }

    public MemberQuery[]? And { get; init; }
}

internal sealed class Range
{
    public DateOnly? From { get; set; } = new(2000, 1, 1);

    public DateOnly? To { get; set; }
}

internal readonly record struct MemberUpdate(Given<string?> Name, Given<string?> Phone, Tier? Tier)
{
    public Given<long?> Points { get; init; }
}

[GraphQLInput("Choice")]
internal sealed record Choice(string? Id, string? Name);

[GraphQLType("Query")]
internal sealed class Queries(DateTimeOffset now)
{
    public Member? Member(string id) => id == "none" ? null : new(id, "Wang");

    public Task<Page<Member>> MembersAsync(MemberQuery? input, IReadOnlyList<Tier>? tiers)
    {
        var asked = input is null ? "all" : Describe(input);
        return Task.FromResult(new Page<Member>([new("1", "Wang"), new("2", "Li")], 2, asked + (tiers is null ? "" : " " + string.Join(',', tiers))));
    }

    public async Task<IEnumerable<object>> SearchAsync(string text, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return [new Member("1", text), new Shop(text)];
    }

    public object First() => new Shop("first");

    public ValueTask<DateTimeOffset> Now() => new(now);

    public List<Tier[]> Tiers() => [[Tier.Gold], []];

    public string? Greeting() => null;

    public string WhoAsks(IVisit visit, FieldRequest request, int? extra = 5) => $"{visit.Name} asks {request.Field.Name} {extra}";

    public Resolved<int?> Refusing(Given<string?> reason) => reason.TryGet(out var given)
        ? new FieldRefusal(given ?? "null", null)
        : 1;

    public async ValueTask<Resolved<int?[]>> Maybe()
    {
        await Task.Yield();
        return new int?[] { 1, null };
    }

    private static string Describe(MemberQuery query) =>
        $"{query.Page}/{query.PageSize} {query.Product} [{string.Join(',', query.Tags ?? [])}] {query.Range?.From:yyyy-MM-dd}..{query.Range?.To:yyyy-MM-dd}"
        + string.Concat((query.And ?? []).Select(static inner => $" then {Describe(inner)}"));
}

[GraphQLType("Mutation")]
internal sealed class Mutations
{
    public string UpdateMember(string id, MemberUpdate input) => $"{id}: {input.Name}, {input.Phone}, {input.Tier}, {input.Points}";

    public string Choose([GraphQLArgument("by")] Choice choice) => $"id {choice.Id}, name {choice.Name}";
}

[GraphQLType("Subscription")]
internal sealed class Subscriptions
{
    public async IAsyncEnumerable<Record> PointsUpdated(string userId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(1, userId);
        await Task.Delay(1, cancellationToken);
        yield return new(2, null);
    }

    public Task<Resolved<IAsyncEnumerable<int>>> CountedAsync(int to) => Task.FromResult(Resolved.Of(Count(to)));

    public Resolved<IAsyncEnumerable<int>> Refused() => new FieldRefusal("Not for you.", null);

    private static async IAsyncEnumerable<int> Count(int to)
    {
        for (var number = 1; number <= to; number++)
        {
            await Task.Yield();
            yield return number;
        }
    }
}

[GraphQLType("Member")]
internal sealed class MemberFields
{
    public Task<Level?> Level(Member member) => Task.FromResult<Level?>(member.TotalOrders > 2 ? new("Gold") : null);

    public IEnumerable<Record> Records(Member member, int last) => Enumerable.Range(1, last).Select(number => new Record(number, member.Id));
}
