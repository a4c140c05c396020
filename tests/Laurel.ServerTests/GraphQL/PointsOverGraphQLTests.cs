using System.Globalization;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Movements, rules and corrections by GraphQL.</summary>
public sealed class PointsOverGraphQLTests(Servers servers) : IClassFixture<Servers>
{
    private const string Adjust = "mutation($id: String!, $points: Int!) { adjustMemberPoints(id: $id, points: $points, reason: \"A test\") { points } }";

    public static TheoryData<DatabaseUnderTest> Databases => [.. Enum.GetValues<DatabaseUnderTest>()];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task TellsWhatRestTells_When_PointsHaveMoved(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var id = await server.NewMemberAsync("mover", 100);
        (await server.DataAsync(Adjust, new { id, points = -30 })).ToString().ShouldBe("""{"adjustMemberPoints":{"points":70}}""");
        (await server.EarnAsync(id, 5, "gql-earn")).Status.ShouldBe(200);

        var data = await server.DataAsync(
            """
            query($id: String!) {
              pointsRecords(input: {pageSize: 1, page: 2, filter: {user_id: $id, unit: "points"}}) { total page pageSize items { user_id username type points balance reason unit } }
              pointsRecordsConnection(filter: {user_id: $id}, first: 1) { nodes { points } pageInfo { hasNextPage endCursor } }
              member(id: $id) { pointsRecords(limit: 2) { points balance created expire_time order_id related_id } }
            }
            """,
            new { id });

        data.GetProperty("pointsRecords").ToString().ShouldBe(
            """{"total":3,"page":2,"pageSize":1,"items":[{"user_id":"ID","username":"mover","type":"admin_adjust","points":-30,"balance":70,"reason":"A test","unit":"points"}]}"""
                .Replace("ID", id));
        data.GetProperty("member").GetProperty("pointsRecords").EnumerateArray().Select(record => record.GetProperty("points").GetInt64()).ShouldBe([5, -30]);
        var cursor = data.GetProperty("pointsRecordsConnection").GetProperty("pageInfo").GetProperty("endCursor").GetString();
        var next = await server.DataAsync(
            "query($id: String!, $after: String) { pointsRecordsConnection(filter: {user_id: $id}, first: 1, after: $after) { nodes { points } } }", new { id, after = cursor });
        next.ToString().ShouldBe("""{"pointsRecordsConnection":{"nodes":[{"points":-30}]}}""");
    }

    /// <summary>However long the list is.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task AsksTheDatabaseAFewTimes_When_ManyMembersAreListedWithTheirLevelsTagsAndRecords(DatabaseUnderTest database)
    {
        const int StatementsMax = 8;
        var server = await servers.OnAsync(database);
        for (var i = 0; i < 40; i++)
        {
            await server.NewMemberAsync($"listed-{i}", 100 + i);
        }

        foreach (var size in new[] { 2, 40 })
        {
            var before = await StatementsAsync(server);
            var data = await server.DataAsync(
                "query($size: Int!) { members(input: {pageSize: $size, filter: {sort: \"-registered\"}}) { items { id level { name } tags pointsRecords(limit: 3) { points username } } } }",
                new { size });
            var asked = await StatementsAsync(server) - before;

            var items = data.GetProperty("members").GetProperty("items").EnumerateArray().ToList();
            items.Count.ShouldBe(size);
            items.ShouldAllBe(item => item.GetProperty("pointsRecords").GetArrayLength() > 0);
            asked.ShouldBeLessThanOrEqualTo(StatementsMax, $"for {size} members");
        }
    }

    [Fact]
    public async Task RefusesWithTheCodesOfRest_When_SomethingIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var id = await server.NewMemberAsync("poor", 100);
        var (_, reader) = await server.MakeKeyAsync("members:read");

