using System.Net.Http.Json;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Many tries in one call are as many tries: neither aliases nor batches are a way around the limits of sign-ins.</summary>
public sealed class GuessingOverGraphQLTests(Servers servers) : IClassFixture<Servers>
{
    private const int TriesMax = 5;

    [Fact]
    [Trait("Attack", "D7")]
    public async Task StopsAfterFiveTries_When_PasswordsAreGuessedByAliasesAndBatches()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var input = new { username = "guessed", password = SignInCalls.Password };
        await server.DataAsync("mutation($input: RegisterInput!) { registerMember(input: $input) { created } }", new { input }, "");
        var aliases = string.Join(' ', Enumerable.Range(0, 20).Select(i => $"a{i}: login(input: {{username: \"guessed\", password: \"wrong password {i}\"}}) {{ token }}"));
        using var client = new HttpClient { BaseAddress = server.Process.Address };

        var codes = new List<string>();
        for (var call = 0; call < 3; call++)
        {
            var batch = Enumerable.Range(0, 10).Select(_ => new { query = $"mutation {{ {aliases} }}" });
            using var answer = await client.PostAsJsonAsync(new Uri("/graphql", UriKind.Relative), batch, TestContext.Current.CancellationToken);
            var results = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            codes.AddRange(results.EnumerateArray().SelectMany(GraphQLCalls.CodesOf));
        }

        codes.Count(code => code == "SIGN_IN_FAILED").ShouldBeLessThanOrEqualTo(TriesMax);
        codes.Count(code => code is "SIGN_IN_LOCKED" or "RATE_LIMITED").ShouldBeGreaterThan(20);
        codes.ShouldAllBe(code => code == "SIGN_IN_FAILED" || code == "SIGN_IN_LOCKED" || code == "RATE_LIMITED");
    }
}
