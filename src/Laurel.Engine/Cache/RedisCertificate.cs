using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Laurel.Engine.Cache;

/// <summary>A Redis that must not be used as it is set.</summary>
/// <param name="message">Why not, as the rest of a sentence about it: "its certificate ...".</param>
public sealed class RedisRefusedException(string message) : Exception(message);

/// <summary>Judges the certificate that a Redis shows.</summary>
internal static class RedisCertificate
{
    /// <param name="authorities">Who must have signed it; null is whom this machine trusts.</param>
    /// <returns>What is wrong with it; null when it is the host's and to be trusted.</returns>
    public static string? MistakeOf(
        X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string host, X509Certificate2Collection? authorities)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return "it shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate ({shown.Subject}) is not for the host {host}";
        }

        if (authorities is null)
        {
            return errors == SslPolicyErrors.None
                ? null
                : $"its certificate ({shown.Subject}) is not to be trusted here: {StatusOf(chain)}. "
                    + "Name the authority that signed it in LAUREL_REDIS_CA_FILE";
        }

        using var judged = new X509Chain();
        judged.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        judged.ChainPolicy.CustomTrustStore.AddRange(authorities);
        judged.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
        {
            foreach (var element in chain.ChainElements)
            {
                judged.ChainPolicy.ExtraStore.Add(element.Certificate);
            }
        }

        return judged.Build(shown)
            ? null
            : $"its certificate ({shown.Subject}) is not to be trusted by the authorities of LAUREL_REDIS_CA_FILE: {StatusOf(judged)}";
    }

    private static string StatusOf(X509Chain? chain) => chain is null || chain.ChainStatus.Length == 0
        ? "it has no chain"
        : string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
}
