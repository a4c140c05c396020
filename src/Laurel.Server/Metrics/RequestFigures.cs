using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Laurel.Engine.Telemetry;
using Microsoft.AspNetCore.Diagnostics;

namespace Laurel.Server.Metrics;

/// <summary>Times every call of the API and names its span. Runs before everything else, so that it sees the answer as it went
/// out.</summary>
/// <remarks>Labels are the route's template, never the path, and the class of the status: what a caller sends makes no new
/// series.</remarks>
internal sealed class RequestFigures(RequestDelegate next, TimeProvider clock)
{
    private const string NoRoute = "(none)";

    private static readonly string[] s_classes = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private static readonly Histogram<double> s_seconds = LaurelTelemetry.Meter.CreateHistogram(
        "member_api_response_seconds", "s", "Time from reading a request's headers to the end of its answer.", tags: null, LaurelTelemetry.Seconds);

    private static readonly Counter<long> s_errors = LaurelTelemetry.Meter.CreateCounter<long>(
        "api_errors_total", "{request}", "Requests answered with a 5xx status.");

    public async Task InvokeAsync(HttpContext context)
    {
        var startedAt = clock.GetTimestamp();
        await next(context);
        if (!IsCounted(context.Request.Path) || IsStream(context.Response))
        {
            return;
        }

        var status = context.Response.StatusCode;
        var method = new KeyValuePair<string, object?>("method", MethodOf(context.Request.Method));
        var endpoint = new KeyValuePair<string, object?>("endpoint", RouteOf(context));
        s_seconds.Record(clock.GetElapsedTime(startedAt).TotalSeconds, method, endpoint, new("status", s_classes[Math.Clamp(status / 100, 0, 5)]));
        if (status >= StatusCodes.Status500InternalServerError)
        {
            s_errors.Add(1, method, endpoint, new("status", status.ToString(CultureInfo.InvariantCulture)));
        }

        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            Describe(span, (string)method.Value!, (string)endpoint.Value!, status);
        }
    }

    private static bool IsCounted(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/graphql");

    // A socket and a stream of events last as long as somebody listens, which says nothing of how fast we are.
    private static bool IsStream(HttpResponse response) =>
        response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) == true;

    // An unhandled exception takes the endpoint off the request; the handler's feature remembers it.
    private static string RouteOf(HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        return (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? NoRoute;
    }

    // A caller may make up any method, and a label must not grow by it.
    private static string MethodOf(string method) => method switch
    {
        "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" => method,
        _ => "other",
    };

    /// <summary>Names of the attributes: OpenTelemetry's semantic conventions for HTTP server spans. No path and no query, for
    /// they may name a member.</summary>
    private static void Describe(Activity span, string method, string route, int status)
    {
        span.DisplayName = $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
