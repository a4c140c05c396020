using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Access;

/// <summary>What access tells of itself.</summary>
internal static class AccessMetrics
{
    private static readonly Counter<long> s_signaturesRefused = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_signatures_refused_total", "{request}", "Signed calls that were not admitted, by code.");

    private static readonly string[] s_codes = [ErrorCode.SignatureInvalid, ErrorCode.SignatureStale, ErrorCode.SignatureReplayed];

    /// <summary>Makes every series known before the first event: an alert on an increase must see where it began.</summary>
    public static void Begin()
    {
        foreach (var code in s_codes)
        {
            Count(code, 0);
        }
    }

    public static void SignatureRefused(string code)
    {
        if (s_codes.Contains(code))
        {
            Count(code, 1);
        }
    }

    private static void Count(string code, long requests) => s_signaturesRefused.Add(requests, new KeyValuePair<string, object?>("code", code));
}
