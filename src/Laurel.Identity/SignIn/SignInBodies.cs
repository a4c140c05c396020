using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Identity.SignIn;

/// <summary>A name as it was typed, and of which kind it is.</summary>
internal sealed record TypedName(string Kind, string Normalised)
{
    private const string ChinaPrefix = "+86";

    /// <summary>Reads <c>phone</c> or <c>email</c>, one of them.</summary>
    public static TypedName? ReadTarget(JsonFields fields, bool required)
    {
        var (phone, email) = (fields.TextOrNull("phone", PhoneNumber.TextLengthMax), fields.TextOrNull("email", EmailAddress.LengthMax));
        if ((phone is null) == (email is null))
        {
            if (required || phone is not null)
            {
                fields.Fail("phone", FieldErrorCode.ExactlyOne, ("fields", "phone, email"));
            }

            return null;
        }

        return phone is not null ? OfPhone(fields, phone) : OfEmail(fields, email!);
    }

    /// <summary>Reads a name of any kind: what has an @ is an address, what begins with a digit or a + a telephone number.</summary>
    public static TypedName ReadAny(JsonFields fields, string name)
    {
        var text = fields.Text(name, EmailAddress.LengthMax).Trim();
        if (text.Contains('@') && EmailAddress.Normalise(text, out var email) is null)
        {
            return new TypedName(NameKind.Email, email);
        }

        return text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] == '+') && PhoneNumber.Normalise(text, out var phone) is null
            ? new TypedName(NameKind.Phone, International(phone))
            : new TypedName(NameKind.Username, Username.Normalise(text, out var username) is null ? username : text);
    }

    /// <summary>A mobile number of mainland China with its country's prefix: people leave it away. Others stay as they are.</summary>
    private static string International(string phone) =>
        phone.Length == 11 && phone[0] == '1' && phone[1] is >= '3' and <= '9' ? ChinaPrefix + phone : phone;

    private static TypedName? OfPhone(JsonFields fields, string text)
    {
        if (PhoneNumber.Normalise(text, out var phone) is { } code)
        {
            fields.Fail("phone", code, ("expected", PhoneNumber.Expected), ("max", PhoneNumber.TextLengthMax));
            return null;
        }

        return new TypedName(NameKind.Phone, International(phone));
    }

    private static TypedName? OfEmail(JsonFields fields, string text)
    {
        if (EmailAddress.Normalise(text, out var email) is { } code)
        {
            fields.Fail("email", code, ("expected", EmailAddress.Expected), ("max", EmailAddress.LengthMax));
            return null;
        }

        return new TypedName(NameKind.Email, email);
    }

    /// <summary>As the member's own record keeps it: numbers of mainland China without the prefix, as shops keep them.</summary>
    public string ForRecord => Kind == NameKind.Phone && Normalised.StartsWith(ChinaPrefix + "1", StringComparison.Ordinal) && Normalised.Length == 14
        ? Normalised[ChinaPrefix.Length..]
        : Normalised;

    /// <summary>What numbers of one block begin with, or addresses of one domain end with.</summary>
    public string Prefix => Kind == NameKind.Phone
        ? Normalised[..Math.Max(4, Normalised.Length - 4)]
        : Normalised[(Normalised.LastIndexOf('@') + 1)..];

    public NameKey KeyIn(PersonalDataVault vault, Kernel.TenantId tenant) => NameKey.Of(vault, tenant, Kind, Normalised);
}

/// <summary>What <c>POST /api/auth/codes</c> asks for.</summary>
internal sealed record CodeBody
{
    public string? Phone { get; init; }

    public string? Email { get; init; }

    /// <summary><c>login</c> (also to register), <c>reset</c> or <c>bind</c>; login when absent.</summary>
    public string? Purpose { get; init; }

