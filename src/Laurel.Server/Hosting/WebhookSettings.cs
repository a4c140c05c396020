using System.Net;
using Laurel.Membership.Orders;
using Laurel.Platform.Webhooks;

namespace Laurel.Server.Hosting;

/// <summary>How webhooks are sent, and how a Dapr sidecar brings events. All of it is in <c>docs/operate/settings.md</c>.</summary>
internal static class WebhookSettings
{
    /// <summary>The schedule of one delivery takes three days and a bit; what is not kept that long could not be tried to the end.</summary>
    private const int KeptDaysMin = 4;

    private const int TokenLengthMin = 16;

    public static WebhookOptions Read(SettingsReader reader) => new()
    {
        AllowHttp = reader.Choice("LAUREL_WEBHOOKS_ALLOW_HTTP", Switch.Off) == Switch.On,
        AllowedNetworks = ReadNetworks(reader, "LAUREL_WEBHOOKS_ALLOWED_NETWORKS"),
        Concurrency = reader.Integer("LAUREL_WEBHOOKS_CONCURRENCY", WebhookOptions.ConcurrencyDefault, 1, 65_536),
        KeptDays = reader.Integer("LAUREL_WEBHOOKS_KEPT_DAYS", WebhookOptions.KeptDaysDefault, KeptDaysMin, 3_650),
        FailingDays = reader.Integer("LAUREL_WEBHOOKS_FAILING_DAYS", WebhookOptions.FailingDaysDefault, 1, 365),
    };

    /// <summary>Null where no token is set: then there is no door for Dapr.</summary>
    public static DaprOptions? ReadDapr(SettingsReader reader)
    {
        if (reader.Text("LAUREL_DAPR_API_TOKEN") is not { } token)
        {
            return null;
        }

        reader.Require(token.Length >= TokenLengthMin, $"LAUREL_DAPR_API_TOKEN has at least {TokenLengthMin} characters.");
        return new DaprOptions(
            token,
            reader.Text("LAUREL_DAPR_PUBSUB") ?? "pubsub",
            Items(reader.Text("LAUREL_DAPR_TOPICS") ?? "orders"));
    }

    private static IPNetwork[] ReadNetworks(SettingsReader reader, string name)
    {
        var networks = new List<IPNetwork>();
        foreach (var item in Items(reader.Text(name) ?? ""))
        {
            var parsed = IPNetwork.TryParse(item, out var network);
            reader.Require(parsed, $"{name} is a list of networks such as 10.1.0.0/16,fd00::/8 without host bits, not '{item}'.");
            if (parsed)
            {
                networks.Add(network);
            }
        }

        return [.. networks];
    }

    private static string[] Items(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private enum Switch
    {
        Off,
        On,
    }
}
