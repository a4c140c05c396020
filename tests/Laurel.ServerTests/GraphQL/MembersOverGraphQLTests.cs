using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Members and levels asked for and changed by GraphQL: what REST says of them, to whom REST says it.</summary>
public sealed class MembersOverGraphQLTests(Servers servers) : IClassFixture<Servers>
{
    private const string Create =
        "mutation($input: MemberInput!) { createMember(input: $input) { id username nickname phone points level_id level { name } balance status gender } }";

    public static TheoryData<DatabaseUnderTest> Databases => [.. Enum.GetValues<DatabaseUnderTest>()];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task TellsWhatRestTells_When_AMemberIsEnrolledChangedAndFound(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);

        var input = new { username = "g-1", nickname = "王小明", phone = "13800138000" };
        var made = (await server.AskAsync(Create, new { input })).GetProperty("data").GetProperty("createMember");
        var id = made.GetProperty("id").GetString()!;
        var changed = await server.AskAsync(
            "mutation($id: String!) { updateMember(id: $id, input: {nickname: null, gender: female, birthday: \"1990-05-12\"}) { nickname gender birthday } }",
            new { id });
        var found = await server.AskAsync("""
            query($id: String!) {
              member(id: $id) {
                id username member_code phone points points_pending growth lifetime_points total_orders total_amount register_time created status level { id }
              }
              members(input: {filter: {username: "g-1"}}) { total page pageSize items { id } }
              membersConnection(filter: {username: "g-1"}, first: 1) { nodes { id } pageInfo { hasNextPage } }
              nobody: member(id: "1") { id }
            }
            """, new { id });

