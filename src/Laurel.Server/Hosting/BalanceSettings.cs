using Laurel.Membership.Balance;
using Laurel.Platform.Webhooks;

namespace Laurel.Server.Hosting;

/// <summary>How stored money meets the outside. All of it is in <c>docs/operate/settings.md</c>.</summary>
internal static class BalanceSettings
{
    public static BalanceOptions Read(SettingsReader reader)
    {
        var retry = (int)BalanceOptions.PayoutRetryDefault.TotalSeconds;
        var options = new BalanceOptions
        {
            PaymentSecrets = ReadSecrets(reader, "LAUREL_PAYMENT_SECRET"),
            PayoutProvider = reader.Choice("LAUREL_PAYOUT_PROVIDER", PayoutProviderKind.Manual),
            PayoutUrl = ReadUrl(reader, "LAUREL_PAYOUT_URL"),
            PayoutSecrets = ReadSecrets(reader, "LAUREL_PAYOUT_SECRET"),
            PayoutRetry = TimeSpan.FromSeconds(reader.Integer("LAUREL_PAYOUT_RETRY_SECONDS", retry, 1, 3_600)),
        };
        reader.Require(
            options.PayoutProvider != PayoutProviderKind.Http || (options.PayoutUrl is not null && options.PayoutSecrets.Count > 0),
            "LAUREL_PAYOUT_PROVIDER=http needs LAUREL_PAYOUT_URL and LAUREL_PAYOUT_SECRET.");
        return options;
    }

    private static IReadOnlyList<byte[]> ReadSecrets(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
        {
            return [];
        }

        // What is wrong with a secret is not repeated: it may be right but for a letter.
        var secrets = SignedRequests.ReadSecrets(text);
        reader.Require(secrets is not null, $"{name} is whsec_ and 24 to 64 bytes in base64; or two of these with a blank between.");
        return secrets ?? [];
    }

    private static Uri? ReadUrl(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
        {
            return null;
        }

        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;
        reader.Require(isUrl, $"{name} is an absolute URL of http or https without user name and password.");
        return isUrl ? url : null;
    }
}