    public static (TypedName? Name, CodePurpose Purpose) Read(JsonFields fields)
    {
        var purpose = fields.ChoiceOrNull("purpose", "login", "reset", "bind") switch
        {
            "reset" => CodePurpose.Reset,
            "bind" => CodePurpose.Bind,
            _ => CodePurpose.Login,
        };
        var name = TypedName.ReadTarget(fields, required: true);
        fields.RefuseUnknown();
        return (name, purpose);
    }
}

/// <summary>What <c>POST /api/auth/register</c> asks for: a user name and a password, or a telephone number or address and the code that was sent
/// there.</summary>
internal sealed record RegisterBody
{
    public string? Username { get; init; }

    public string? Password { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    /// <summary>The code that was sent to the phone or address for <c>login</c>.</summary>
    public string? Code { get; init; }

    public string? Nickname { get; init; }

    /// <summary>What the user calls the device; shown in the list of sessions.</summary>
    public string? Device { get; init; }

    internal TypedName? Target { get; private init; }

    public static Func<JsonFields, RegisterBody> Reader(PasswordRules rules) => fields =>
    {
        var username = fields.TextOrNull("username", 128);
        if (username is not null && Users.Username.Normalise(username, out username) is { } fault)
        {
            fields.Fail("username", fault, ("expected", Users.Username.Expected), ("max", User.UsernameLengthMax));
        }

        var target = TypedName.ReadTarget(fields, required: false);
        var body = new RegisterBody
        {
            Username = username,
            Target = target,
            Password = fields.Has("password") || target is null ? rules.ReadNew(fields, "password", username) : null,
            Code = target is null ? null : ReadCode(fields),
            Nickname = fields.IdentifierOrNull("nickname", RegisterMemberBody.NicknameLengthMax),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        if (username is null && target is null && !fields.HasFaults)
        {
            fields.Fail("username", FieldErrorCode.Required);
        }

        fields.RefuseUnknown();
        return body;
    };

    public static string ReadCode(JsonFields fields)
    {
        var code = fields.Text("code", SignInCode.Digits);
        if (code.Length > 0 && (code.Length != SignInCode.Digits || code.AsSpan().ContainsAnyExceptInRange('0', '9')))
        {
            fields.Fail("code", FieldErrorCode.InvalidFormat, ("expected", s_sixDigits));
        }

        return code;
    }

    private static readonly Wording s_sixDigits = new("six digits", "六位数字");
}

/// <summary>What <c>POST /api/auth/login</c> asks for.</summary>
internal sealed record LoginBody
{
    /// <summary>A user name, a telephone number or an e-mail address.</summary>
    public required string Username { get; init; }

    public required string Password { get; init; }

    /// <summary>The one-time password of who has set that up.</summary>
    public string? Totp { get; init; }

    public string? Device { get; init; }

    internal required TypedName Name { get; init; }

    public static LoginBody Read(JsonFields fields)
    {
        var name = TypedName.ReadAny(fields, "username");
        var body = new LoginBody
        {
            Name = name,
            Username = name.Normalised,
            Password = PasswordRules.Normalise(fields.Text("password", PasswordRules.LengthMax)),
            Totp = fields.TextOrNull("totp", 16),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/auth/code-login</c> asks for.</summary>
internal sealed record CodeLoginBody
{
    public string? Phone { get; init; }

    public string? Email { get; init; }

    public required string Code { get; init; }

    /// <summary>Of who registers by it.</summary>
    public string? Nickname { get; init; }

    public string? Totp { get; init; }

    public string? Device { get; init; }

    internal TypedName? Name { get; init; }

    public static CodeLoginBody Read(JsonFields fields)
    {
        var body = new CodeLoginBody
        {
            Name = TypedName.ReadTarget(fields, required: true),
            Code = RegisterBody.ReadCode(fields),
            Nickname = fields.IdentifierOrNull("nickname", RegisterMemberBody.NicknameLengthMax),
            Totp = fields.TextOrNull("totp", 16),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        fields.RefuseUnknown();
        return body;
    }
}
