using System.Net;
using Laurel.Platform.Limits;
using Microsoft.Extensions.Configuration;

namespace Laurel.Server.Hosting;

/// <summary>The section <c>Limits</c> of the settings: how many calls each limit allows, and whose word on addresses is believed.</summary>
internal static class LimitsSection
{
    private const string Off = "off";

    private const string TimeZone = "TimeZone";

    private const string TrustedProxies = "TrustedProxies";

    private const string Keys = "Keys";

    // Variables of the environment may be written in capitals.
    private static readonly HashSet<string> s_others = new(StringComparer.OrdinalIgnoreCase) { TimeZone, TrustedProxies, Keys };

    /// <param name="note">Takes a mistake; reading goes on.</param>
    public static RateLimitOptions Read(IConfigurationSection section, Action<string> note)
    {
        var isOff = section.Value is { Length: > 0 };
        if (isOff && section.Value != Off)
        {
            note($"{section.Path} is a section, or off, not '{section.Value}'.");
        }

        var zone = ReadZone(section[TimeZone], section.Path, note);
        var quotas = isOff ? [] : new Dictionary<string, RateQuota>(RateLimitOptions.Defaults(zone), StringComparer.Ordinal);
        foreach (var setting in section.GetChildren().Where(setting => !s_others.Contains(setting.Key)))
        {
            ReadQuota(setting, quotas, zone, note);
        }

        var keys = section[Keys] ?? "on";
        if (keys is not ("on" or Off))
        {
            note($"{section.Path}:{Keys} is on or off, not '{keys}'.");
        }

        return new RateLimitOptions
        {
            Quotas = quotas,
            KeyQuotas = !isOff && keys != Off,
            TrustedProxies = ReadProxies(section[TrustedProxies] ?? "", section.Path, note),
        };
    }

    private static void ReadQuota(IConfigurationSection setting, Dictionary<string, RateQuota> quotas, TimeZoneInfo zone, Action<string> note)
    {
        var limit = RateLimits.All.FirstOrDefault(limit => string.Equals(limit.Name, setting.Key, StringComparison.OrdinalIgnoreCase));
        if (limit is null)
        {
            note($"{setting.Path} is not a limit: there are {string.Join(", ", RateLimits.All.Select(known => known.Name))}, and {Keys}, {TimeZone}, {TrustedProxies}.");
        }
        else if (setting.Value == Off)
        {
            quotas.Remove(limit.Name);
        }
        else if (RateQuota.Parse(setting.Value ?? "", zone) is { } quota)
        {
            quotas[limit.Name] = quota;
        }
        else
        {
            note($"{setting.Path} is off, or calls in a time such as 5/15m, 100/m, 3/h or 1/day, not '{setting.Value}'.");
        }
    }

    private static TimeZoneInfo ReadZone(string? text, string path, Action<string> note)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(text ?? "Asia/Shanghai", out var zone))
        {
            return zone;
        }

        note($"{path}:{TimeZone} is a time zone such as Asia/Shanghai, not '{text}'.");
        return TimeZoneInfo.Utc;
    }

    private static List<IPNetwork> ReadProxies(string text, string path, Action<string> note)
    {
        var networks = new List<IPNetwork>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(item, out var network) || (IPAddress.TryParse(item, out var one) && IPNetwork.TryParse($"{one}/{(one.GetAddressBytes().Length * 8)}", out network)))
            {
                networks.Add(network);
            }
            else
            {
                note($"{path}:{TrustedProxies} is a list of addresses and networks such as 10.1.0.0/16,fd00::/8, not '{item}'.");
            }
        }

        return networks;
    }
}
