using System.Globalization;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Limits;

/// <summary>Holds calls to their limits: asks for a place, tells in the answer what is left, and gives back what does not count.</summary>
/// <remarks>A key without a quota, and an endpoint without a limit that nobody signs in for, cost nothing but a look.</remarks>
public sealed class RateLimitGate(RateLimiter limiter, RateLimitOptions options, ClientAddresses addresses)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    /// <summary>Runs an endpoint for a caller, within the caller's limits.</summary>
    /// <param name="actor">Null where nobody was asked who it is.</param>
    /// <param name="next">Runs the endpoint.</param>
    public Task RunAsync(HttpContext context, Actor? actor, RequestDelegate next)
    {
        if (actor is { Person: null })
        {
            return actor.Quota is { } calls && options.KeyQuotas ? RunForKeyAsync(context, actor, calls, next) : next(context);
        }

        var limit = context.GetEndpoint()?.Metadata.GetMetadata<RateLimit>();
        return actor is null && limit is null ? next(context) : RunLimitedAsync(context, actor, limit, next);
    }

    private async Task RunForKeyAsync(HttpContext context, Actor actor, int calls, RequestDelegate next)
    {
        if (await AdmitAsync(context, await TakeForKeyAsync(actor, calls)))
        {
            await next(context);
        }
    }

    private async Task RunLimitedAsync(HttpContext context, Actor? actor, RateLimit? limit, RequestDelegate next)
    {
        var subject = actor?.Person is { } person ? RateSubject.User(actor.Tenant, person.User) : RateSubject.Address(addresses.Of(context));
        var general = actor is null ? null : await limiter.TakeAsync(RateLimits.General, subject);
        if (!await AdmitAsync(context, general))
        {
            return;
        }

        if (limit is null)
        {
            await next(context);
            return;
        }

        await RunUnderAsync(context, limit, subject, next);
    }

    /// <summary>Runs what is asked for under one limit, counted for whoever the caller names: what a member tries counts for the member, whoever brings it.</summary>
    public async Task RunUnderAsync(HttpContext context, RateLimit limit, RateSubject subject, RequestDelegate next)
    {
        var ticket = await limiter.TakeAsync(limit, subject);
        if (!await AdmitAsync(context, ticket))
        {
            return;
        }

        if (ticket is null || limit.CountWhen == CountWhen.Called)
        {
            await next(context);
            return;
        }

        // What ends in an exception neither succeeded nor was refused.
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            if (!Counts(limit.CountWhen, status))
            {
                await limiter.GiveBackAsync(ticket);
            }
        }
    }

    /// <summary>Takes a place for one operation more that a call carries: its first one took that of the call.</summary>
    /// <param name="actor">Null where nobody said who calls: nothing is counted.</param>
    /// <returns>Null when the operation may run.</returns>
    public async ValueTask<Refusal?> TakeAnotherAsync(Actor? actor)
    {
        var ticket = actor switch
        {
            null => null,
            { Person: { } person } => await limiter.TakeAsync(RateLimits.General, RateSubject.User(actor.Tenant, person.User)),
            { Quota: { } calls } when options.KeyQuotas => await TakeForKeyAsync(actor, calls),
            _ => null,
        };
        return ticket is { Allowed: false } ? RefusalOf(ticket) : null;
    }

    private ValueTask<RateTicket?> TakeForKeyAsync(Actor actor, int calls) =>
        limiter.TakeAsync(LimitMetrics.KeyQuota, RateQuota.In(calls, s_minute), RateSubject.Key(actor.Tenant, actor.Key));

    private static bool Counts(CountWhen when, int status) => when switch
    {
        CountWhen.Called => true,
        CountWhen.Succeeded => status < StatusCodes.Status400BadRequest,
        CountWhen.Failed => status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError,
    };

    /// <summary>Lets a call on that has a place, and refuses one that has none.</summary>
    private static async Task<bool> AdmitAsync(HttpContext context, RateTicket? ticket)
    {
        if (ticket is null)
        {
            return true;
        }

        WriteHeaders(context.Response, ticket);
        if (ticket.Allowed)
        {
            return true;
        }

        context.Response.Headers.RetryAfter = SecondsOf(ticket.ResetAfter).ToString(CultureInfo.InvariantCulture);
        await ProblemResponse.WriteAsync(context, RefusalOf(ticket), context.RequestAborted);
        return false;
    }

    private static Refusal RefusalOf(RateTicket ticket) =>
        new(ErrorCode.RateLimited, ("policy", ticket.Limit), ("limit", ticket.Quota.Calls), ("seconds", SecondsOf(ticket.ResetAfter)));

    /// <summary>The fields of draft-ietf-httpapi-ratelimit-headers-06. Of two limits that which has less left is told.</summary>
    private static void WriteHeaders(HttpResponse response, RateTicket ticket)
    {
        var headers = response.Headers;
        if (ticket.Allowed
            && headers.TryGetValue("RateLimit-Remaining", out var told)
            && int.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var remaining)
            && remaining <= ticket.Remaining)
        {
            return;
        }

        headers["RateLimit-Limit"] = ticket.Quota.Calls.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"{ticket.Quota.Calls};w={(long)ticket.Quota.Stretch.TotalSeconds}");
        headers["RateLimit-Remaining"] = ticket.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = SecondsOf(ticket.ResetAfter).ToString(CultureInfo.InvariantCulture);
    }

    private static long SecondsOf(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span.TotalSeconds));
}
