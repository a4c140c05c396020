using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Laurel.Membership.Orders;

/// <summary>How a Dapr sidecar brings the shop's events.</summary>
/// <param name="Token">What the sidecar sends as <c>dapr-api-token</c> (its <c>APP_API_TOKEN</c>).</param>
/// <param name="PubSub">The name of its pub/sub component.</param>
/// <param name="Topics">The topics to subscribe to. An event names its tenant by its attribute <c>tenant</c>; without, it is the platform's own.</param>
public sealed record DaprOptions(string Token, string PubSub, IReadOnlyList<string> Topics);

/// <summary>One subscription, in Dapr's words.</summary>
internal sealed record DaprSubscription(
    [property: JsonPropertyName("pubsubname")] string PubSubName,
    [property: JsonPropertyName("topic")] string Topic,
    [property: JsonPropertyName("route")] string Route);

/// <summary>What Dapr is to do with a message: <c>SUCCESS</c>, <c>RETRY</c> or <c>DROP</c>.</summary>
internal sealed record DaprStatus([property: JsonPropertyName("status")] string Status);

[JsonSerializable(typeof(DaprSubscription[]))]
[JsonSerializable(typeof(DaprStatus))]
internal sealed partial class DaprJson : JsonSerializerContext;

/// <summary>The door for a Dapr sidecar (Dapr's pub/sub API, programmatic subscriptions): it asks where its topics are to be delivered,
/// and delivers each message there. What is done with an event is the same as at <c>POST /api/events</c>.</summary>
internal static partial class DaprModule
{
    public const string TokenHeader = "dapr-api-token";

    private const string EventsPath = "/dapr/events";

    private const string Success = "SUCCESS";
    private const string Retry = "RETRY";
    private const string Drop = "DROP";

    public static void MapDapr(this IEndpointRouteBuilder routes, DaprOptions options)
    {
        // The sidecar has no key of ours: its token is compared by the endpoints themselves.
        routes.MapGet("/dapr/subscribe", context => SubscribeAsync(context, options))
            .AllowAnonymousAccess()
            .WithSummary("Tells a Dapr sidecar which topics to deliver where.");
        routes.MapPost(
                EventsPath,
                (HttpContext context, EventIntake intake, TenantDirectory tenants, ILogger<DaprOptions> logger) =>
                    ReceiveAsync(context, options, intake, tenants, logger))
            .AllowAnonymousAccess()
            .Produces<DaprStatus>()
            .WithSummary("Takes one message of a Dapr topic: a CloudEvent of the shop.");
    }

    private static async Task SubscribeAsync(HttpContext context, DaprOptions options)
    {
        if (await RefuseAsync(context, options))
        {
            return;
        }

        DaprSubscription[] subscriptions = [.. options.Topics.Select(topic => new DaprSubscription(options.PubSub, topic, EventsPath))];
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, subscriptions, DaprJson.Default.DaprSubscriptionArray);
    }

    private static async Task ReceiveAsync(HttpContext context, DaprOptions options, EventIntake intake, TenantDirectory tenants, ILogger logger)
    {
        if (await RefuseAsync(context, options))
        {
            return;
        }

        var named = EventTenant.Of(await BodyAsync(context));
        if (await tenants.FindAsync(named ?? Tenant.Platform.ToString(), context.RequestAborted) is not { } tenant)
        {
            Dropped(logger, ErrorCode.TenantNotFound);
            await AnswerAsync(context, Drop);
            return;
        }

        if (tenant.IsSuspended)
        {
            // It may go on; the sidecar's own policy says for how long it is tried.
            await AnswerAsync(context, Retry);
            return;
        }

        var message = await EventMessage.ReadAsync(tenant.Id, context, named is not null, context.RequestAborted);
        await intake.RunAsync([message], context.RequestAborted);
        var status = StatusOf(message);
        if (status == Drop)
        {
            Dropped(logger, message.FirstFailure!.Refusal.Code);
        }

        await AnswerAsync(context, status);
    }

    private static Task AnswerAsync(HttpContext context, string status) =>
        WriteResponse.WriteAsync(context, StatusCodes.Status200OK, new DaprStatus(status), DaprJson.Default.DaprStatus);

    /// <summary>The body, which can be read again.</summary>
    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        return body.ToArray();
    }

    /// <summary>What is broken, busy or not there yet may be applied later; what is refused never will be.</summary>
    private static string StatusOf(EventMessage message)
    {
        if (Array.Exists(message.Results, result => result.Outcome is Outcome.Failed || result.MayBeAppliedLater))
        {
            return Retry;
        }

        return message.FirstFailure is null ? Success : Drop;
    }

    private static async Task<bool> RefuseAsync(HttpContext context, DaprOptions options)
    {
        var sent = context.Request.Headers[TokenHeader];
        if (sent.Count == 1 && CryptographicOperations.FixedTimeEquals(Hash(sent.ToString()), Hash(options.Token)))
        {
            return false;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.Unauthorized), context.RequestAborted);
        return true;
    }

    // Of one length, so that comparing tells nothing of the token's.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    [LoggerMessage(110, LogLevel.Warning, "A message of Dapr was dropped: {Code}.")]
    private static partial void Dropped(ILogger logger, string code);
}