        var rest = (await server.MemberAsync(id)).Json;
        made.GetProperty("username").GetString().ShouldBe("g-1");
        made.GetProperty("phone").GetString().ShouldBe(rest.GetProperty("phone").GetString());
        changed.GetProperty("data").GetProperty("updateMember").ToString().ShouldBe("""{"nickname":null,"gender":"female","birthday":"****-05-12"}""");
        var data = found.GetProperty("data");
        data.GetProperty("member").GetProperty("member_code").GetString().ShouldBe(rest.GetProperty("memberCode").GetString());
        data.GetProperty("member").GetProperty("points").GetInt64().ShouldBe(rest.GetProperty("points").GetProperty("available").GetInt64());
        data.GetProperty("members").ToString().ShouldBe($$"""{"total":1,"page":1,"pageSize":20,"items":[{"id":"{{id}}"}]}""");
        data.GetProperty("membersConnection").ToString().ShouldBe("""{"nodes":[{"id":"ID"}],"pageInfo":{"hasNextPage":false}}""".Replace("ID", id));
        data.GetProperty("nobody").ValueKind.ShouldBe(JsonValueKind.Null);
        found.TryGetProperty("errors", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task RefusesWithTheCodesOfRest_When_SomethingIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        (await server.RegisterAsync("taken")).Status.ShouldBe(201);

        (await server.CodeAsync(Create, new { input = new { username = "taken" } })).ShouldBe("MEMBER_EXISTS");
        (await server.CodeAsync(Create, new { input = new { username = "x", phone = "12" } })).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("{ members(input: {page: 1000, pageSize: 100}) { page } }")).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("{ members(input: {filter: {sort: \"age\"}}) { page } }")).ShouldBe("VALIDATION_FAILED");
        (await server.CodeAsync("mutation { deleteMember(id: \"1\") }")).ShouldBe("MEMBER_NOT_FOUND");
        (await server.CodeAsync("mutation { updateMemberLevel(id: \"gold\", input: {discount_rate: \"0.12345\"}) { id } }")).ShouldBe("VALIDATION_FAILED");
    }

    /// <summary>Who may not do it over REST may not do it here, field by field.</summary>
    [Fact]
    public async Task LetsInWhomRestLetsIn_When_PermissionsDiffer()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var id = (await server.RegisterAsync("private")).Json.GetProperty("id").GetString()!;
        var (_, reader) = await server.MakeKeyAsync("members:read");
        var (_, levels) = await server.MakeKeyAsync("levels:read");
        var query = $"{{ members {{ page }} member(id: \"{id}\") {{ id }} memberLevels {{ total }} }}";

        var asReader = await server.AskAsync($"{{ member(id: \"{id}\") {{ id }} }}", null, reader);
        var both = await server.AskAsync(query, null, reader);
        var write = await server.AskAsync(Create, new { input = new { username = "never" } }, reader);
        var asLevels = await server.AskAsync($"{{ memberLevel(id: \"gold\") {{ id }} member(id: \"{id}\") {{ id }} }}", null, levels);
        var anonymous = await server.AskAsync("{ appMember { id } }", null, "");

        asReader.ToString().ShouldBe("""{"data":{"member":{"id":"ID"}}}""".Replace("ID", id));
        GraphQLCalls.CodesOf(both).ShouldBe(["FORBIDDEN"]);
        GraphQLCalls.CodesOf(write).ShouldBe(["FORBIDDEN"]);
        GraphQLCalls.CodesOf(asLevels).ShouldBe(["FORBIDDEN"]);
        asLevels.GetProperty("data").ToString().ShouldBe("""{"memberLevel":{"id":"gold"},"member":null}""");
        GraphQLCalls.CodesOf(anonymous).ShouldBe(["UNAUTHORIZED"]);
        (await server.GetAsync("/api/members?externalId=never")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task ShowsAMemberItselfAlone_When_ItHasSignedIn()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var other = (await server.RegisterAsync("other")).Json.GetProperty("id").GetString()!;
        var ann = new { username = "ann", password = SignInCalls.Password, nickname = "Ann" };
        var person = SignedInPerson.Of(await server.AsAsync(null, HttpMethod.Post, "/api/auth/register", ann));

        var own = await server.AskAsync("mutation { updateProfile(input: {nickname: \"Anna\", birthday: \"1991-02-03\"}) { nickname birthday } }", null, person.Token);
        var read = await server.AskAsync($"{{ appMember {{ nickname birthday }} memberLevels {{ total }} member(id: \"{other}\") {{ id }} }}", null, person.Token);
        var all = await server.AskAsync("{ members { page } }", null, person.Token);

        own.ToString().ShouldBe("""{"data":{"updateProfile":{"nickname":"Anna","birthday":"1991-02-03"}}}""");
        read.GetProperty("data").GetProperty("appMember").ToString().ShouldBe("""{"nickname":"Anna","birthday":"1991-02-03"}""");
        read.GetProperty("data").GetProperty("member").ValueKind.ShouldBe(JsonValueKind.Null);
        GraphQLCalls.CodesOf(read).ShouldBe(["FORBIDDEN"]);
        GraphQLCalls.CodesOf(all).ShouldBe(["FORBIDDEN"]);
    }

    /// <summary>One key for a document, and each change of it is told apart.</summary>
    [Fact]
    public async Task ChangesOnce_When_ADocumentIsSentTwiceUnderOneKey()
    {
        const string Two = "mutation { a: createMember(input: {username: \"once-a\"}) { id } b: createMember(input: {username: \"once-b\"}) { id } }";
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var first = await server.PostUnderAsync("once", "/graphql", new { query = Two });
        var second = await server.PostUnderAsync("once", "/graphql", new { query = Two });

        first.Json.TryGetProperty("errors", out _).ShouldBeFalse(first.Text);
        second.Text.ShouldBe(first.Text);
        first.Json.GetProperty("data").GetProperty("a").ToString().ShouldNotBe(first.Json.GetProperty("data").GetProperty("b").ToString());
    }

    [Fact]
    public async Task ChangesLevels_When_TheProgrammeIsEdited()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var made = await server.AskAsync("""
            mutation {
              createMemberLevel(input: {id: "jade", name: "翡翠", points_required: 70000, discount_rate: "0.75", free_shipping_from: "12.34"}) {
                id name discount_rate sort_order free_shipping_from
              }
              updateMemberLevel(id: "jade", input: {name_english: "Jade", points_required: 80000, is_active: false}) { name points_required is_active }
            }
            """);
        var listed = await server.AskAsync("{ memberLevels(input: {page: 2, pageSize: 4}, filter: {points_required_min: 5000}) { total items { id } } }");
        var left = await server.AskAsync("mutation { deleteMemberLevel(id: \"jade\") }");

        made.GetProperty("data").GetProperty("createMemberLevel").ToString().ShouldBe(
            """{"id":"jade","name":"翡翠","discount_rate":"0.75","sort_order":5,"free_shipping_from":"12.34"}""");
        made.GetProperty("data").GetProperty("updateMemberLevel").ToString().ShouldBe("""{"name":"Jade","points_required":80000,"is_active":false}""");
        listed.ToString().ShouldBe("""{"data":{"memberLevels":{"total":4,"items":[]}}}""");
        left.ToString().ShouldBe("""{"data":{"deleteMemberLevel":true}}""");
        (await server.CodeAsync("mutation { deleteMemberLevel(id: \"jade\") }")).ShouldBe("LEVEL_NOT_FOUND");
    }

    [Fact]
    public async Task TellsOfEach_When_SeveralAreAskedToLeave()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var id = (await server.RegisterAsync("leaving")).Json.GetProperty("id").GetString()!;

        var asked = await server.AskAsync(
            "mutation($ids: [String!]!) { batchDeleteMembers(ids: $ids) { success done failed results { id done code } } }", new { ids = new[] { id, "1" } });

        asked.GetProperty("data").GetProperty("batchDeleteMembers").ToString().ShouldBe(
            $$"""{"success":false,"done":1,"failed":1,"results":[{"id":"{{id}}","done":true,"code":null},{"id":"1","done":false,"code":"MEMBER_NOT_FOUND"}]}""");
    }
}
