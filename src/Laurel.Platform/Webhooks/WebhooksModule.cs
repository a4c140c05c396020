using System.Net;
using System.Security.Cryptography;
using Laurel.Engine.Events;
using Laurel.Engine.Nodes;
using Laurel.Platform.Access;
using Laurel.Platform.Outside;
using Laurel.Platform.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Laurel.Platform.Webhooks;

/// <summary>The doors of this capability.</summary>
public static class WebhooksModule
{
    /// <summary>The queue of the outbox that webhooks are taken from.</summary>
    public static OutboxTarget OutboxTarget => WebhookTransport.Target;

    /// <summary>What the master keys seal here.</summary>
    public static IReadOnlyList<SealedColumn> SealedColumns { get; } =
    [
        new("webhook_endpoints", "id", "secret", WebhookEndpoint.SecretPurpose) { Wiped = "t.deleted_at IS NOT NULL" },
        new("webhook_endpoints", "id", "previous_secret", WebhookEndpoint.SecretPurpose),
    ];

    /// <summary>Adds what the API and the sending need. <see cref="AddWebhookSending"/> adds the sending itself.</summary>
    public static void AddWebhooks(this IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(new AddressRule(options.AllowedNetworks));
        services.AddSingleton<ResolveName>((host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken));
        services.AddSingleton(provider => new PublicUrl(
            provider.GetRequiredService<AddressRule>(), options.AllowHttp, provider.GetRequiredService<ResolveName>()));
        services.AddSingleton<WebhookEndpointKind>();
        services.AddSingleton<WebhookQueries>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<EventBodies>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<WebhookDispatcher>(
            provider, new Random(RandomNumberGenerator.GetInt32(int.MaxValue))));
        services.AddSingleton<WebhookKeeper>();
        services.AddSingleton<WebhookResend>();
        services.AddSingleton<WebhookDoors>();
    }

    /// <summary>Adds the sending: for nodes with the role <c>outbox</c>.</summary>
    public static void AddWebhookSending(this IServiceCollection services)
    {
        services.AddSingleton<WebhookTransport>();
        services.AddHostedService<WebhookService>();
    }

    /// <summary>What takes the events of <see cref="OutboxTarget"/> over, where <see cref="AddWebhookSending"/> was called.</summary>
    public static IEventTransport TransportOf(IServiceProvider services) => services.GetRequiredService<WebhookTransport>();

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        Write<WebhookBody, WebhookReply>(
            routes.MapPost("/api/webhooks", (HttpContext context, WebhookDoors doors) => doors.CreateAsync(context)),
            StatusCodes.Status201Created, "Registers an endpoint; the answer shows its secret once.");
        Write<WebhookBody, WebhookReply>(
            routes.MapPatch("/api/webhooks/{id}", (HttpContext context, string id, WebhookDoors doors) => doors.ChangeAsync(context, id)),
            StatusCodes.Status200OK, "Changes an endpoint, or switches it on or off.");
        Write<RotateSecretBody, WebhookReply>(
            routes.MapPost("/api/webhooks/{id}/rotate-secret", (HttpContext context, string id, WebhookDoors doors) => doors.RotateAsync(context, id)),
            StatusCodes.Status200OK, "Gives an endpoint a new secret; the old one signs along for a while.");
        Write<ResendBody, ResendReply>(
            routes.MapPost("/api/webhooks/{id}/resend", (HttpContext context, string id, WebhookDoors doors) => doors.ResendAsync(context, id)),
            StatusCodes.Status200OK, "Sends one event, or the events of a time, again.");
        routes.MapPost("/api/webhooks/{id}/test", (HttpContext context, string id, WebhookDoors doors) => doors.TestAsync(context, id))
            .RequirePermission(Permission.WebhooksWrite)
            .Produces<AttemptReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Sends an event of the type webhook.test at once and tells how it went.");
        routes.MapDelete("/api/webhooks/{id}", (HttpContext context, string id, WebhookDoors doors) => doors.DeleteAsync(context, id))
            .RequirePermission(Permission.WebhooksWrite)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Deletes an endpoint and what waits for it.");
        Read<WebhookPage>(
            routes.MapGet("/api/webhooks", (HttpContext context, WebhookDoors doors) => doors.ListAsync(context)),
            "Endpoints by keyset cursor.");
        Read<WebhookReply>(
            routes.MapGet("/api/webhooks/{id}", (HttpContext context, string id, WebhookDoors doors) => doors.FindAsync(context, id)),
            "One endpoint.");
        Read<DeliveryPage>(
            routes.MapGet("/api/webhooks/{id}/deliveries", (HttpContext context, string id, WebhookDoors doors) => doors.DeliveriesAsync(context, id)),
            "What became of each event, newest first; filter state.");
        Read<AttemptPage>(
            routes.MapGet("/api/webhooks/{id}/attempts", (HttpContext context, string id, WebhookDoors doors) => doors.AttemptsAsync(context, id)),
            "Each attempt, newest first; filters eventId, failedOnly.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.WebhooksWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static void Read<TReply>(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.WebhooksRead)
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary(summary);
}

/// <summary>Sends while this node has the lease.</summary>
internal sealed class WebhookService(ClusterLeases leases, WebhookDispatcher dispatcher, WebhookKeeper keeper) : BackgroundService
{
    private const string Lease = "webhooks";

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WebhookMetrics.Begin();
        return leases.RunAsync(Lease, SendAsync, stoppingToken);
    }

    private async Task SendAsync(ClusterLease lease, CancellationToken cancellationToken)
    {
        // Should one of the two fail, the other ends with it, and both begin anew.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = new[] { dispatcher.RunAsync(both.Token), keeper.RunAsync(both.Token) };
        await Task.WhenAny(work);
        await both.CancelAsync();
        await Task.WhenAll(work);
    }
}
