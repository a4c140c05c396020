using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Who subscribes to points hears of them wherever they are moved, and nobody hears of another's.</summary>
public sealed class HearingOfPointsTests(Servers servers) : IClassFixture<Servers>
{
    private const int TriesMax = 40;

    public static TheoryData<DatabaseUnderTest> Databases => [.. Enum.GetValues<DatabaseUnderTest>()];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task TellsTheMember_When_PointsMoveOnThisNode(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);

        await HearAsync(server, server, "here");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsTheMember_When_PointsMoveOnAnotherNode(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await using var other = await LaurelServer.StartAsync(servers.SiteOf(database), Cancellation);

        await HearAsync(server, other, "there");
    }

    [Fact]
    public async Task RefusesToListen_When_TheMemberIsAnother()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var another = await server.NewMemberAsync("unheard", 100);
        var person = SignedInPerson.Of(await server.AsAsync(null, HttpMethod.Post, "/api/auth/register", new { username = "eve", password = SignInCalls.Password }));
        await using var socket = await SocketClient.BeginAsync(SocketOf(server), new { authorization = "Bearer " + person.Token });

        await socket.SubscribeAsync("1", $"subscription {{ pointsUpdated(user_id: \"{another}\") {{ points }} }}");

        (await socket.HearAsync()).ShouldContain("FORBIDDEN");
    }

    /// <param name="at">Where the member listens.</param>
    /// <param name="from">Where its points are moved.</param>
    private static async Task HearAsync(LaurelServer at, LaurelServer from, string name)
    {
        var person = SignedInPerson.Of(await at.AsAsync(null, HttpMethod.Post, "/api/auth/register", new { username = "ear" + name, password = SignInCalls.Password }));
        var id = (await at.AsAsync(person.Token, HttpMethod.Get, "/api/members/me")).Json.GetProperty("id").GetString()!;
        await using var socket = await SocketClient.BeginAsync(SocketOf(at), new { authorization = "Bearer " + person.Token });
        await socket.SubscribeAsync("1", $"subscription {{ pointsUpdated(user_id: \"{id}\") {{ user_id points unit type }} }}");

        // When a subscription begins to listen is not told.
        var heard = socket.HearAsync();
        for (var i = 0; i < TriesMax && !heard.IsCompleted; i++)
        {
            (await from.EarnAsync(id, 7, $"heard-{name}-{i}")).Status.ShouldBe(200);
            await Task.WhenAny(heard, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation));
        }

        (await heard).ShouldContain($$"""{"user_id":"{{id}}","points":7,"unit":"points","type":"earned_admin"}""");
    }

    private static Uri SocketOf(LaurelServer server) => new($"ws://{server.Process.Address.Authority}/graphql");
}
