using System.Globalization;
using System.Text;
using System.Text.Json;
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
        await AnswerWithSecretAsync(context, tenant, await lanes.SubmitAsync(command, context.RequestAborted), StatusCodes.Status201Created);
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
        await AnswerWithSecretAsync(context, actor.Tenant, await lanes.SubmitAsync(command, context.RequestAborted), StatusCodes.Status200OK);
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

    // What is no id names no key; ids begin at 1.
    private static long IdOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private async Task AnswerAsync(HttpContext context, Command command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, ApiKeyJson.Default.ApiKeyReply);
    }

    /// <summary>Answers a key together with the secret that the call made, also when the call is repeated.</summary>
    private async Task AnswerWithSecretAsync(HttpContext context, TenantId tenant, Outcome outcome, int status)
    {
        var reply = outcome switch
        {
            Outcome.Applied applied => (ApiKeyReply)applied.Reply,
            Outcome.Replayed { Reply: { Applied: true } frozen } => JsonSerializer.Deserialize(frozen.Body, ApiKeyJson.Default.ApiKeyReply),
            _ => null,
        };
        if (reply is null)
        {
            await WriteResponse.WriteAsync(context, outcome, status, ApiKeyJson.Default.ApiKeyReply);
            return;
        }

        if (outcome is Outcome.Replayed)
        {
            context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
        }

        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status201Created)
        {
            context.Response.Headers.Location = "/api/keys/" + reply.Id;
        }

        // A reply is kept as it was, also when the master key is dropped that its secret is under: then it is told without.
        var shown = vault.Knows(reply.SealedSecret!)
            ? Encoding.UTF8.GetString(vault.Open(tenant, ApiKey.SecretPurpose, IdOf(reply.Id), reply.SealedSecret!))
            : null;
        await WriteResponse.WriteAsync(context, status, reply with { Key = shown, SealedSecret = null }, ApiKeyJson.Default.ApiKeyReply);
    }
}
