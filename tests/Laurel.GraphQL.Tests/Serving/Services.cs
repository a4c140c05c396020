using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Tests.Execution;

namespace Laurel.GraphQL.Tests.Serving;

/// <summary>Services over a small schema of members, and requests for them.</summary>
internal static class Services
{
    public const string Sdl =
        """
        type Query {
          member(id: ID): Member
          members(page: Int = 1, pageSize: Int = 20): Members @listSize(slicingArguments: ["pageSize"], sizedFields: ["items"])
          search(paging: Paging): [Member!] @listSize(assumedSize: 50, slicingArguments: ["paging.size"])
          anything: [Member]
          dear: String @cost(weight: 30)
          found(text: String @cost(weight: 7)): [Found]
          echo(value: [JSON]): Int
        }
        type Mutation { rename(id: ID!, name: String!): Member @cost(weight: 10) }
        type Subscription { renamed(id: ID, often: Int): Member }
        type Members { items: [Member!]! total: Int! }
        type Member { id: ID! name: String points: Int level: Level friends(first: Int): [Member!]! @listSize(slicingArguments: ["first"]) grid: [[Level]] }
        type Level @cost(weight: 5) { name: String! }
        union Found = Member | Level
        input Paging { size: Int = 40, more: Paging }
        scalar JSON
        """;

    public static GraphQLService With(ServiceOptions options) => With(options, []);

    public static GraphQLService With(ServiceOptions options, Dictionary<string, Resolver> resolvers) =>
        new(Answers.Bound(Schemas.Good(Sdl, CostDirectives.Text), resolvers), options);

    public static GraphQLRequest Request(string text) => new() { Query = text };

    public static GraphQLRequest Request(string text, string variables) => new() { Query = text, Variables = Json(variables) };

    /// <summary>A request for automatic persisted queries.</summary>
    public static GraphQLRequest Hashed(string? text, string hash) => new()
    {
        Query = text,
        Extensions = Json($$"""{ "persistedQuery": { "version": 1, "sha256Hash": "{{hash}}" } }"""),
    };

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
