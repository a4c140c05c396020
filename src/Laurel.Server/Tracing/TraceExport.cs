using System.Reflection;
using Laurel.Engine.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Laurel.Server.Tracing;

/// <summary>Sends spans by OTLP where the environment names a receiver; otherwise nobody listens and no span is made.</summary>
/// <remarks>Everything else is set by OpenTelemetry's own variables (protocol, headers, sampler, service name):
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.</remarks>
internal static class TraceExport
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ServiceNameVariable = "OTEL_SERVICE_NAME";

    /// <summary>Spans of requests are the web server's own; RequestFigures names them.</summary>
    private const string RequestSource = "Microsoft.AspNetCore";

    /// <summary>What is wrong with the address of the receiver; null when there is none or it can be used. The exporter itself
    /// would pass over a mistake in silence.</summary>
    public static string? Mistake()
    {
        if (Endpoint is not { Length: > 0 } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? null
            : $"{EndpointVariable} is an address such as http://127.0.0.1:4317, not '{text}'.";
    }

    /// <summary>Listens until disposed, which sends what is left; null when no receiver is named.</summary>
    public static TracerProvider? Start()
    {
        if (string.IsNullOrEmpty(Endpoint))
        {
            return null;
        }

        return Sdk.CreateTracerProviderBuilder()
            .AddSource(LaurelTelemetry.Name, RequestSource)
            .ConfigureResource(Describe)
            .AddOtlpExporter()
            .Build();
    }

    private static string? Endpoint => Environment.GetEnvironmentVariable(EndpointVariable);

    private static void Describe(ResourceBuilder resource)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ServiceNameVariable)))
        {
            resource.AddService("laurel", serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3));
        }
    }
}
