using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Platform.Http;

namespace Laurel.Identity.SignIn;

/// <summary>A code is on its way, unless nobody is reached there.</summary>
/// <param name="ExpiresIn">After how many seconds the code ends.</param>
/// <param name="RetryAfter">After how many seconds another one may be asked for.</param>
public sealed record CodeSentReply(long ExpiresIn, long RetryAfter);

/// <summary>What <c>POST /api/auth/reset-password</c> asks for.</summary>
internal sealed record ResetPasswordBody
{
    public string? Phone { get; init; }

    public string? Email { get; init; }

    /// <summary>The code that was sent for <c>reset</c>.</summary>
    public required string Code { get; init; }

    public required string NewPassword { get; init; }

    /// <summary>Where the user has one-time passwords asked for.</summary>
    public string? Totp { get; init; }

    public string? Device { get; init; }

    internal TypedName? Name { get; init; }

    public static Func<JsonFields, ResetPasswordBody> Reader(PasswordRules rules) => fields =>
    {
        var body = new ResetPasswordBody
        {
            Name = TypedName.ReadTarget(fields, required: true),
            Code = RegisterBody.ReadCode(fields),
            NewPassword = rules.ReadNew(fields, "newPassword", username: null),
            Totp = fields.TextOrNull("totp", 16),
            Device = fields.TextOrNull("device", Session.DeviceLengthMax),
        };
        fields.RefuseUnknown();
        return body;
    };
}

/// <summary>What <c>POST /api/auth/forgot-password</c> asks for: where the code goes.</summary>
internal sealed record ForgotPasswordBody
{
    public string? Phone { get; init; }

    public string? Email { get; init; }

    public static (TypedName? Name, CodePurpose Purpose) Read(JsonFields fields)
    {
        var name = TypedName.ReadTarget(fields, required: true);
        fields.RefuseUnknown();
        return (name, CodePurpose.Reset);
    }
}

/// <summary>What <c>POST /api/auth/change-password</c> asks for.</summary>
internal sealed record ChangePasswordBody
{
    /// <summary>Left away by who has none yet.</summary>
    public string? CurrentPassword { get; init; }

    public required string NewPassword { get; init; }

    public static Func<JsonFields, ChangePasswordBody> Reader(PasswordRules rules) => fields =>
    {
        var current = fields.TextOrNull("currentPassword", PasswordRules.LengthMax);
        var body = new ChangePasswordBody
        {
            CurrentPassword = current is null ? null : PasswordRules.Normalise(current),
            NewPassword = rules.ReadNew(fields, "newPassword", username: null),
        };
        fields.RefuseUnknown();
        return body;
    };
}

/// <summary>What <c>POST /api/auth/refresh-token</c> and <c>POST /api/auth/refresh</c> ask for.</summary>
internal sealed record RefreshBody
{
    public required string RefreshToken { get; init; }

    public static RefreshBody Read(JsonFields fields)
    {
        var body = new RefreshBody { RefreshToken = fields.Text("refreshToken", Sessions.RefreshToken.LengthMax * 2) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/auth/logout</c> asks for.</summary>
internal sealed record LogoutBody
{
    /// <summary>Whether all sessions end, and not this one alone.</summary>
    public bool Everywhere { get; init; }

    public static LogoutBody Read(JsonFields fields)
    {
        var body = new LogoutBody { Everywhere = fields.Flag("everywhere", byDefault: false) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/auth/names</c> asks for: a telephone number or address and the code that was sent there for <c>bind</c>.</summary>
internal sealed record BindBody
{
    public string? Phone { get; init; }

    public string? Email { get; init; }

    public required string Code { get; init; }

    internal TypedName? Name { get; init; }

    public static BindBody Read(JsonFields fields)
    {
        var body = new BindBody { Name = TypedName.ReadTarget(fields, required: true), Code = RegisterBody.ReadCode(fields) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>A name that the caller signs in with.</summary>
/// <param name="Kind"><c>username</c>, <c>phone</c>, <c>email</c>, or a provider's.</param>
/// <param name="Label">Masked where it is personal.</param>
/// <param name="ShownBy"><c>chosen</c>, <c>code</c>, <c>host</c> or <c>provider</c>; a telephone number that only a provider has shown lets nobody in.</param>
public sealed record NameReply(string Kind, string Label, DateTimeOffset BoundAt, string ShownBy);

/// <summary>What the caller signs in with.</summary>
public sealed record NameList(IReadOnlyList<NameReply> Items);

/// <summary>A session of the caller.</summary>
public sealed record SessionReply
{
    public required string Id { get; init; }

    public required string? Device { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its tokens were made last.</summary>
    public required DateTimeOffset UsedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether the call was made with it.</summary>
    public required bool Current { get; init; }
}

/// <summary>The sessions of the caller that are not over.</summary>
public sealed record SessionList(IReadOnlyList<SessionReply> Items);

/// <summary>Whose a token is, and how long it lasts.</summary>
public sealed record ValidateReply
{
    public required bool Valid { get; init; }

    public required SignedInUser User { get; init; }

    public required int Tenant { get; init; }

    /// <summary>What the user may do.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A new secret for one-time passwords; it is not asked for before one of its passwords was shown.</summary>
/// <param name="Secret">Base32, for typing.</param>
/// <param name="Uri"><c>otpauth://</c>, for a QR code.</param>
public sealed record TotpReply(string Secret, string Uri);

/// <summary>What <c>PUT /api/auth/totp</c> and <c>DELETE</c> ask for.</summary>
internal sealed record TotpBody
{
    /// <summary>A one-time password that the device makes now.</summary>
    public required string Totp { get; init; }

    public static TotpBody Read(JsonFields fields)
    {
        var body = new TotpBody { Totp = fields.Text("totp", 16) };
        fields.RefuseUnknown();
        return body;
    }
}
