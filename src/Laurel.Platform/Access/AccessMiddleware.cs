using System.Net.Mime;
using Laurel.Engine.Audit;
using Laurel.Kernel;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Access;

/// <summary>Lets a call through to its endpoint only when the endpoint says to whom it is open and the caller is one of
/// them. Runs after routing.</summary>
/// <remarks>No endpoint: 404. No declaration: 403 for everybody. No valid key, access token or signature: 401. A call that names another tenant than its
/// credentials, a suspended tenant, and another tenant than the platform's where the endpoint is about the installation: 403. A missing permission: 403, but for a
/// member where the endpoint is open to its owner and the member asks for itself. Staff that has to show more (<see cref="StaffProof"/>): 403. Too many
/// calls: 429. A signed call is admitted last of all, for that spends its nonce. An open endpoint that asks who calls is told, and bad credentials are refused
/// there too.</remarks>
/// <param name="signatures">Null where no call can be signed: then no signature is good.</param>
public sealed partial class AccessMiddleware(
    RequestDelegate next,
    Credentials credentials,
    TenantDirectory tenants,
    StaffProof staff,
    RateLimitGate limits,
    ClientAddresses addresses,
    ILogger<AccessMiddleware> log,
    SignedCalls? signatures = null)
{
    private const string Caller = "me";
    private const string NoPermission = "(none declared)";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            return ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.NotFound), context.RequestAborted);
        }

        var required = endpoint.Metadata.GetOrderedMetadata<RequiredPermission>();
        if (required.Count > 0)
        {
            return AuthorizeAsync(context, required);
        }

        if (endpoint.Metadata.GetMetadata<CallerAccess>() is not null && context.Request.Headers.Authorization.Count > 0)
        {
            return AuthorizeAsync(context, []);
        }

        if (endpoint.Metadata.GetMetadata<AnonymousAccess>() is not null || endpoint.Metadata.GetMetadata<SignedAccess>() is not null)
        {
            return RunAsync(context, null);
        }

        if (IsRoutersOwn(endpoint))
        {
            return ExplainAsync(context);
        }

        LogUndeclared(log, endpoint.DisplayName);
        return ProblemResponse.WriteAsync(context, Forbidden(NoPermission), context.RequestAborted);
    }

    private Task AuthorizeAsync(HttpContext context, IReadOnlyList<RequiredPermission> required)
    {
        if (context.Features.Get<KnownCaller>() is { Actor: var known })
        {
            return AdmitAsync(context, required, known, ofTenant: null);
        }

        if (signatures is not null && SignedCalls.IsSigned(context.Request))
        {
            return AuthorizeSignedAsync(context, required, signatures);
        }

        var judged = credentials.JudgeAsync(context);
        return judged.IsCompletedSuccessfully ? AdmitAsync(context, required, judged.Result) : AwaitAsync(context, required, judged);
    }

    private async Task AwaitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, ValueTask<Judgement> judged) =>
        await AdmitAsync(context, required, await judged);

    private Task AdmitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, Judgement judged)
    {
        if (judged.IsKnown)
        {
            return AdmitAsync(context, required, judged.Actor!, judged.Refusal);
        }

        NoteCaller(context, judged.Actor);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemResponse.WriteAsync(context, judged.Refusal!, context.RequestAborted);
    }

    private Task AdmitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor, Refusal? ofTenant)
    {
        if (JudgeKnown(context, required, actor, ofTenant) is { } refusal)
        {
            NoteCaller(context, actor);
            return ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
        }

        context.Features.Set(actor);
        return RunAsync(context, actor);
    }

    /// <summary>Why a caller who is known is not admitted; null when it is.</summary>
    private Refusal? JudgeKnown(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor, Refusal? ofTenant) =>
        ofTenant
        ?? OfPlatform(context, actor)
        ?? (MissingOf(context, required, actor) is { } missing ? Forbidden(missing) : staff.Judge(context, required, actor));

    /// <summary>Tells the audit whose call is refused, as far as that is known.</summary>
    private static void NoteCaller(HttpContext context, Actor? actor)
    {
        if (actor is not null)
        {
            context.Features.Set(new RefusedCaller(actor));
        }
    }

    private async Task AuthorizeSignedAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, SignedCalls signed)
    {
        var (actor, call, refusal) = await signed.JudgeAsync(context);
        if (refusal is not null)
        {
            NoteCaller(context, actor);
            await RefuseSignatureAsync(context, refusal);
            return;
        }

        // A key signs nobody in, so nothing more is asked for than its permissions.
        if (JudgeKnown(context, required, actor!, await tenants.JudgeAsync(context, actor!.Tenant)) is { } known)
        {
            NoteCaller(context, actor);
            await ProblemResponse.WriteAsync(context, known, context.RequestAborted);
            return;
        }

        context.Features.Set(actor);
        TakeOrigin(context, actor);
        RequestDelegate admitted = async _ =>
        {
            if (await signed.AdmitAsync(context, actor!, call!) is { } late)
            {
                await RefuseSignatureAsync(context, late);
                return;
            }

            await next(context);
        };
        await limits.RunAsync(context, actor, admitted);
    }

    private Task RunAsync(HttpContext context, Actor? actor)
    {
        TakeOrigin(context, actor);
        return limits.RunAsync(context, actor, next);
    }

    /// <summary>Lets the commands of the call know where they come from. Those that only ask make none.</summary>
    private void TakeOrigin(HttpContext context, Actor? actor) =>
        Origin.Current = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? null : CallOrigin.Of(context, actor, addresses);

    private static Task RefuseSignatureAsync(HttpContext context, Refusal refusal)
    {
        AccessMetrics.SignatureRefused(refusal.Code);
        if (ErrorCatalog.Get(refusal.Code).Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = SignedCall.Algorithm;
        }

        return ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
    }

    /// <summary>Why a call about the installation is refused to others than the platform's own; null where it is not.</summary>
    private static Refusal? OfPlatform(HttpContext context, Actor actor) =>
        actor.Tenant != Tenant.Platform && context.GetEndpoint()?.Metadata.GetMetadata<PlatformAccess>() is not null ? new Refusal(ErrorCode.PlatformOnly) : null;

    /// <summary>A permission that the caller needs and has not; null when it has all, or asks for itself where that is enough.</summary>
    private static string? MissingOf(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor)
    {
        foreach (var permission in required)
        {
            if (!actor.May(permission.Name) && !IsForCaller(context, actor))
            {
                return permission.Name;
            }
        }

        return null;
    }

    /// <summary>Whether the caller asks for itself what owners may ask for; then the call names it, whatever it said before.</summary>
    private static bool IsForCaller(HttpContext context, Actor actor) =>
        actor.Member is { } member
        && context.GetEndpoint()?.Metadata.GetMetadata<OwnerAccess>() is { } owner
        && actor.May(owner.Permission)
        && owner.Place switch
        {
            OwnerPlace.Caller => true,
            OwnerPlace.Route => NamesInRoute(context.Request.RouteValues, owner.Name, member),
            OwnerPlace.Query => NamesInQuery(context.Request, owner.Name, member),
        };

    private static bool NamesInRoute(RouteValueDictionary values, string name, MemberId member)
    {
        var own = member.ToString();
        var isOwn = values[name] is string named && (named == Caller || named == own);
        if (isOwn)
        {
            values[name] = own;
        }

        return isOwn;
    }

    private static bool NamesInQuery(HttpRequest request, string name, MemberId member)
    {
        var own = member.ToString();
        if (request.Query.TryGetValue(name, out var named))
        {
            return named.Count == 1 && named[0] == own;
        }

        request.QueryString = request.QueryString.Add(name, own);
        return true;
    }

    private async Task ExplainAsync(HttpContext context)
    {
        await next(context);
        var refusal = context.Response.StatusCode switch
        {
            StatusCodes.Status405MethodNotAllowed => new Refusal(ErrorCode.MethodNotAllowed),
            StatusCodes.Status415UnsupportedMediaType =>
                new Refusal(ErrorCode.MediaTypeUnsupported, ("expected", MediaTypeNames.Application.Json)),
            _ => null,
        };
        if (refusal is not null && !context.Response.HasStarted)
        {
            await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
        }
    }

    // The router answers a wrong method or media type with an endpoint of its own, which runs nothing of ours and can
    // be told only by its name.
    private static bool IsRoutersOwn(Endpoint endpoint) =>
        endpoint.Metadata.Count == 0
        && endpoint.DisplayName is "405 HTTP Method Not Supported" or "415 HTTP Unsupported Media Type";

    private static Refusal Forbidden(string permission) => new(ErrorCode.Forbidden, ("permission", permission));

    [LoggerMessage(Level = LogLevel.Error, Message = "Endpoint {Endpoint} declares no access and is refused.")]
    private static partial void LogUndeclared(ILogger log, string? endpoint);
}

/// <summary>Puts <see cref="AccessMiddleware"/> into the pipeline.</summary>
public static class AccessPipeline
{
    /// <summary>Call it after routing and before anything that runs endpoints.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.UseMiddleware<AccessMiddleware>();
}
