using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.UnitTests.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>The middleware behind the framework's own router, without a server.</summary>
public sealed class AccessMiddlewareTests : IAsyncDisposable
{
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly ApiKeys _store = new();
    private readonly ServiceProvider _services;
    private readonly RequestDelegate _pipeline;

    public AccessMiddlewareTests()
    {
        _store.Add("reader", ApiKeys.ActorWith(Permission.PointsRead));
        _store.Add("both", ApiKeys.ActorWith(Permission.PointsRead, Permission.PointsWrite));
        _services = new ServiceCollection()
            .AddLogging()
            .AddRouting()
            .AddSingleton(new System.Diagnostics.DiagnosticListener("tests"))
            .AddSingleton(new ApiKeyCache(_store, new ManualClock(), _random))
            .AddSingleton<IAccessTokens>(new Tokens())
            .BuildServiceProvider();
        var app = new ApplicationBuilder(_services);
        app.UseRouting();
        app.UseAccess();
        app.UseEndpoints(Map);
        _pipeline = app.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _random.Dispose();
    }

    [Theory]
    [InlineData("/points", "Bearer reader", 200, null)]
    [InlineData("/points", "bearer  reader ", 200, null)]
    [InlineData("/points", null, 401, "UNAUTHORIZED")]
    [InlineData("/points", "", 401, "UNAUTHORIZED")]
    [InlineData("/points", "Bearer", 401, "UNAUTHORIZED")]
    [InlineData("/points", "Bearer ", 401, "UNAUTHORIZED")]
    [InlineData("/points", "Bearer unknown", 401, "UNAUTHORIZED")]
    [InlineData("/points", "Bearer reader both", 401, "UNAUTHORIZED")]
    [InlineData("/points", "Basic reader", 401, "UNAUTHORIZED")]
    [InlineData("/points", "reader", 401, "UNAUTHORIZED")]
    [InlineData("/spend", "Bearer reader", 403, "FORBIDDEN")]
    [InlineData("/spend", "Bearer both", 200, null)]
    [InlineData("/spend", null, 401, "UNAUTHORIZED")]
    [InlineData("/both", "Bearer reader", 403, "FORBIDDEN")]
    [InlineData("/both", "Bearer both", 200, null)]
    [InlineData("/open", null, 200, null)]
    [InlineData("/open", "Bearer unknown", 200, null)]
    [InlineData("/contradictory", null, 401, "UNAUTHORIZED")]
    [InlineData("/undeclared", null, 403, "FORBIDDEN")]
    [InlineData("/undeclared", "Bearer both", 403, "FORBIDDEN")]
    [InlineData("/nowhere", null, 404, "NOT_FOUND")]
    [InlineData("/nowhere", "Bearer both", 404, "NOT_FOUND")]
    [InlineData("/posted", "Bearer both", 405, "METHOD_NOT_ALLOWED")]
    public async Task Answers_When_Called(string path, string? authorization, int status, string? code)
    {
        var context = await CallAsync(path, "", authorization is null ? [] : [authorization]);

        context.Response.StatusCode.ShouldBe(status);
        if (code is null)
        {
            BodyOf(context).ShouldBe("reached");
        }
        else
        {
            HttpScenario.AnswerOf(context).GetProperty("code").GetString().ShouldBe(code);
        }
    }

    [Fact]
    public async Task SaysHowToAuthenticate_When_NoKeyIsGiven()
    {
        var context = await CallAsync("/points", "");

        context.Response.Headers.WWWAuthenticate.ToString().ShouldBe("Bearer");
        _store.Asked.ShouldBe(0);
    }

    /// <summary>A member asks for itself alone, however it names itself (D2).</summary>
    [Theory]
    [InlineData("/members/me", "", 200, "42")]
    [InlineData("/members/42", "", 200, "42")]
    [InlineData("/members/43", "", 403, null)]
    [InlineData("/members/042", "", 403, null)]
    [InlineData("/members/Me", "", 403, null)]
    [InlineData("/records", "", 200, "42")]
    [InlineData("/records", "?memberId=42", 200, "42")]
    [InlineData("/records", "?memberId=43", 403, null)]
    [InlineData("/records", "?memberid=43", 403, null)]
    [InlineData("/records", "?memberId=42&memberId=43", 403, null)]
    [InlineData("/records", "?memberId=", 403, null)]
    [InlineData("/addresses", "", 200, "")]
    [InlineData("/members/42/change", "", 403, null)]
    [InlineData("/points", "", 403, null)]
    public async Task IsForItself_When_AMemberCalls(string path, string query, int status, string? named)
    {
        var context = await CallAsync(path, query, "Bearer a.member");

        context.Response.StatusCode.ShouldBe(status);
        if (named is not null)
        {
            BodyOf(context).ShouldBe(named);
        }
    }

