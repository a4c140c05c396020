using System.Globalization;
using System.Text;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Identity.Passwords;

/// <summary>Which passwords are taken: long enough, not too long, not known to thieves, not the user's own name. No rule asks for signs of four kinds
/// (NIST SP 800-63B §5.1.1.2).</summary>
public sealed class PasswordRules(IdentityOptions options, BreachedPasswords breached)
{
    /// <summary>Characters at the most: longer ones only cost time.</summary>
    public const int LengthMax = 128;

    /// <summary>Reads a new password in the form in which it is hashed; what is wrong with it is noted at its field.</summary>
    public string ReadNew(JsonFields fields, string name, string? username)
    {
        var text = fields.Text(name, LengthMax);
        if (text.Length == 0)
        {
            return text;
        }

        var password = Normalise(text);
        if (new StringInfo(password).LengthInTextElements < options.PasswordLengthMin)
        {
            fields.Fail(name, FieldErrorCode.TooShort, ("min", options.PasswordLengthMin));
        }
        else if (breached.Contains(password) || string.Equals(password, username, StringComparison.OrdinalIgnoreCase))
        {
            fields.Fail(name, FieldErrorCode.PasswordKnown);
        }

        return password;
    }

    /// <summary>One form for all keyboards (RFC 8265 §4.2).</summary>
    public static string Normalise(string password) => password.Normalize(NormalizationForm.FormC);
}
