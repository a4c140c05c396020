using System.Net;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Metrics;

/// <summary>Who may read <c>/metrics</c>.</summary>
public enum MetricsAccess
{
    /// <summary>Who has a key with the permission <c>metrics:read</c>.</summary>
    Key,

    /// <summary>Whoever calls from this machine, without a key, and not through a proxy.</summary>
    Loopback,

    /// <summary>Everybody who reaches the address.</summary>
    Anyone,
}

/// <summary><c>/metrics</c>: what is measured, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder routes, MetricsAccess access)
    {
        var endpoint = routes.MapGet("/metrics", (HttpContext context, MetricsCollector collector) => AnswerAsync(context, collector, access))
            .WithSummary("What is measured, in Prometheus' text format.");
        _ = access == MetricsAccess.Key ? endpoint.RequirePermission(Permission.MetricsRead).OnlyForPlatform() : endpoint.AllowAnonymousAccess();
    }

    private static Task AnswerAsync(HttpContext context, MetricsCollector collector, MetricsAccess access)
    {
        if (access == MetricsAccess.Loopback && !IsFromThisMachine(context))
        {
            return ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.Forbidden, ("permission", Permission.MetricsRead)), context.RequestAborted);
        }

        context.Response.ContentType = PrometheusText.MediaType;
        return context.Response.WriteAsync(PrometheusText.Write(collector.Read()), context.RequestAborted);
    }

    // Behind a proxy on this machine every caller seems to be here; a proxy names itself by these headers.
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("Forwarded")
        && !context.Request.Headers.ContainsKey("X-Forwarded-For");
}
