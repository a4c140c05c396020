using System.Globalization;
using System.Text;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Access;
using Laurel.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Profiles;

/// <summary>What a member who has signed in may do with itself, and what stays the staff's: the endpoints of the composed server, behind the door.</summary>
public sealed class OwnersTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"laurel-owners-{Environment.ProcessId}");
    private LaurelNode? _node;
    private WebApplication? _app;
    private MemberId _member;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var profile = new ProfileRules
        {
            Attributes =
            [
                new() { Code = "shoe", NameEnglish = "Shoe size", NameChinese = "鞋码", Type = AttributeType.Number },
                new() { Code = "remark", NameEnglish = "Remark", NameChinese = "备注", StaffOnly = true },
            ],
        };
        var settings = new LaurelSettings
        {
            DataFolder = _folder,
            Urls = "http://127.0.0.1:0",
            Database = DatabaseKind.Sqlite,
            DatabaseUrl = null,
            AdminKey = "0123456789abcdef",
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored with { Profile = profile },
            SweepEvery = TimeSpan.FromHours(1),
        };
        _node = await LaurelNode.OpenAsync(settings, "serve", TimeProvider.System, NullLoggerFactory.Instance, Cancellation);
        _app = WebHost.Build(_node, settings, TimeProvider.System);
        var request = new RegisterRequest { ExternalId = "owner", Nickname = null, Phone = null, Email = null, RegisteredAt = Instant.Now(TimeProvider.System) };
        var outcome = await _node.Lanes.SubmitAsync(new RegisterMember(LaurelNode.DefaultTenant, request, _node.Books, _node.Vault), Cancellation);
        var reply = (MemberReply)outcome.ShouldBeOfType<Outcome.Applied>().Reply;
        _member = new MemberId(long.Parse(reply.Id, CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        await _node!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task MayTellOfThemselvesButNotForTheStaff_When_TheyHaveSignedIn()
    {
        var refused = await CallAsync("PUT", "/api/members/{id}", Owner, """{"birthday":"1990-05-12","attributes":{"shoe":42,"remark":"nice"},"clear":["attributes.remark"]}""");
        var told = await CallAsync("PUT", "/api/members/{id}", Owner, """{"birthday":"1990-05-12","attributes":{"shoe":42}}""");
        var remarked = await CallAsync("PUT", "/api/members/{id}", Staff, """{"attributes":{"remark":"haggles"}}""");

        refused.Status.ShouldBe(400);
        refused.Json.GetProperty("errors").EnumerateArray().Select(one => $"{one.GetProperty("code").GetString()} {one.GetProperty("pointer").GetString()}")
            .ShouldBe(["STAFF_ONLY /attributes/remark", "INVALID_FORMAT /clear"], ignoreOrder: true);
        (told.Status, remarked.Status).ShouldBe((200, 200));
        var own = (await CallAsync("GET", "/api/members/{id}", Owner)).Json.GetProperty("profile");
        var shown = (await CallAsync("GET", "/api/members/{id}", Staff)).Json.GetProperty("profile");
        (own.GetProperty("birthday").GetString(), shown.GetProperty("birthday").GetString()).ShouldBe(("1990-05-12", "****-05-12"));
        own.GetProperty("attributes").EnumerateObject().Select(one => one.Name).ShouldBe(["shoe"]);
        shown.GetProperty("attributes").EnumerateObject().Select(one => one.Name).ShouldBe(["shoe", "remark"], ignoreOrder: true);
    }

    [Fact]
    public async Task AreTheProofOfTheirConsent_When_TheyGiveItThemselves()
    {
        var consent = """{"purpose":"privacy_policy","textVersion":"7","given":true}""";

        var own = await CallAsync("POST", "/api/members/{id}/consents", Owner, consent);
        var told = await CallAsync("POST", "/api/members/{id}/consents", Staff, consent);

        (own.Status, own.Json.GetProperty("hasOrigin").GetBoolean(), own.Json.GetProperty("by").GetString()).ShouldBe((201, true, "user 7"));
        (told.Status, told.Json.GetProperty("hasOrigin").GetBoolean(), told.Json.GetProperty("by").GetString()).ShouldBe((201, false, "desk"));
    }

    [Fact]
    public async Task SeeTheirAddressesInFull_When_OthersSeeThemMasked()
    {
        var body = """{"name":"王小明","phone":"13800138000","province":"上海市","city":"上海市","district":"徐汇区","address":"漕溪北路 1 号"}""";
        (await CallAsync("POST", "/api/addresses", Owner, body, "?memberId=" + _member)).Status.ShouldBe(201);

        async Task<string?> NameFor(Actor actor, string view = "") =>
            (await CallAsync("GET", "/api/addresses", actor, null, "?memberId=" + _member + view)).Json.GetProperty("items")[0].GetProperty("name").GetString();

        (await NameFor(Owner)).ShouldBe("王小明");
        (await NameFor(Staff)).ShouldBe("王**");
        var revealing = Staff with { Permissions = new HashSet<string> { Permission.MembersRead, Permission.MembersReveal } };
        (await NameFor(revealing)).ShouldBe("王**");
        (await NameFor(revealing, "&view=full&reason=parcel")).ShouldBe("王小明");
        (await CallAsync("GET", "/api/addresses", Staff, null, $"?memberId={_member}&view=full&reason=parcel")).Status.ShouldBe(403);
    }

    /// <summary>Which endpoints a member may call for itself, and no other of these.</summary>
    [Fact]
    public void AreLetInWhereTheyAreMeantToBe_When_TheEndpointsAreRead()
    {
        var owned =
            from endpoint in ((IEndpointRouteBuilder)_app!).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            where endpoint.Metadata.GetMetadata<OwnerAccess>() is not null
            select $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0]} {endpoint.RoutePattern.RawText}";

        owned.ShouldContain("PUT /api/members/{id}");
        owned.ShouldContain("DELETE /api/members/{id}");
        owned.ShouldContain("POST /api/addresses");
        owned.ShouldNotContain("POST /api/members/{id}/status");
        owned.ShouldNotContain("POST /api/members/{id}/real-name");
    }

    private Actor Owner => new(LaurelNode.DefaultTenant, "user 7", new HashSet<string> { Permission.ReadSelf, Permission.UpdateSelf })
    {
        Person = new SignedIn(7, _member, "MEMBER", 1),
    };

    private static Actor Staff => new(LaurelNode.DefaultTenant, "desk", new HashSet<string> { Permission.MembersRead, Permission.MembersWrite });

    private async Task<(int Status, JsonElement Json)> CallAsync(string method, string pattern, Actor actor, string? body = null, string query = "")
    {
        var endpoint = ((IEndpointRouteBuilder)_app!).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Single(one => one.RoutePattern.RawText == pattern && one.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains(method));
        await using var scope = _app.Services.CreateAsyncScope();
        var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.SetEndpoint(endpoint);
        context.Features.Set(actor);
        context.Request.Method = method;
        context.Request.Path = pattern.Replace("{id}", _member.ToString(), StringComparison.Ordinal);
        context.Request.QueryString = new QueryString(query);
        context.Request.RouteValues["id"] = _member.ToString();
        context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse("203.0.113.7");
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            (context.Request.ContentType, context.Request.ContentLength, context.Request.Body) = ("application/json", bytes.Length, new MemoryStream(bytes));
        }

        context.Response.Body = answer;
        await endpoint.RequestDelegate!(context);
        await context.Response.BodyWriter.FlushAsync(Cancellation);
        return (context.Response.StatusCode, JsonDocument.Parse(answer.ToArray()).RootElement);
    }
}
