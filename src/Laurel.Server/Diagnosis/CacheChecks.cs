using Laurel.Engine.Cache;
using Laurel.Server.Hosting;

namespace Laurel.Server.Diagnosis;

/// <summary>What can be said of Redis: whether it answers. Without it Laurel works, slower.</summary>
internal static class CacheChecks
{
    private const string Subject = "cache";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Finding>> RunAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (settings.Cache.Options is not { Enabled: true, Redis: { } address } options)
        {
            return [];
        }

        try
        {
            var (took, isCluster) = await RedisInquiry.PingAsync(address, s_patience, clock, cancellationToken);
            var text = $"{(isCluster ? "Redis Cluster" : "Redis")} at {address.Servers} answers after {took.TotalMilliseconds:F1} ms.";
            return
            [
                took <= options.RedisPatience
                    ? Finding.Fine(Subject, text)
                    : Finding.Warning(Subject, text, "A call may take LAUREL_REDIS_TIMEOUT_MS; a Redis that far away is not used. Move it nearer, or raise the setting."),
            ];
        }
        catch (RedisRefusedException refused)
        {
            return
            [
                Finding.Warning(
                    Subject,
                    $"Redis at {address.Servers} is not used: {refused.Message}. Laurel works without it, as if it did not answer.",
                    "Correct REDIS_URL or the server's certificate; LAUREL_REDIS_CA_FILE names the authorities that may have signed it."),
            ];
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return
            [
                Finding.Warning(
                    Subject,
                    $"Redis at {address.Servers} does not answer. Laurel works without it: every node reads the database, and only one that is alone uses its memory.",
                    "Look at the address in REDIS_URL (host, port, password), whether the server runs, and whether it lets this machine in."),
            ];
        }
    }
}