        (await server.CodeAsync(Adjust, new { id, points = -500 })).ShouldBe("POINTS_INSUFFICIENT");
        (await server.CodeAsync(Adjust, new { id = "1", points = 5 })).ShouldBe("MEMBER_NOT_FOUND");
        (await server.CodeAsync("{ pointsRecords(input: {page: 0}) { page } }")).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("{ pointsRecords(input: {page: 2147483647}) { page } }")).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("{ members(input: {page: 2147483647, pageSize: -2147483648}) { page } }")).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("{ pointsRecords { page } }", null, reader)).ShouldBe("FORBIDDEN");
        (await server.CodeAsync(Adjust, new { id, points = 5 }, reader)).ShouldBe("FORBIDDEN");
        (await server.CodeAsync($"{{ member(id: \"{id}\") {{ pointsRecords {{ points }} }} }}", null, reader)).ShouldBe("FORBIDDEN");

        // Who may change and not see is refused before the change.
        var (_, blind) = await server.MakeKeyAsync("points:write");
        (await server.CodeAsync(Adjust, new { id, points = 5 }, blind)).ShouldBe("FORBIDDEN");
        (await server.PointsAsync(id)).Available.ShouldBe(100);
    }

    [Fact]
    public async Task CorrectsMoneyToTheMinorUnit_When_AmountsHaveDecimals()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var id = await server.NewMemberAsync("rich", 100);
        const string Query = "mutation($id: String!, $amount: Float!) { adjustMemberBalance(id: $id, amount: $amount, reason: \"A test\") { balance } }";

        (await server.DataAsync(Query, new { id, amount = 0.29 })).ToString().ShouldBe("""{"adjustMemberBalance":{"balance":"0.29"}}""");
        (await server.DataAsync(Query, new { id, amount = 1_234_567.1 })).ToString().ShouldBe("""{"adjustMemberBalance":{"balance":"1234567.39"}}""");
        (await server.CodeAsync(Query, new { id, amount = 0.001 })).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync(Query, new { id, amount = 1e300 })).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync(Query, new { id, amount = -9_999_999.0 })).ShouldBe("BALANCE_INSUFFICIENT");
    }

    [Fact]
    public async Task CorrectsOnce_When_ADocumentIsSentTwiceUnderOneKey()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var id = await server.NewMemberAsync("once", 100);
        var body = new { query = Adjust, variables = new { id, points = 7 } };

        (await server.PostUnderAsync("adjust-once", "/graphql", body)).Text.ShouldBe("""{"data":{"adjustMemberPoints":{"points":107}}}""");
        (await server.PostUnderAsync("adjust-once", "/graphql", body)).Text.ShouldBe("""{"data":{"adjustMemberPoints":{"points":107}}}""");
        (await server.PostAsync("/graphql", body)).Text.ShouldBe("""{"data":{"adjustMemberPoints":{"points":114}}}""");
    }

    [Fact]
    public async Task TellsTheRules_When_TheyAreAskedFor()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var data = await server.DataAsync("{ pointsRules(input: {type: \"product.reviewed\"}) { total items { id type points is_active amount sort_order } } }");

        var rules = (await server.GetAsync("/api/points/rules?trigger=product.reviewed")).Json.GetProperty("items").EnumerateArray().ToList();
        data.GetProperty("pointsRules").GetProperty("total").GetInt32().ShouldBe(rules.Count);
        data.GetProperty("pointsRules").GetProperty("items").EnumerateArray().Select(rule => rule.GetProperty("id").GetString())
            .ShouldBe(rules.Select(rule => rule.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task ShowsAMemberItsOwnRecordsAndAddresses_When_ItHasSignedIn()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var other = await server.NewMemberAsync("not-me", 100);
        var input = new { username = "bea", password = SignInCalls.Password, nickname = "Bea" };
        var registered = (await server.DataAsync("mutation($input: RegisterInput!) { registerMember(input: $input) { token created user { username role level } } }", new { input }, ""))
            .GetProperty("registerMember");
        var signedIn = (await server.DataAsync(
            "mutation($input: LoginInput!) { login(input: $input) { token token_type expires_in created } }", new { input = new { input.username, input.password } }, "")).GetProperty("login");
        var token = signedIn.GetProperty("token").GetString()!;

        registered.GetProperty("created").GetBoolean().ShouldBeTrue();
        registered.GetProperty("user").ToString().ShouldBe("""{"username":"bea","role":"MEMBER","level":"bronze"}""");
        (await server.CodeAsync("mutation { login(input: {username: \"bea\", password: \"wrong wrong wrong\"}) { token } }", null, "")).ShouldBe("SIGN_IN_FAILED");

        var own = await server.DataAsync("{ appMember { nickname pointsRecords { points } } pointsRecords { total items { points } } }", null, token);
        own.GetProperty("pointsRecords").GetProperty("total").GetInt32().ShouldBe(own.GetProperty("appMember").GetProperty("pointsRecords").GetArrayLength());
        (await server.CodeAsync($"{{ pointsRecords(input: {{filter: {{user_id: \"{other}\"}}}}) {{ total }} }}", null, token)).ShouldBe("FORBIDDEN");

        await ChangeAddressesAsync(server, token);
        (await server.DataAsync("mutation($input: ChangePasswordInput!) { changePassword(input: $input) }",
            new { input = new { current_password = SignInCalls.Password, new_password = "another horse battery" } }, token)).ToString().ShouldBe("""{"changePassword":true}""");
        (await server.CodeAsync("{ appMember { id } }", null, token)).ShouldBe("UNAUTHORIZED");
    }

    private static async Task ChangeAddressesAsync(LaurelServer server, string token)
    {
        const string Add = "mutation($input: AddressInput!) { addAddress(input: $input) { id name phone city postal_code is_default tag } }";
        var input = new { name = "王小明", phone = "13800138000", province = "浙江省", city = "杭州市", district = "西湖区", address = "文三路 1 号", tag = "home" };

        var first = (await server.DataAsync(Add, new { input }, token)).GetProperty("addAddress");
        var second = (await server.DataAsync(Add, new { input = input with { tag = "office" } }, token)).GetProperty("addAddress");
        var id = second.GetProperty("id").GetString()!;
        first.GetProperty("is_default").GetBoolean().ShouldBeTrue();
        first.GetProperty("phone").GetString().ShouldBe("13800138000");
        (await server.DataAsync("mutation($id: String!) { setDefaultAddress(id: $id) }", new { id }, token)).ToString().ShouldBe("""{"setDefaultAddress":true}""");
        (await server.DataAsync("mutation($id: String!, $input: AddressInput!) { updateAddress(id: $id, input: $input) { tag is_default } }", new { id, input = input with { tag = "shop" } }, token))
            .ToString().ShouldBe("""{"updateAddress":{"tag":"shop","is_default":true}}""");
        (await server.DataAsync("mutation($id: String!) { deleteAddress(id: $id) }", new { id }, token)).ToString().ShouldBe("""{"deleteAddress":true}""");
        (await server.CodeAsync("mutation($id: String!) { deleteAddress(id: $id) }", new { id }, token)).ShouldBe("ADDRESS_NOT_FOUND");
        (await server.DataAsync("{ appMemberAddresses { total items { tag user_id } } }", null, token)).GetProperty("appMemberAddresses").GetProperty("total").GetInt32().ShouldBe(1);
    }

    /// <summary>How often the database was asked about members and their movements.</summary>
    private static async Task<double> StatementsAsync(LaurelServer server)
    {
        var metrics = (await server.GetAsync("/metrics")).Text;
        return metrics.Split('\n')
            .Where(line => line.StartsWith("member_db_query_seconds_count{", StringComparison.Ordinal) && (line.Contains("\"members.") || line.Contains("\"points.")))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
