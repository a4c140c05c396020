using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.GraphQL.Serving;
using Laurel.Identity;
using Laurel.Identity.ApiKeys;
using Laurel.Kernel;
using Laurel.Membership;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Audit;
using Laurel.Platform.Tenants;
using Laurel.Platform.Webhooks;
using Laurel.Server.GraphQL;
using Laurel.Server.Imports;
using Laurel.Server.Jobs;
using Laurel.Server.Messaging;
using Laurel.Server.Metrics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Laurel.Server.Hosting;

/// <summary>Composes the web server around a node.</summary>
internal static class WebHost
{
    /// <summary>Time a stopping server gives the requests it has accepted.</summary>
    private static readonly TimeSpan s_finish = TimeSpan.FromSeconds(20);

    // The host would watch its folder and all below it for changes of settings; where the data lies below, every write to the
    // database would wake the watcher. Settings are read once, by LaurelSettings.
    private static readonly string[] s_hostArguments = ["--hostBuilder:reloadConfigOnChange=false"];

    /// <param name="schemaOf">The schema that is served at <c>/graphql</c>; null for Laurel's own.</param>
    public static WebApplication Build(LaurelNode node, LaurelSettings settings, TimeProvider clock, Func<IServiceProvider, GraphQLService>? schemaOf = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "laurel", Args = s_hostArguments });
        builder.Services.AddSingleton(node.Loggers);
        builder.WebHost.UseKestrelCore().UseUrls(settings.Urls);
        builder.WebHost.ConfigureKestrel(ConfigureKestrel);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_finish + settings.Cluster.Drain);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton<Database>(node.Database);
        builder.Services.AddSingleton(node.Lanes);
        builder.Services.AddSingleton(node.Questions);
        builder.Services.AddSingleton(node.Vault);
        builder.Services.AddSingleton(node.Books);
        builder.Services.AddSingleton(node.Programmes);
        builder.Services.AddSingleton(node.Cache);
        builder.Services.AddSingleton(node.CachedRegions);
        AddCacheServices(builder.Services, node, settings, clock);
        builder.Services.AddCallers(node, settings, clock);
        builder.Services.AddSingleton(_ => new MetricsCollector());
        builder.Services.AddSingleton(settings.Operations.Features);
        builder.Services.AddSingleton(settings.Balance);
        builder.Services.AddSingleton(settings.FinanceAccounts);
        builder.Services.AddSingleton(_ => settings.Files.Open(settings.DataFolder, clock));
        builder.Services.AddMembership();
        builder.Services.AddIdentity(settings.Identity);
        AddTenants(builder.Services, node, clock);
        AddCluster(builder.Services, node, settings, clock);
        builder.Services.AddSingleton(node.Secrets);
        builder.Services.AddAudit(node.Audit);
        builder.Services.AddWebhooks(settings.Webhooks);
        builder.Services.AddProviders(settings.Providers.Installation, settings.Providers.Mail);
        builder.Services.AddRealNames(settings.Providers.RealNames, settings.Providers.TencentRealNames);
        builder.Services.AddMessaging(node, settings);
        builder.Services.AddGraphQL(settings.GraphQL);
        builder.Services.AddSingleton(services => new EventFeed(
            node.Events.Hub, node.Database, () => node.Number, clock, services.GetRequiredService<ILogger<EventFeed>>()));
        if (settings.Roles.HasFlag(NodeRoles.Outbox))
        {
            builder.Services.AddWebhookSending();
            builder.Services.AddOutboxQueue(node, WebhooksModule.TransportOf);
        }

        if (node.Database is SqliteDatabase file)
        {
            builder.Services.AddHostedService(services => new DamageWatch(file, clock, services.GetRequiredService<ILogger<DamageWatch>>()));
        }

        builder.Services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Laurel API";
            return Task.CompletedTask;
        }));
        var app = builder.Build();
        Configure(app, settings, schemaOf);
        return app;
    }

    private static void AddTenants(IServiceCollection services, LaurelNode node, TimeProvider clock)
    {
        var programmes = new ProgrammeStore(node.Database, node.Programmes, clock);
        services.AddTenants(
            async (tenant, cancellationToken) => node.Programmes.Latest(tenant) is not null || await programmes.FindAsync(tenant, cancellationToken) is not null,
            (draft, tenant, keyHash) =>
            {
                ProgrammeStore.Begin(draft, tenant);
                ApiKeyStore.Begin(draft, tenant, keyHash);
            });
    }

    private static void AddCluster(IServiceCollection services, LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        var jobs = JobList.Of(node, settings, clock);
        services.AddSingleton(node.Cluster.Gate);
        services.AddSingleton(node.Cluster.Router);
        services.AddSingleton(node.Cluster.Watch);
        services.AddSingleton(new ReadyProbe("database", node.Cluster.Watch.AnswersAsync));
        services.AddSingleton(provider => new Draining(settings.Cluster.Drain, clock, provider.GetRequiredService<ILogger<Draining>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());
        services.AddSingleton(_ => new JobFigures(jobs.Select(job => job.Name), clock));
        if (settings.Roles.HasFlag(NodeRoles.Worker))
        {
            services.AddHostedService(provider => new JobHost(
                jobs, node.Leases, node.Cluster.Gate, provider.GetRequiredService<JobFigures>(), clock, provider.GetRequiredService<ILogger<JobHost>>()));
        }
    }

    private static void AddCacheServices(IServiceCollection services, LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        if (node.Cache.HasRedis)
        {
            services.AddSingleton(new ReadyProbe("cache", _ => Task.FromResult(node.Cache.IsRedisUp)));
        }

        if (settings.Cache is { Options.Enabled: true, WarmMembers: > 0 and var count })
        {
            services.AddHostedService(provider => new WarmUpService(
                provider.GetRequiredService<MemberWarmUp>(), node.Database, count, provider.GetRequiredService<ILogger<WarmUpService>>()));
        }
    }

    private static void ConfigureKestrel(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        options.Limits.MaxConcurrentConnections = 20_000;
    }

    private static void Configure(WebApplication app, LaurelSettings settings, Func<IServiceProvider, GraphQLService>? schemaOf)
    {
        // It listens from now on, not from the first time that somebody asks.
        _ = app.Services.GetRequiredService<MetricsCollector>();
        app.BeginCallers();
        app.UseProtectiveHeaders();
        app.UseMiddleware<RequestFigures>();
        app.Use(app.Services.GetRequiredService<Draining>().AnswerAsync);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerException, SuppressDiagnosticsCallback = IsExpected });
        app.UseStatusCodePages(context => AnswerStatus(context.HttpContext));
        if (settings.Roles.HasFlag(NodeRoles.Api))
        {
            app.UseDocumentation();
        }

        app.UseWebSockets();
        app.UseRouting();
        app.UseAccess();
        app.MapHealth();
        app.MapMetrics(settings.Operations.MetricsAccess);
        if (!settings.Roles.HasFlag(NodeRoles.Api))
        {
            return;
        }

        app.MapFeatures();
        app.MapReadOnly();
        app.MapTenants();
        app.MapMembership(settings.Dapr);
        app.MapMemberImport();
        app.MapIdentity();
        app.MapEventSchemas();
        app.MapWebhooks();
        app.MapApiKeys();
        app.MapAudit();
        app.MapGraphQL(schemaOf?.Invoke(app.Services) ?? MallSchema.Create(app.Services, DoorsOf(app)));
        app.MapOpenApi("/openapi/v1.json").AllowAnonymousAccess();
        app.MapGet("/", () => Results.Redirect("/docs")).AllowAnonymousAccess().ExcludeFromDescription();
    }

    /// <summary>All operations that are mapped so far, open to fields of GraphQL.</summary>
    private static Doors DoorsOf(WebApplication app)
    {
        var inner = ((IApplicationBuilder)app).New();
        inner.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerException, SuppressDiagnosticsCallback = IsExpected });
        inner.UseAccess();
        inner.Run(Doors.EnterAsync);
        return new Doors(inner.Build(), ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));
    }

    private static bool IsExpected(ExceptionHandlerSuppressDiagnosticsContext context) =>
        context.Exception is OperationCanceledException || LacksDatabase(context.HttpContext, context.Exception);

    /// <summary>Whether the database could not be asked, whatever its driver calls that.</summary>
    internal static bool LacksDatabase(HttpContext context, Exception? exception) =>
        exception is ReadUnavailableException
        || (exception is not null && context.RequestServices.GetRequiredService<Database>().Classify(exception)
            is SqlFailure.Unknown or SqlFailure.Unavailable or SqlFailure.Transient or SqlFailure.DiskFailed);

    private static Task AnswerException(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is listening any more.
            return Task.CompletedTask;
        }

        var code = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ErrorCode.BodyTooLarge,
            BadHttpRequestException => ErrorCode.BodyMalformed,
            _ when LacksDatabase(context, exception) => ErrorCode.DatabaseUnavailable,
            _ => ErrorCode.Internal,
        };
        return ProblemResponse.WriteAsync(context, new Refusal(code), CancellationToken.None);
    }

    private static Task AnswerStatus(HttpContext context)
    {
        var code = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ErrorCode.NotFound,
            StatusCodes.Status405MethodNotAllowed => ErrorCode.MethodNotAllowed,
            StatusCodes.Status415UnsupportedMediaType => ErrorCode.MediaTypeUnsupported,
            _ => null,
        };
        return code is null ? Task.CompletedTask : ProblemResponse.WriteAsync(context, new Refusal(code), context.RequestAborted);
    }
}
