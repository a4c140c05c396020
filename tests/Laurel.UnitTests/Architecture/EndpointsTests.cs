using Laurel.Engine.Lanes;
using Laurel.Platform.Access;
using Laurel.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>Access is denied by default; here every endpoint of the composed server must say to whom it is open.</summary>
public sealed class EndpointsTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"laurel-endpoints-{Environment.ProcessId}");
    private LaurelNode? _node;
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        var settings = new LaurelSettings
        {
            DataFolder = _folder,
            Urls = "http://127.0.0.1:0",
            Database = DatabaseKind.Sqlite,
            DatabaseUrl = null,
            AdminKey = "0123456789abcdef",
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        };
        _node = await LaurelNode.OpenAsync(settings, "serve", TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        _app = WebHost.Build(_node, settings, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        await _node!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    [Trait("Attack", "D4")]
    public void SayToWhomTheyAreOpen_When_TheServerIsComposed()
    {
        var endpoints = Endpoints();

        endpoints.Count.ShouldBeGreaterThan(15);
        endpoints.Where(endpoint => !DeclaresAccess(endpoint)).Select(endpoint => endpoint.DisplayName).ShouldBeEmpty();
    }

    /// <summary>Providers of payments and payouts have no key of ours, nor has who is about to sign in; nobody else goes without.</summary>
    [Fact]
    [Trait("Attack", "D4")]
    public void NeedAPermission_When_TheirPathIsOfTheApiAndNobodySigns() =>
        Endpoints().OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.Metadata.GetMetadata<RequiredPermission>() is null)
            .Select(endpoint => (endpoint.RoutePattern.RawText, endpoint.Metadata.GetMetadata<SignedAccess>() is not null))
            .Order()
            .ShouldBe(
            [
                ("/api/auth/code-login", false), ("/api/auth/codes", false), ("/api/auth/forgot-password", false), ("/api/auth/login", false),
                ("/api/auth/providers", false), ("/api/auth/providers/{provider}/authorize", false), ("/api/auth/providers/{provider}/login", false),
                ("/api/auth/refresh", false), ("/api/auth/refresh-token", false), ("/api/auth/register", false), ("/api/auth/reset-password", false),
                ("/api/auth/wechat-login", false),
                ("/api/balance/recharges/{id}/paid", true), ("/api/balance/withdrawals/{id}/result", true),
            ]);

    /// <summary>What is judged field by field is open as an endpoint; nothing but GraphQL is. Beside it these pages and these answers are everybody's.</summary>
    [Fact]
    [Trait("Attack", "D4")]
    public void AreOpenToEverybody_When_NothingOfAMerchantIsThere() =>
        Endpoints().OfType<RouteEndpoint>()
            .Where(endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.Metadata.GetMetadata<RequiredPermission>() is null)
            .Select(endpoint => (endpoint.RoutePattern.RawText, endpoint.Metadata.GetMetadata<CallerAccess>() is not null))
            .Order()
            .ShouldBe(
            [
                ("/", false), ("/.well-known/jwks.json", false), ("/files/{name}", false), ("/graphql", true), ("/health", false),
                ("/openapi/v1.json", false), ("/ready", false), ("/schemas/events", false), ("/schemas/events/{type}.json", false),
                ("/schemas/programme.json", false),
            ]);

    /// <summary>An endpoint that is open to whoever signs and does not look at the signature would be open to everybody.</summary>
    [Fact]
    public async Task RefuseWhoeverDoesNotSign_When_TheyAreOpenToSignatures()
    {
        var signed = Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<SignedAccess>() is not null).ToList();

        signed.Count.ShouldBe(2);
        foreach (var endpoint in signed)
        {
            await using var scope = _app!.Services.CreateAsyncScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, Response = { Body = new MemoryStream() } };
            context.Request.Method = "POST";
            context.Request.ContentType = "application/json";
            context.Request.Body = new MemoryStream("{}"u8.ToArray());
            context.Request.RouteValues["id"] = "x";
            await endpoint.RequestDelegate!(context);
            context.Response.StatusCode.ShouldBe(StatusCodes.Status401Unauthorized);
        }
    }

    [Fact]
    public void HaveAHeadingOfTheirOwn_When_TheReferenceIsRead()
    {
        var page = SourceTree.Read("docs/reference/api.md");
        var calls =
            from endpoint in Endpoints().OfType<RouteEndpoint>()
            where endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)
            from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            select $"### `{method} {endpoint.RoutePattern.RawText}`";

        calls.Where(heading => !page.Contains(heading, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Attack", "D4")]
    public void AreRejected_When_TheyDeclareNothing() =>
        DeclaresAccess(new Endpoint(null, EndpointMetadataCollection.Empty, "open")).ShouldBeFalse();

    private List<Endpoint> Endpoints() => [.. ((IEndpointRouteBuilder)_app!).DataSources.SelectMany(source => source.Endpoints)];

    private static bool DeclaresAccess(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<RequiredPermission>() is not null
        || endpoint.Metadata.GetMetadata<AnonymousAccess>() is not null
        || endpoint.Metadata.GetMetadata<SignedAccess>() is not null;
}
