using System.Net.Mime;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Access;

/// <summary>Lets a call through to its endpoint only when the endpoint says to whom it is open and the caller is one of
/// them. Runs after routing.</summary>
/// <remarks>No endpoint: 404. No declaration: 403 for everybody. No valid key or access token: 401. A call that names another tenant than its
/// credentials, a suspended tenant, and another tenant than the platform's where the endpoint is about the installation: 403. A missing permission: 403, but for a
/// member where the endpoint is open to its owner and the member asks for itself.</remarks>
public sealed partial class AccessMiddleware(RequestDelegate next, ApiKeyCache keys, IAccessTokens tokens, TenantDirectory tenants, ILogger<AccessMiddleware> log)
{
    private const string Scheme = "Bearer ";
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

        if (endpoint.Metadata.GetMetadata<AnonymousAccess>() is not null || endpoint.Metadata.GetMetadata<SignedAccess>() is not null)
        {
            return next(context);
        }

        if (IsRoutersOwn(endpoint))
        {
            return ExplainAsync(context);
        }

        LogUndeclared(log, endpoint.DisplayName);
        return ForbidAsync(context, NoPermission);
    }

    private Task AuthorizeAsync(HttpContext context, IReadOnlyList<RequiredPermission> required)
    {
        var presented = PresentedBy(context.Request);
        var search = presented.Contains('.') && IsPrintable(presented)
            ? tokens.FindAsync(presented, context.RequestAborted)
            : keys.FindAsync(presented, context.RequestAborted);
        return search.IsCompletedSuccessfully
            ? AdmitAsync(context, required, search.Result)
            : AwaitAsync(context, required, search);
    }

    private async Task AwaitAsync(
        HttpContext context,
        IReadOnlyList<RequiredPermission> required,
        ValueTask<Actor?> search) =>
        await AdmitAsync(context, required, await search);

    private Task AdmitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor? actor)
    {
        if (actor is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.Unauthorized), context.RequestAborted);
        }

        var judged = tenants.JudgeAsync(context, actor.Tenant);
        return judged.IsCompletedSuccessfully ? AdmitAsync(context, required, actor, judged.Result) : AwaitAsync(context, required, actor, judged);
    }

    private async Task AwaitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor, ValueTask<Refusal?> judged) =>
        await AdmitAsync(context, required, actor, await judged);

    private Task AdmitAsync(HttpContext context, IReadOnlyList<RequiredPermission> required, Actor actor, Refusal? ofTenant)
    {
        if (ofTenant is not null)
        {
            return ProblemResponse.WriteAsync(context, ofTenant, context.RequestAborted);
        }

        if (actor.Tenant != Tenant.Platform && context.GetEndpoint()?.Metadata.GetMetadata<PlatformAccess>() is not null)
        {
            return ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.PlatformOnly), context.RequestAborted);
        }

        foreach (var permission in required)
        {
            if (!actor.May(permission.Name) && !IsForCaller(context, actor))
            {
                return ForbidAsync(context, permission.Name);
            }
        }

        context.Features.Set(actor);
        return next(context);
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

    private static bool IsPrintable(ReadOnlySpan<char> presented) => !presented.ContainsAnyExceptInRange('!', '~');

    private static ReadOnlySpan<char> PresentedBy(HttpRequest request)
    {
        var headers = request.Headers.Authorization;
        return headers.Count == 1 && headers[0] is { } header
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? header.AsSpan(Scheme.Length).Trim(' ')
                : default;
    }

    private static Task ForbidAsync(HttpContext context, string permission) =>
        ProblemResponse.WriteAsync(
            context,
            new Refusal(ErrorCode.Forbidden, ("permission", permission)),
            context.RequestAborted);

    [LoggerMessage(Level = LogLevel.Error, Message = "Endpoint {Endpoint} declares no access and is refused.")]
    private static partial void LogUndeclared(ILogger log, string? endpoint);
}

/// <summary>Puts <see cref="AccessMiddleware"/> into the pipeline.</summary>
public static class AccessPipeline
{
    /// <summary>Call it after routing and before anything that runs endpoints.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.UseMiddleware<AccessMiddleware>();
}
