namespace Laurel.Identity;

/// <summary>How people sign in. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record IdentityOptions
{
    /// <summary><c>iss</c> of access tokens (<c>LAUREL_TOKEN_ISSUER</c>).</summary>
    public string Issuer { get; init; } = "laurel";

    /// <summary><c>aud</c> of access tokens (<c>LAUREL_TOKEN_AUDIENCE</c>).</summary>
    public string Audience { get; init; } = "laurel";

    /// <summary>How long an access token is good, 1 minute to 7 days (<c>LAUREL_TOKEN_MINUTES</c>).</summary>
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>After how long without use a session ends, 1 to 365 days (<c>LAUREL_SESSION_DAYS</c>).</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Secrets that the shop's own programs share, the one that signs first (<c>JWT_SECRET</c>); none signs with keys of Laurel's own.</summary>
    public IReadOnlyList<string> SharedSecrets { get; init; } = [];

    /// <summary>The fewest characters of a password, 8 to 64 (<c>LAUREL_PASSWORD_LENGTH_MIN</c>); NIST SP 800-63B §5.1.1.2.</summary>
    public int PasswordLengthMin { get; init; } = 8;

    /// <summary>A file of passwords that are known to thieves (<c>LAUREL_BREACHED_PASSWORDS</c>), see <see cref="Passwords.BreachedPasswords"/>; null looks
    /// into none.</summary>
    public string? BreachedPasswords { get; init; }

    /// <summary>Below which addresses providers may send browsers back (<c>LAUREL_SIGN_IN_REDIRECTS</c>); none allows none.</summary>
    public IReadOnlyList<Uri> Redirects { get; init; } = [];

    /// <summary>After how long without a sign-in a telephone number counts no more as its owner's, since numbers are given out again
    /// (<c>LAUREL_PHONE_DAYS</c>); null is never.</summary>
    public TimeSpan? PhoneLife { get; init; }

    /// <summary>Whether who works for the shop has to have one-time passwords asked for (<c>LAUREL_STAFF_TOTP</c>).</summary>
    public bool StaffNeedsTotp { get; init; }

    /// <summary>Whether who was made a user, or given a role, by one person may do what is dangerous only once a second one has confirmed it
    /// (<c>LAUREL_STAFF_CONFIRMED</c>).</summary>
    public bool StaffNeedsConfirming { get; init; }

    /// <summary>How long after a one-time password who has them asked for may do what is dangerous, 1 minute to 24 hours
    /// (<c>LAUREL_STEP_UP_MINUTES</c>); null asks for none again.</summary>
    public TimeSpan? StepUpLife { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many codes are sent at the most.</summary>
    public CodeLimits CodeLimits { get; init; } = new();
}

/// <summary>How many codes are sent at the most: each is a message that somebody pays for and somebody receives.</summary>
public sealed record CodeLimits
{
    /// <summary>To one telephone number or address, and how soon again.</summary>
    public CodeLimit OfTarget { get; init; } = new(5, 10) { Pause = TimeSpan.FromMinutes(1) };

    /// <summary>Asked for from one network address.</summary>
    public CodeLimit OfAddress { get; init; } = new(20, 60);

    /// <summary>To the numbers that begin alike: whoever is paid for messages asks for one after the other.</summary>
    public CodeLimit OfPrefix { get; init; } = new(200, 1_000);

    /// <summary>Of one tenant.</summary>
    public CodeLimit OfTenant { get; init; } = new(5_000, 50_000);
}

/// <summary>How many of something in an hour, and in a day.</summary>
public sealed record CodeLimit(int InHourMax, int InDayMax)
{
    /// <summary>The least time between two.</summary>
    public TimeSpan Pause { get; init; }
}
