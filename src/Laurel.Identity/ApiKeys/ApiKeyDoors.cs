using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.ApiKeys;

/// <summary>What each call of <c>/api/keys</c> does.</summary>
internal sealed class ApiKeyDoors(LaneSet lanes, ApiKeyQueries queries, ApiKeyTools tools, SecretVault vault, TimeProvider clock)
{
    public async Task CreateAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, ApiKeyBody.ReadNew(clock)) is not { } request)
        {
            return;
        }

        var (actor, tenant) = (request.Actor, request.Actor.Tenant);
        if (await queries.CountAsync(tenant, context.RequestAborted) >= ApiKey.KeysMax)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.ApiKeyLimitReached, ("max", ApiKey.KeysMax)), context.RequestAborted);
            return;
        }

        var command = new CreateApiKey(tenant, request.Body, actor.Permissions, tools) { Idempotency = request.Idempotency, By = actor.Hands };
        await WithSecret(tenant).WriteAsync(context, await lanes.SubmitAsync(command, context.RequestAborted), StatusCodes.Status201Created, vault);
    }

    public async Task ReplaceAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, ApiKeyBody.ReadChange(clock)) is not { } request)
        {
            return;
        }

        var actor = request.Actor;
        var command = new ReplaceApiKey(actor.Tenant, IdOf(id), request.Body, actor.Permissions, tools) { Idempotency = request.Idempotency, By = actor.Hands };
        await AnswerAsync(context, command);
    }

    public async Task RotateAsync(HttpContext context, string id)
    {
        if (await WriteRequests.ReadAsync(context, RotateApiKeyBody.Read) is not { } request)
        {
            return;
        }

        var actor = request.Actor;
        var grace = TimeSpan.FromHours(request.Body.GraceHours ?? RotateApiKeyBody.GraceHoursDefault);
        var command = new RotateApiKey(actor.Tenant, IdOf(id), grace, actor.Permissions, tools) { Idempotency = request.Idempotency, By = actor.Hands };
        await WithSecret(actor.Tenant).WriteAsync(context, await lanes.SubmitAsync(command, context.RequestAborted), StatusCodes.Status200OK, vault);
    }

    public Task RevokeAsync(HttpContext context, string id) => AnswerAsync(context, new RevokeApiKey(context.Actor().Tenant, IdOf(id), tools));

    public async Task ListAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var cursor = query.CursorOrNull(1);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var found = await queries.PageAsync(context.Actor().Tenant, cursor?[0] ?? 0, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(IdOf(found[limit - 1].Id)) : null;
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, new ApiKeyPage([.. found.Take(limit)], next), ApiKeyJson.Default.ApiKeyPage);
    }

    public async Task FindAsync(HttpContext context, string id)
    {
        if (await queries.FindAsync(context.Actor().Tenant, IdOf(id), context.RequestAborted) is { } key)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, key, ApiKeyJson.Default.ApiKeyReply);
            return;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.ApiKeyNotFound), context.RequestAborted);
    }

    private static SecretResponse<ApiKeyReply> WithSecret(TenantId tenant) => new(
        ApiKeyJson.Default.ApiKeyReply,
        reply => new SealedSecret(tenant, ApiKey.SecretPurpose, IdOf(reply.Id), reply.SealedSecret!),
        (reply, secret) => reply with { Key = secret is null ? null : Encoding.UTF8.GetString(secret), SealedSecret = null },
        reply => "/api/keys/" + reply.Id);

    // What is no id names no key; ids begin at 1.
    private static long IdOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private async Task AnswerAsync(HttpContext context, Command command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, ApiKeyJson.Default.ApiKeyReply);
    }
}
