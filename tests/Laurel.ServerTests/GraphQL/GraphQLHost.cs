using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.GraphQL.Serving;
using Laurel.Server.GraphQL;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>The server as it is composed, in this process, on a data folder of its own, and with a schema of the tests' in place of Laurel's.</summary>
public sealed class GraphQLHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-graphql-").FullName;
    private readonly CountingSchema _schema = new();
    private readonly Func<IServiceProvider, GraphQLService>? _schemaOf;
    private readonly GraphQLSettings _settings;
    private readonly TimeSpan _drain;
    private LaurelNode? _node;
    private WebApplication? _app;

    /// <summary>As it is by default, but that a socket has a second to say who calls.</summary>
    public GraphQLHost()
        : this(new GraphQLSettings { InitWait = TimeSpan.FromSeconds(1) })
    {
    }

    internal GraphQLHost(GraphQLSettings settings, bool hasOwnSchema = false, TimeSpan drain = default) =>
        (_settings, _drain, _schemaOf) = (settings, drain, hasOwnSchema ? null : _ => _schema.Create());

    public HttpClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public Uri Socket => new($"ws://{Address.Authority}/graphql");

    internal int OpenStreams => _app!.Services.GetRequiredService<OpenStreams>().Count;

    /// <summary>Streams of the schema that are being read.</summary>
    internal int Listening => _schema.Listening;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<GraphQLHost> StartAsync(GraphQLSettings settings, bool hasOwnSchema = false, TimeSpan drain = default)
    {
        var host = new GraphQLHost(settings, hasOwnSchema, drain);
        await host.InitializeAsync();
        return host;
    }

    public async ValueTask InitializeAsync()
    {
        var settings = new LaurelSettings
        {
            DataFolder = _folder,
            Urls = "http://127.0.0.1:0",
            Database = DatabaseKind.Sqlite,
            DatabaseUrl = null,
            AdminKey = LaurelSite.AdministratorKey,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
            GraphQL = _settings,
            Cluster = new ClusterSettings { Drain = _drain },
        };
        _node = await LaurelNode.OpenAsync(settings, "serve", TimeProvider.System, NullLoggerFactory.Instance, Cancellation);
        _app = WebHost.Build(_node, settings, TimeProvider.System, _schemaOf);
        await _app.StartAsync(Cancellation);
        Address = new Uri(_app.Urls.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Asks it to stop, as a signal does; returns when it has.</summary>
    public Task StopAsync() => _app!.StopAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app!.DisposeAsync();
        await _node!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Posts a body of JSON to <c>/graphql</c>.</summary>
    internal Task<HttpResponseMessage> PostAsync(string body, string? accept = null, string? key = null, string mediaType = "application/json") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = ContentOf(Encoding.UTF8.GetBytes(body), mediaType) }, accept, key);

    internal Task<HttpResponseMessage> GetAsync(string query, string? accept = null, string? key = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, "/graphql" + query), accept, key);

    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? accept, string? key)
    {
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    /// <summary>Calls REST as the administrator.</summary>
    internal async Task<JsonElement> RestAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSite.AdministratorKey);
        using var response = await Client.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        ((int)response.StatusCode).ShouldBeLessThan(300, text);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    internal static ByteArrayContent ContentOf(byte[] bytes, string mediaType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        return content;
    }
}
