using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;
using Laurel.Platform.Tenants;
using Laurel.UnitTests.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>The middleware behind the framework's own router, without a server.</summary>
public sealed class AccessMiddlewareTests : IAsyncDisposable
{
    private static readonly ManualClock s_clock = new();
    private static readonly RateLimitOptions s_limits = new();

    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly ApiKeys _store = new();
    private readonly ServiceProvider _services;
    private readonly RequestDelegate _pipeline;
    private readonly List<Tenant> _tenants =
    [
        NewTenant(1, "default"),
        NewTenant(2, "red", "red.example"),
        NewTenant(3, "blue", "blue.example", "blue.example.org") with { SuspendedAt = Instant.Earliest, SuspendedFor = "unpaid" },
    ];

    public AccessMiddlewareTests()
    {
        _store.Add("reader", ApiKeys.ActorWith(Permission.PointsRead));
        _store.Add("both", ApiKeys.ActorWith(Permission.PointsRead, Permission.PointsWrite));
        _store.Add("red", ApiKeys.ActorWith(Permission.PointsRead) with { Tenant = new TenantId(2) });
        _store.Add("blue", ApiKeys.ActorWith(Permission.PointsRead) with { Tenant = new TenantId(3) });
        _store.Add("nobody", ApiKeys.ActorWith(Permission.PointsRead) with { Tenant = new TenantId(9) });
        _services = new ServiceCollection()
            .AddLogging()
            .AddRouting()
            .AddSingleton(new System.Diagnostics.DiagnosticListener("tests"))
            .AddSingleton(new ApiKeyCache(_store, new ManualClock(), _random))
            .AddSingleton<IAccessTokens>(new KnownPeople(s_clock))
            .AddSingleton(new RateLimiter(s_limits, s_clock, null))
            .AddSingleton(s_limits)
            .AddSingleton<RateLimitGate>()
            .AddSingleton<Credentials>()
            .AddSingleton(provider => new ClientAddresses(s_limits.TrustedProxies, provider.GetRequiredService<ILogger<ClientAddresses>>()))
            .AddSingleton(new StaffProof(totp: true, confirmed: true, TimeSpan.FromMinutes(15), s_clock))
            .AddSingleton(new TenantDirectory(_ => Task.FromResult<IReadOnlyList<Tenant>>(_tenants), (_, _) => Task.FromResult(true)))
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
    [InlineData("/anybody", null, 200, null)]
    [InlineData("/anybody", "Bearer reader", 200, null)]
    [InlineData("/anybody", "Bearer unknown", 401, "UNAUTHORIZED")]
    [InlineData("/anybody", "Basic reader", 401, "UNAUTHORIZED")]
    [InlineData("/contradictory", null, 401, "UNAUTHORIZED")]
    [InlineData("/undeclared", null, 403, "FORBIDDEN")]
    [InlineData("/undeclared", "Bearer both", 403, "FORBIDDEN")]
    [InlineData("/nowhere", null, 404, "NOT_FOUND")]
    [InlineData("/nowhere", "Bearer both", 404, "NOT_FOUND")]
    [InlineData("/posted", "Bearer both", 405, "METHOD_NOT_ALLOWED")]
    public async Task Answers_When_Called(string path, string? authorization, int status, string? code)
    {
        var context = await CallAsync(path, authorization is null ? [] : [authorization]);

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

    [Theory]
    [InlineData("red", "/points", null, "localhost", null)]
    [InlineData("red", "/points", "red", "localhost", null)]
    [InlineData("red", "/points", null, "red.example", null)]
    [InlineData("red", "/points", "red", "RED.example", null)]
    [InlineData("red", "/points", "blue", "localhost", "TENANT_MISMATCH")]
    [InlineData("red", "/points", "green", "localhost", "TENANT_MISMATCH")]
    [InlineData("red", "/points", "", "localhost", "TENANT_MISMATCH")]
    [InlineData("red", "/points", null, "blue.example.org", "TENANT_MISMATCH")]
    [InlineData("red", "/points", "red", "blue.example", "TENANT_MISMATCH")]
    [InlineData("reader", "/points", null, "red.example", "TENANT_MISMATCH")]
    [InlineData("reader", "/points", "default", "localhost", null)]
    [InlineData("blue", "/points", null, "localhost", "TENANT_SUSPENDED")]
    [InlineData("blue", "/points", "red", "localhost", "TENANT_MISMATCH")]
    [InlineData("nobody", "/points", null, "localhost", "UNAUTHORIZED")]
    [InlineData("red", "/anybody", "blue", "localhost", "TENANT_MISMATCH")]
    [InlineData("blue", "/anybody", null, "localhost", "TENANT_SUSPENDED")]
    [InlineData("reader", "/platform", null, "localhost", null)]
    [InlineData("red", "/platform", null, "localhost", "PLATFORM_ONLY")]
    public async Task KeepsToTheTenantOfTheKey_When_TheCallNamesOne(string key, string path, string? header, string host, string? code)
    {
        var context = await CallAsync(path, host, header, $"Bearer {key}");

        if (code is null)
        {
            BodyOf(context).ShouldBe("reached");
        }
        else
        {
            HttpScenario.AnswerOf(context).GetProperty("code").GetString().ShouldBe(code);
        }
    }

    [Theory]
    [InlineData(null, "localhost", "1", null)]
    [InlineData(null, "red.example", "2", null)]
    [InlineData("red", "localhost", "2", null)]
    [InlineData("default", "red.example", "1", null)]
    [InlineData("green", "localhost", null, "TENANT_NOT_FOUND")]
    [InlineData("", "localhost", null, "TENANT_NOT_FOUND")]
    [InlineData(null, "blue.example", null, "TENANT_SUSPENDED")]
    public async Task IsForTheTenantItNames_When_ItHasNoKey(string? header, string host, string? tenant, string? code)
    {
        var context = await CallAsync("/whose", host, header);

        if (code is null)
        {
            BodyOf(context).ShouldBe(tenant);
        }
        else
        {
            HttpScenario.AnswerOf(context).GetProperty("code").GetString().ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("a.new", "/enrol", null)]
    [InlineData("a.new", "/points", "TOTP_ENROLMENT_REQUIRED")]
    [InlineData("a.new", "/approve", "TOTP_ENROLMENT_REQUIRED")]
    [InlineData("a.new", "/anybody", "TOTP_ENROLMENT_REQUIRED")]
    [InlineData("a.proved", "/approve", null)]
    [InlineData("a.proved", "/adjust", null)]
    [InlineData("a.proved", "/full?view=full", null)]
    [InlineData("a.stale", "/points", null)]
    [InlineData("a.stale", "/approve", "STEP_UP_REQUIRED")]
    [InlineData("a.stale", "/adjust", "STEP_UP_REQUIRED")]
    [InlineData("a.stale", "/full", null)]
    [InlineData("a.stale", "/full?view=full", "STEP_UP_REQUIRED")]
    [InlineData("a.never", "/approve", "STEP_UP_REQUIRED")]
    [InlineData("a.puppet", "/points", null)]
    [InlineData("a.puppet", "/approve", "USER_UNCONFIRMED")]
    [InlineData("a.member", "/members/me/export", null)]
    public async Task ShowsMoreThanItsToken_When_ItIsOfTheStaff(string token, string path, string? code)
    {
        var context = await CallAsync(path, $"Bearer {token}");

        if (code is null)
        {
            BodyOf(context).ShouldBe("reached");
        }
        else
        {
            (context.Response.StatusCode, HttpScenario.AnswerOf(context).GetProperty("code").GetString()).ShouldBe((403, code));
        }
    }

    [Fact]
    public async Task IsAdmittedAtOnce_When_TheTenantWasMadeElsewhereAMomentAgo()
    {
        await CallAsync("/points", "Bearer red");
        _tenants.Add(NewTenant(9, "green"));

        BodyOf(await CallAsync("/points", "Bearer nobody")).ShouldBe("reached");
    }

    [Fact]
    public async Task SaysHowToAuthenticate_When_NoKeyIsGiven()
    {
        var context = await CallAsync("/points");

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
        var context = await CallAsync(path + query, "Bearer a.member");

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
        (await CallAsync("/addresses", authorization)).Response.StatusCode.ShouldBe(403);
        (await CallAsync("/members/me", authorization)).Response.StatusCode.ShouldBe(403);
    }

    [Theory]
    [InlineData("Bearer a.stranger")]
    [InlineData("Bearer a.member ü")]
    public async Task AsksForNoKey_When_ATokenIsUnknown(string authorization)
    {
        (await CallAsync("/points", authorization)).Response.StatusCode.ShouldBe(401);
        _store.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task IsRefused_When_TwoKeysAreGiven()
    {
        var context = await CallAsync("/points", "Bearer reader", "Bearer both");

        context.Response.StatusCode.ShouldBe(401);
    }

    [Fact]
    public async Task NamesThePermission_When_ItIsLacking()
    {
        var context = await CallAsync("/spend", "Bearer reader");

        HttpScenario.AnswerOf(context).GetProperty("permission").GetString().ShouldBe("points:write");
    }

    [Fact]
    public async Task KeepsTheAllowHeader_When_TheMethodIsWrong()
    {
        var context = await CallAsync("/posted");

        context.Response.Headers.Allow.ToString().ShouldBe("POST");
    }

    [Fact]
    public async Task KnowsTheActor_When_AdmittedFromStoreAndFromMemory()
    {
        var first = await CallAsync("/points", "Bearer reader");
        var second = await CallAsync("/points", "Bearer reader");

        first.Actor().ShouldBeSameAs(second.Actor());
        (first.Actor().Tenant, first.Actor().Name).ShouldBe((new TenantId(1), "shop"));
        _store.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task HasNoActor_When_TheEndpointIsOpen()
    {
        var context = await CallAsync("/open", "Bearer reader");

        Should.Throw<InvariantBrokenException>(() => context.Actor());
    }

    [Fact]
    public async Task KnowsTheActor_When_AnOpenEndpointAsksWhoCalls()
    {
        (await CallAsync("/anybody", "Bearer reader")).Actor().Name.ShouldBe("shop");
        (await CallAsync("/anybody")).Features.Get<Actor>().ShouldBeNull();
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
        routes.MapGet("/anybody", reached).AllowAnyCaller();
        routes.MapGet("/contradictory", reached).AllowAnonymousAccess().RequirePermission(Permission.PointsRead);
        routes.MapGet("/undeclared", reached);
        routes.MapGet("/platform", reached).RequirePermission(Permission.PointsRead).OnlyForPlatform();
        routes.MapGet("/whose", async context =>
        {
            if (await context.TenantAsync() is { } tenant)
            {
                await context.Response.WriteAsync(tenant.Id.ToString(), context.RequestAborted);
            }
        }).AllowAnonymousAccess();
        routes.MapGet("/approve", reached).RequirePermission(Permission.PointsApprove);
        routes.MapGet("/adjust", reached).RequirePermission(Permission.PointsRead).AsDangerous();
        routes.MapGet("/full", reached).RequirePermission(Permission.PointsRead).AsDangerousWith(Permission.MembersReveal, "view", "full");
        routes.MapGet("/enrol", reached).RequirePermission(Permission.PointsRead).OpenBeforeTotp();
        routes.MapGet("/members/{id}/export", reached).RequirePermission(Permission.MembersReveal).OpenToOwner(Permission.ReadSelf);
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

    private static Tenant NewTenant(int id, string code, params string[] hosts) =>
        new() { Id = new TenantId(id), Code = code, Name = code, Hosts = hosts, CreatedAt = Instant.Earliest };

    private Task<HttpContext> CallAsync(string path, params string[] authorization) => CallAsync(path, "localhost", null, authorization);

    private async Task<HttpContext> CallAsync(string path, string host, string? header, params string[] authorization)
    {
        var context = HttpScenario.Get(string.Empty);
        context.Request.Host = new HostString(host, 5080);
        if (header is not null)
        {
            context.Request.Headers[TenantDirectory.Header] = header;
        }

        context.RequestServices = _services;
        var parts = path.Split('?');
        context.Request.Path = parts[0];
        context.Request.QueryString = new QueryString(parts.Length == 1 ? "" : "?" + parts[1]);
        context.Request.Headers.Authorization = new(authorization);
        await _pipeline(context);
        return context;
    }

    private sealed class RecordingBuilder : IEndpointConventionBuilder
    {
        public List<Action<EndpointBuilder>> Conventions { get; } = [];

        public void Add(Action<EndpointBuilder> convention) => Conventions.Add(convention);
    }
}
