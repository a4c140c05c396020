using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Tenants;

/// <summary>What each call of <c>/api/tenants</c> does.</summary>
internal sealed class TenantDoors(
    LaneSet lanes, Database database, TenantRegisterKind kind, TenantDirectory directory, SecretVault secrets, BeginTenant begin)
{
    private static readonly SecretResponse<TenantReply> s_withKey = new(
        TenantJson.Default.TenantReply,
        reply => new SealedSecret(TenantOf(reply), TenantKey.Purpose, TenantOf(reply).Value, reply.SealedKey!),
        (reply, key) => reply with { ApiKey = key is null ? null : TenantKey.Show(key), SealedKey = null },
        reply => "/api/tenants/" + reply.Code);

    public async Task CreateAsync(HttpContext context)
    {
        if (await WriteRequests.ReadAsync(context, CreateTenantBody.Read) is { } request)
        {
            var command = new CreateTenant(request.Body, kind, secrets, begin) { Idempotency = request.Idempotency };
            await s_withKey.WriteAsync(context, await SubmitAsync(context, command), StatusCodes.Status201Created, secrets);
        }
    }

    public async Task ChangeAsync(HttpContext context, string code)
    {
        if (await WriteRequests.ReadAsync(context, TenantBody.Read) is { } request)
        {
            await AnswerAsync(context, new ChangeTenant(code, request.Body, kind) { Idempotency = request.Idempotency });
        }
    }

    public async Task SuspendAsync(HttpContext context, string code)
    {
        if (await WriteRequests.ReadAsync(context, SuspendTenantBody.Read) is { } request)
        {
            await AnswerAsync(context, new SuspendTenant(code, request.Body.Reason, kind) { Idempotency = request.Idempotency });
        }
    }

    public Task ResumeAsync(HttpContext context, string code) => AnswerAsync(context, new ResumeTenant(code, kind));

    public async Task ListAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var after = (int)Math.Clamp(query.CursorOrNull(1)?[0] ?? 0, 0, int.MaxValue);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var found = await TenantQueries.PageAsync(database, after, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(found[limit - 1].Id.Value) : null;
        var page = new TenantPage([.. found.Take(limit).Select(TenantReply.Of)], next);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, TenantJson.Default.TenantPage);
    }

    public async Task FindAsync(HttpContext context, string code)
    {
        var all = await TenantQueries.AllAsync(database, context.RequestAborted);
        if (all.FirstOrDefault(tenant => tenant.Code == code) is { } found)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, TenantReply.Of(found), TenantJson.Default.TenantReply);
            return;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.TenantNotFound), context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context, Command command) =>
        await WriteResponse.WriteAsync(context, await SubmitAsync(context, command), StatusCodes.Status200OK, TenantJson.Default.TenantReply);

    /// <summary>This node obeys at once; the others when they look the next time.</summary>
    private async Task<Outcome> SubmitAsync(HttpContext context, Command command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Applied)
        {
            await directory.RefreshAsync(context.RequestAborted);
        }

        return outcome;
    }

    private static TenantId TenantOf(TenantReply reply) => new(int.Parse(reply.Id, CultureInfo.InvariantCulture));
}