    [Theory]
    [InlineData("Bearer a.clerk")]
    [InlineData("Bearer reader")]
    public async Task IsNotOpen_When_TheCallerIsNoMember(string authorization)
    {
        (await CallAsync("/addresses", "", authorization)).Response.StatusCode.ShouldBe(403);
        (await CallAsync("/members/me", "", authorization)).Response.StatusCode.ShouldBe(403);
    }

    [Theory]
    [InlineData("Bearer a.stranger")]
    [InlineData("Bearer a.member ü")]
    public async Task AsksForNoKey_When_ATokenIsUnknown(string authorization)
    {
        (await CallAsync("/points", "", authorization)).Response.StatusCode.ShouldBe(401);
        _store.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task IsRefused_When_TwoKeysAreGiven()
    {
        var context = await CallAsync("/points", "", "Bearer reader", "Bearer both");

        context.Response.StatusCode.ShouldBe(401);
    }

    [Fact]
    public async Task NamesThePermission_When_ItIsLacking()
    {
        var context = await CallAsync("/spend", "", "Bearer reader");

        HttpScenario.AnswerOf(context).GetProperty("permission").GetString().ShouldBe("points:write");
    }

    [Fact]
    public async Task KeepsTheAllowHeader_When_TheMethodIsWrong()
    {
        var context = await CallAsync("/posted", "");

        context.Response.Headers.Allow.ToString().ShouldBe("POST");
    }

    [Fact]
    public async Task KnowsTheActor_When_AdmittedFromStoreAndFromMemory()
    {
        var first = await CallAsync("/points", "", "Bearer reader");
        var second = await CallAsync("/points", "", "Bearer reader");

        first.Actor().ShouldBeSameAs(second.Actor());
        (first.Actor().Tenant, first.Actor().Name).ShouldBe((new TenantId(1), "shop"));
        _store.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task HasNoActor_When_TheEndpointIsOpen()
    {
        var context = await CallAsync("/open", "", "Bearer reader");

        Should.Throw<InvariantBrokenException>(() => context.Actor());
    }

    [Fact]
    public void Throws_When_AnEndpointAsksForAPermissionThatDoesNotExist()
    {
        var endpoint = new RecordingBuilder();

        Should.Throw<InvariantBrokenException>(() => endpoint.RequirePermission("points:fly"));
        endpoint.Conventions.ShouldBeEmpty();
    }

    private static void Map(IEndpointRouteBuilder routes)
    {
        RequestDelegate reached = context => context.Response.WriteAsync("reached", context.RequestAborted);
        routes.MapGet("/points", reached).RequirePermission(Permission.PointsRead);
        routes.MapGet("/spend", reached).RequirePermission(Permission.PointsWrite);
        routes.MapGet("/both", reached)
            .RequirePermission(Permission.PointsWrite)
            .RequirePermission(Permission.PointsRead);
        routes.MapGet("/open", reached).AllowAnonymousAccess();
        routes.MapGet("/contradictory", reached).AllowAnonymousAccess().RequirePermission(Permission.PointsRead);
        routes.MapGet("/undeclared", reached);
        routes.MapPost("/posted", reached).RequirePermission(Permission.PointsRead);
        routes.MapGet("/members/{id}", context => context.Response.WriteAsync((string)context.Request.RouteValues["id"]!, context.RequestAborted))
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf);
        routes.MapGet("/members/{id}/change", reached).RequirePermission(Permission.MembersWrite).OpenToOwner(Permission.UpdateSelf);
        routes.MapGet("/records", context => context.Response.WriteAsync(context.Request.Query["memberId"].ToString(), context.RequestAborted))
            .RequirePermission(Permission.MembersRead)
            .OpenToOwnerOfQuery(Permission.ReadSelf);
        routes.MapGet("/addresses", context => context.Response.WriteAsync("", context.RequestAborted))
            .RequirePermission(Permission.MembersRead)
            .OpenToCaller(Permission.ReadSelf);
    }

    private static string BodyOf(HttpContext context) =>
        System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private async Task<HttpContext> CallAsync(string path, string query, params string[] authorization)
    {
        var context = HttpScenario.Get(string.Empty);
        context.RequestServices = _services;
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        context.Request.Headers.Authorization = new(authorization);
        await _pipeline(context);
        return context;
    }

    /// <summary>Two people: a member who may read what is its own, and a clerk who is no member.</summary>
    private sealed class Tokens : IAccessTokens
    {
        public ValueTask<Actor?> FindAsync(ReadOnlySpan<char> token, CancellationToken cancellationToken) => ValueTask.FromResult(token switch
        {
            "a.member" => Person(new MemberId(42)),
            "a.clerk" => Person(null),
            _ => null,
        });

        private static Actor? Person(MemberId? member) => ApiKeys.ActorWith(Permission.ReadSelf) with { Person = new SignedIn(42, member, "MEMBER", 7) };
    }

    private sealed class RecordingBuilder : IEndpointConventionBuilder
    {
        public List<Action<EndpointBuilder>> Conventions { get; } = [];

        public void Add(Action<EndpointBuilder> convention) => Conventions.Add(convention);
    }
}
