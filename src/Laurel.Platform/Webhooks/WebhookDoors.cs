using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Outside;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Webhooks;

/// <summary>What each call of <c>/api/webhooks</c> does.</summary>
internal sealed class WebhookDoors(
    LaneSet lanes,
    WebhookQueries queries,
    WebhookEndpointKind kind,
    PublicUrl rule,
    WebhookClient client,
    WebhookDispatcher dispatcher,
    WebhookResend resend,
    SecretVault secrets,
    TimeProvider clock)
{
    public async Task CreateAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, WebhookBody.ReadNew(rule)) is not { } request
            || await RefuseUrlAsync(context, request.Body))
        {
            return;
        }

        var tenant = request.Actor.Tenant;
        if (await queries.CountEndpointsAsync(tenant, context.RequestAborted) >= WebhookOptions.EndpointsMax)
        {
            var refusal = new Refusal(ErrorCode.WebhookLimitReached, ("max", WebhookOptions.EndpointsMax));
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
            return;
        }

        var command = new CreateWebhook(tenant, request.Body, kind, secrets) { Idempotency = request.Idempotency };
        await WithSecret(tenant).WriteAsync(context, await SubmitAsync(context, command), StatusCodes.Status201Created, secrets);
    }

    public async Task ChangeAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, WebhookBody.ReadChange(rule)) is not { } request
            || await RefuseUrlAsync(context, request.Body))
        {
            return;
        }

        var command = new ChangeWebhook(request.Actor.Tenant, IdOf(id), request.Body, kind) { Idempotency = request.Idempotency };
        var outcome = await SubmitAsync(context, command);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, WebhookJson.Default.WebhookReply);
    }

    public async Task RotateAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, RotateSecretBody.Read) is not { } request)
        {
            return;
        }

        var tenant = request.Actor.Tenant;
        var grace = TimeSpan.FromHours(request.Body.GraceHours ?? RotateSecretBody.GraceHoursDefault);
        var command = new RotateWebhookSecret(tenant, IdOf(id), grace, kind, secrets) { Idempotency = request.Idempotency };
        await WithSecret(tenant).WriteAsync(context, await SubmitAsync(context, command), StatusCodes.Status200OK, secrets);
    }

    public async Task DeleteAsync(HttpContext context, string id)
    {
        var outcome = await SubmitAsync(context, new DeleteWebhook(context.Actor().Tenant, IdOf(id), kind));
        if (outcome is Outcome.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, WebhookJson.Default.WebhookReply);
    }

    public async Task ListAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var cursor = query.CursorOrNull(1);
        if (await RefuseAsync(context, query))
        {
            return;
        }

        var found = await queries.PageAsync(context.Actor().Tenant, cursor?[0] ?? 0, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(found[limit - 1].Id) : null;
        var page = new WebhookPage([.. found.Take(limit).Select(WebhookReply.Of)], next);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, WebhookJson.Default.WebhookPage);
    }

    public async Task FindAsync(HttpContext context, string id)
    {
        if (await EndpointAsync(context, id) is { } endpoint)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, WebhookReply.Of(endpoint), WebhookJson.Default.WebhookReply);
        }
    }

    public async Task DeliveriesAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var cursor = query.CursorOrNull(2);
        var state = query.ChoiceOrNull("state", "waiting", "delivered", "failed");
        if (await RefuseAsync(context, query) || await EndpointAsync(context, id) is not { } endpoint)
        {
            return;
        }

        var before = cursor is null ? new EventPlace(long.MaxValue, 0) : new EventPlace(cursor[0], (int)Math.Clamp(cursor[1], 0, int.MaxValue));
        var wanted = state switch
        {
            "waiting" => DeliveryState.Waiting,
            "delivered" => DeliveryState.Delivered,
            "failed" => DeliveryState.Failed,
            _ => (DeliveryState?)null,
        };
        var found = await queries.DeliveriesAsync(endpoint, before, wanted, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(found[limit - 1].BatchId, found[limit - 1].EventIndex) : null;
        var page = new DeliveryPage([.. found.Take(limit).Select(delivery => delivery.ToReply())], next);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, WebhookJson.Default.DeliveryPage);
    }

    public async Task AttemptsAsync(HttpContext context, string id)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var cursor = query.CursorOrNull(1);
        var eventId = query.IdentifierOrNull("eventId", EventPlace.TextLengthMax);
        var failedOnly = query.Flag("failedOnly", byDefault: false);
        if (await RefuseAsync(context, query) || await EndpointAsync(context, id) is not { } endpoint)
        {
            return;
        }

        // An id that is not of the store's form is of no event: nothing was attempted.
        EventPlace? of = eventId is null ? null : EventPlace.TryParse(eventId, out var place) ? place : new EventPlace(-1, -1);
        var found = await queries.AttemptsAsync(endpoint, cursor?[0] ?? long.MaxValue, of, failedOnly, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(found[limit - 1].Id) : null;
        var page = new AttemptPage([.. found.Take(limit).Select(attempt => attempt.ToReply())], next);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, WebhookJson.Default.AttemptPage);
    }

    public async Task TestAsync(HttpContext context, string id)
    {
        if (await EndpointAsync(context, id) is not { } endpoint)
        {
            return;
        }

        var startedAt = clock.GetUtcNow();
        var eventId = string.Create(CultureInfo.InvariantCulture, $"test-{Instant.From(startedAt).UnixMicroseconds}");
        var body = TestEvent(endpoint, eventId, startedAt);
        var result = await client.SendAsync(dispatcher.TargetOf(endpoint), eventId, body, context.RequestAborted);
        var reply = new AttemptReply
        {
            EventId = null,
            Attempt = 1,
            AttemptedAt = startedAt,
            DurationMilliseconds = (int)result.Duration.TotalMilliseconds,
            Delivered = result.Delivered,
            Status = result.Status,
            Error = result.Error,
            Response = result.Response,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, WebhookJson.Default.AttemptReply);
    }

    public async Task ResendAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ResendBody.Read) is not { } request
            || await EndpointAsync(context, id) is not { } endpoint)
        {
            return;
        }

        var body = request.Body;
        if (body.EventId is { } eventId)
        {
            var outcome = await resend.OneAsync(endpoint, eventId, request.Idempotency, context.RequestAborted);
            dispatcher.Wake([endpoint.Id]);
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, WebhookJson.Default.ResendReply);
            return;
        }

        var from = Instant.From(body.From!.Value);
        var until = body.Until is { } end ? Instant.From(end) : Instant.Now(clock);
        var reply = await resend.RangeAsync(endpoint, from, until, body.FailedOnly, context.RequestAborted);
        dispatcher.Wake([endpoint.Id]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, WebhookJson.Default.ResendReply);
    }

    // What is no id names no endpoint.
    private static long IdOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static byte[] TestEvent(WebhookEndpoint endpoint, string id, DateTimeOffset time) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = $"/laurel/tenants/{endpoint.Tenant}",
        ["type"] = "webhook.test",
        ["time"] = Instant.From(time).ToString(),
        ["datacontenttype"] = "application/json",
        ["data"] = new JsonObject { ["webhook_id"] = endpoint.Id.ToString(CultureInfo.InvariantCulture) },
    });

    private async Task<Outcome> SubmitAsync(HttpContext context, Command command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        if (outcome is Outcome.Applied)
        {
            dispatcher.EndpointsChanged();
        }

        return outcome;
    }

    private static SecretResponse<WebhookReply> WithSecret(TenantId tenant) => new(
        WebhookJson.Default.WebhookReply,
        reply => new SealedSecret(tenant, WebhookEndpoint.SecretPurpose, IdOf(reply.Id), reply.SealedSecret!),
        (reply, secret) => reply with { Secret = secret is null ? null : WebhookSecret.Show(secret), SealedSecret = null },
        reply => "/api/webhooks/" + reply.Id);

    /// <summary>Answers a URL whose name leads where webhooks may not be sent.</summary>
    private async Task<bool> RefuseUrlAsync(HttpContext context, WebhookBody body)
    {
        if (body.Url is null || await rule.FaultOfHostAsync(new Uri(body.Url), context.RequestAborted) is not { } fault)
        {
            return false;
        }

        var error = new FieldError(ErrorCode.WebhookUrlRefused, FieldOrigin.Body, "/url", ("expected", fault));
        await ProblemResponse.WriteAsync(context, [error], context.RequestAborted);
        return true;
    }

    private static async Task<bool> RefuseAsync(HttpContext context, QueryFields query)
    {
        query.RefuseUnknown();
        if (query.Failure is not { } failure)
        {
            return false;
        }

        await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
        return true;
    }

    private async Task<WebhookEndpoint?> EndpointAsync(HttpContext context, string id)
    {
        var endpoint = await queries.FindAsync(context.Actor().Tenant, IdOf(id), context.RequestAborted);
        if (endpoint is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.WebhookNotFound), context.RequestAborted);
        }

        return endpoint;
    }
}
