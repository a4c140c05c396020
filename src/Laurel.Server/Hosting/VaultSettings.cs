using Laurel.Platform.Vault;

namespace Laurel.Server.Hosting;

/// <summary>What guards the master keys. All of it is in <c>docs/operate/settings.md</c>.</summary>
internal static class VaultSettings
{
    public static IMasterKeyGuard Read(SettingsReader reader)
    {
        if (reader.Text("LAUREL_VAULT_ADDRESS") is not { } text)
        {
            return new OpenMasterKeys();
        }

        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
        reader.Require(isUrl, "LAUREL_VAULT_ADDRESS is an https address, or http on this machine.");
        var (token, file) = (reader.Text("LAUREL_VAULT_TOKEN"), reader.Text("LAUREL_VAULT_TOKEN_FILE"));
        reader.Require((token is null) != (file is null), "LAUREL_VAULT_ADDRESS needs LAUREL_VAULT_TOKEN or LAUREL_VAULT_TOKEN_FILE, one of the two.");
        return new TransitMasterKeys(new TransitOptions
        {
            Address = address ?? new Uri(LaurelSettings.DefaultUrls),
            Token = file is null ? () => token ?? string.Empty : () => File.ReadAllText(file).Trim(),
            Key = NameOf(reader, "LAUREL_VAULT_KEY", "laurel"),
            Mount = NameOf(reader, "LAUREL_VAULT_MOUNT", "transit"),
            Namespace = reader.Text("LAUREL_VAULT_NAMESPACE"),
        });
    }

    private static string NameOf(SettingsReader reader, string name, string byDefault)
    {
        var text = reader.Text(name) ?? byDefault;
        reader.Require(text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/'), $"{name} has letters, digits, '-', '_', '.' and '/'.");
        return text;
    }
}
