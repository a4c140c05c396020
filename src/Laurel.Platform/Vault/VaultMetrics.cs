using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Platform.Vault;

/// <summary>What the vault tells of itself.</summary>
internal static class VaultMetrics
{
    private static readonly Counter<long> s_rewrapped = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_vault_rewrapped_total", "{value}", "Sealed values that were put under the current master key, by table and column.");

    public static void Rewrapped(string column, int values) => s_rewrapped.Add(values, new KeyValuePair<string, object?>("sealed_column", column));
}
