using Laurel.Kernel;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Tenants;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Access;

/// <summary>Whose the credentials of a request are, or why they are not taken.</summary>
/// <param name="Actor">Who calls; of credentials that are good no more, whose they were, where that is known.</param>
/// <param name="Refusal">Null when they are taken.</param>
/// <param name="IsKnown">Whether the credentials are good; then a refusal is about the tenant.</param>
public readonly record struct Judgement(Actor? Actor, Refusal? Refusal, bool IsKnown);

/// <summary>Tells whose an API key or an access token is: for calls, and for what outlasts them.</summary>
/// <remarks>Most calls are answered from memory, at once. Signed calls are <see cref="SignedCalls"/>'s.</remarks>
public sealed class Credentials(ApiKeyCache keys, IAccessTokens tokens, TenantDirectory tenants, StaffProof staff)
{
    private const string Scheme = "Bearer ";

    /// <summary>Judges the header <c>Authorization</c> of a request, and whether its tenant lets it in.</summary>
    public ValueTask<Judgement> JudgeAsync(HttpContext context)
    {
        var presented = PresentedBy(context.Request);
        var search = presented.Contains('.') && !presented.ContainsAnyExceptInRange('!', '~')
            ? FindPersonAsync(context, presented)
            : keys.FindAsync(presented, context.RequestAborted);
        return search.IsCompletedSuccessfully ? JudgeAsync(context, search.Result) : AwaitAsync(context, search);
    }

    /// <summary>Judges credentials that came with what outlasts its call, as the call itself would be judged at an endpoint that is open to any caller
    /// (<see cref="CallerAccess"/>). The audit hears of a refusal.</summary>
    public async ValueTask<Judgement> JudgeCallerAsync(HttpContext context)
    {
        var judged = await JudgeAsync(context);
        if ((judged.Refusal ?? staff.Judge(context, [], judged.Actor!)) is not { } refusal)
        {
            return judged;
        }

        if (judged.Actor is { } actor)
        {
            context.Features.Set(new RefusedCaller(actor));
        }

        RefusedCalls.Note(context, ErrorCatalog.Get(refusal.Code));
        return judged with { Refusal = refusal };
    }

    private async ValueTask<Judgement> AwaitAsync(HttpContext context, ValueTask<Actor?> search) => await JudgeAsync(context, await search);

    private ValueTask<Judgement> JudgeAsync(HttpContext context, Actor? actor)
    {
        if (actor is null)
        {
            var refused = keys.FindRefused(PresentedBy(context.Request));
            return ValueTask.FromResult(new Judgement(refused, new Refusal(ErrorCode.Unauthorized), IsKnown: false));
        }

        var judged = tenants.JudgeAsync(context, actor.Tenant);
        return judged.IsCompletedSuccessfully ? ValueTask.FromResult(new Judgement(actor, judged.Result, IsKnown: true)) : AwaitAsync(actor, judged);
    }

    private static async ValueTask<Judgement> AwaitAsync(Actor actor, ValueTask<Refusal?> judged) => new(actor, await judged, IsKnown: true);

    private ValueTask<Actor?> FindPersonAsync(HttpContext context, ReadOnlySpan<char> token) => tenants.IsRead
        ? tokens.FindAsync(token, tenants.NamedBy(context.Request), context.RequestAborted)
        : FindFirstPersonAsync(context, token.ToString());

    private async ValueTask<Actor?> FindFirstPersonAsync(HttpContext context, string token)
    {
        await tenants.RefreshAsync(context.RequestAborted);
        return await tokens.FindAsync(token, tenants.NamedBy(context.Request), context.RequestAborted);
    }

    private static ReadOnlySpan<char> PresentedBy(HttpRequest request)
    {
        var headers = request.Headers.Authorization;
        return headers.Count == 1 && headers[0] is { } header
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? header.AsSpan(Scheme.Length).Trim(' ')
                : default;
    }
}
