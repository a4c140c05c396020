using System.Text;
using Laurel.Identity;
using Laurel.Identity.Tokens;

namespace Laurel.Server.Hosting;

/// <summary>How people sign in. All of it is in <c>docs/operate/settings.md</c>.</summary>
internal static class IdentitySettings
{
    public static IdentityOptions Read(SettingsReader reader)
    {
        var byDefault = new IdentityOptions();
        var secrets = (reader.Text("JWT_SECRET") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        reader.Require(
            secrets.All(secret => Encoding.UTF8.GetByteCount(secret) >= SharedTokenKey.BytesMin),
            $"JWT_SECRET has at least {SharedTokenKey.BytesMin} bytes; several are separated by blanks, the one that signs first.");
        var breached = reader.Text("LAUREL_BREACHED_PASSWORDS");
        reader.Require(breached is null || File.Exists(breached), $"LAUREL_BREACHED_PASSWORDS: there is no file {breached}.");
        var redirects = (reader.Text("LAUREL_SIGN_IN_REDIRECTS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        reader.Require(
            redirects.All(IsRedirect),
            "LAUREL_SIGN_IN_REDIRECTS: addresses that begin with https://, or http:// of this machine, and end with the path below which all are allowed; several are separated by blanks.");
        var phoneDays = reader.Integer("LAUREL_PHONE_DAYS", 0, 0, 3_650);
        var stepUpMinutes = reader.Integer("LAUREL_STEP_UP_MINUTES", 15, 0, 24 * 60);
        return byDefault with
        {
            Issuer = reader.Text("LAUREL_TOKEN_ISSUER") ?? byDefault.Issuer,
            Audience = reader.Text("LAUREL_TOKEN_AUDIENCE") ?? byDefault.Audience,
            TokenLife = TimeSpan.FromMinutes(reader.Integer("LAUREL_TOKEN_MINUTES", (int)byDefault.TokenLife.TotalMinutes, 1, 7 * 24 * 60)),
            SessionLife = TimeSpan.FromDays(reader.Integer("LAUREL_SESSION_DAYS", (int)byDefault.SessionLife.TotalDays, 1, 365)),
            PasswordLengthMin = reader.Integer("LAUREL_PASSWORD_LENGTH_MIN", byDefault.PasswordLengthMin, 8, 64),
            CodeLimits = byDefault.CodeLimits with
            {
                OfTarget = byDefault.CodeLimits.OfTarget with { Pause = TimeSpan.FromSeconds(reader.Integer("LAUREL_CODE_PAUSE_SECONDS", 60, 0, 3_600)) },
            },
            PhoneLife = phoneDays == 0 ? null : TimeSpan.FromDays(phoneDays),
            StaffNeedsTotp = reader.Choice("LAUREL_STAFF_TOTP", Switch.Off) == Switch.On,
            StaffNeedsConfirming = reader.Choice("LAUREL_STAFF_CONFIRMED", Switch.Off) == Switch.On,
            StepUpLife = stepUpMinutes == 0 ? null : TimeSpan.FromMinutes(stepUpMinutes),
            SharedSecrets = secrets,
            Redirects = [.. redirects.Where(IsRedirect).Select(address => new Uri(address))],
            BreachedPasswords = breached is not null && File.Exists(breached) ? breached : null,
        };
    }

    private enum Switch
    {
        Off,
        On,
    }

    private static bool IsRedirect(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.Query.Length == 0 && address.Fragment.Length == 0 && address.UserInfo.Length == 0;
}
