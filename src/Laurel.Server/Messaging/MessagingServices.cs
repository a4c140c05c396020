using System.Security.Cryptography;
using Laurel.Engine.Events;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Orders;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Laurel.Server.Hosting;

namespace Laurel.Server.Messaging;

/// <summary>What a process does with events, by its roles.</summary>
internal static class MessagingServices
{
    public static void AddMessaging(this IServiceCollection services, LaurelNode node, LaurelSettings settings)
    {
        services.AddSingleton(node.Events.Hub);
        services.AddSingleton(node.Leases);
        services.AddSingleton(new EventStore(node.Database));
        if (settings.RabbitMq is { } rabbitMq)
        {
            services.AddRabbitMq(node, settings.Roles, rabbitMq);
        }
    }

    /// <summary>Publishes a queue of the outbox in this process, whenever it has the lease.</summary>
    public static void AddOutboxQueue(this IServiceCollection services, LaurelNode node, Func<IServiceProvider, IEventTransport> transport)
    {
        services.AddSingleton<IHostedService>(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
            var logger = provider.GetRequiredService<ILogger<OutboxPublisher>>();
            return new EndlessJob(new OutboxPublisher(transport(provider), node.Database, node.Lanes, node.Leases, node.Events.Hub, clock, random, logger).RunAsync);
        });
    }

    /// <summary>Serves what every type of event looks like.</summary>
    public static void MapEventSchemas(this IEndpointRouteBuilder routes)
    {
        var schemas = MemberEvents.All.ToDictionary(type => type.Name, EventSchema.Of);
        var list = MemberEvents.All.Select(type => new { type = type.Name, meaning = type.Meaning, schema = type.SchemaPath }).ToList();
        routes.MapGet("/schemas/events", () => Results.Json(list)).AllowAnonymousAccess().WithSummary("Every type of event there is.");
        routes.MapGet("/schemas/events/{type}.json", (string type, HttpContext context) => schemas.TryGetValue(type, out var schema)
                ? Results.Bytes(schema, "application/schema+json").ExecuteAsync(context)
                : ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.NotFound), context.RequestAborted))
            .AllowAnonymousAccess()
            .WithSummary("The JSON Schema of the data of one type of event.");
    }

    private static void AddRabbitMq(this IServiceCollection services, LaurelNode node, NodeRoles roles, RabbitMqSettings settings)
    {
        var logger = node.Loggers.CreateLogger<RabbitMqBroker>();
        services.AddSingleton(_ => new RabbitMqBroker(settings, "laurel-outbox", logger));
        services.AddSingleton(provider => new ReadyProbe("message_queue", provider.GetRequiredService<RabbitMqBroker>().AnswersAsync));
        if (roles.HasFlag(NodeRoles.Outbox))
        {
            services.AddSingleton(
                provider => new RabbitMqTransport(provider.GetRequiredService<RabbitMqBroker>(), settings, provider.GetRequiredService<TimeProvider>()));
            services.AddOutboxQueue(node, provider => provider.GetRequiredService<RabbitMqTransport>());
        }

        if (roles.HasFlag(NodeRoles.Worker))
        {
            services.AddSingleton<IHostedService>(provider =>
            {
                var incoming = new RabbitMqBroker(settings, "laurel-inbox", logger);
                var inbox = new Inbox(
                    incoming, settings, provider.GetRequiredService<EventIntake>(), provider.GetRequiredService<TenantDirectory>(),
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Inbox>>());
                return new EndlessJob(inbox.RunAsync, incoming);
            });
        }
    }

    /// <summary>Work that goes on until the process stops and looks after its own failures.</summary>
    /// <param name="owned">Disposed with it; null for nothing.</param>
    private sealed class EndlessJob(Func<CancellationToken, Task> run, IAsyncDisposable? owned = null) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await run(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The process stops.
            }
            finally
            {
                await (owned?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }
    }
}
