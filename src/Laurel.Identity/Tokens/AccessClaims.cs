using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Identity.Tokens;

/// <summary>What an access token says, in the names of the shop's own documents and of RFC 7519 §4.1. Neither telephone numbers nor e-mail addresses
/// are ever in it.</summary>
public sealed record AccessClaims
{
    /// <summary>Of the claims' text at the most, in characters.</summary>
    private const int TextLengthMax = 256;

    /// <summary><c>user_id</c>, decimal; for a member the member's id.</summary>
    public required long User { get; init; }

    /// <summary><c>username</c>.</summary>
    public required string Username { get; init; }

    /// <summary><c>role</c>, in lower case.</summary>
    public required string Role { get; init; }

    /// <summary><c>level</c>: the code of the member's level when the token was made; null for staff.</summary>
    public string? Level { get; init; }

    /// <summary><c>tenant</c>.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary><c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary><c>jti</c>: the session and the number of the token within it.</summary>
    public required TokenName Name { get; init; }

    /// <summary><c>iat</c>, in whole seconds.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary><c>exp</c>, in whole seconds; the token is no longer one from then on.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("user_id", User.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("username", Username);
        writer.WriteString("role", Role);
        if (Level is not null)
        {
            writer.WriteString("level", Level);
        }

        writer.WriteNumber("tenant", Tenant.Value);
        writer.WriteString("iss", Issuer);
        writer.WriteString("aud", Audience);
        writer.WriteString("jti", Name.ToString());
        writer.WriteNumber("iat", IssuedAt.ToUnixTimeSeconds());
        writer.WriteNumber("exp", ExpiresAt.ToUnixTimeSeconds());
        writer.WriteEndObject();
    }

    /// <summary>Reads the claims of a token whose signature holds; null when they are not what <see cref="Write"/> writes.</summary>
    /// <remarks>A claim that stands twice, is missing or has another type makes them none: of two readings one could be wrong.</remarks>
    internal static AccessClaims? Read(ReadOnlyMemory<byte> json)
    {
        if (TokenText.Members(json) is not { } members
            || Text(members, "user_id") is not { } user || !long.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var userId)
            || Text(members, "username") is not { } username
            || Text(members, "role") is not { } role
            || !TryNumber(members, "tenant", int.MaxValue, out var tenant)
            || Text(members, "iss") is not { } issuer
            || Text(members, "aud") is not { } audience
            || !TokenName.TryParse(Text(members, "jti"), out var name)
            || !TryNumber(members, "iat", s_latest, out var issued)
            || !TryNumber(members, "exp", s_latest, out var expires))
        {
            return null;
        }

        return new AccessClaims
        {
            User = userId,
            Username = username,
            Role = role,
            Level = Text(members, "level"),
            Tenant = new TenantId((int)tenant),
            Issuer = issuer,
            Audience = audience,
            Name = name,
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(issued),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(expires),
        };
    }

    private static readonly long s_latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static string? Text(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= TextLengthMax } text ? text : null;

    private static bool TryNumber(Dictionary<string, JsonElement> members, string name, long max, out long number)
    {
        number = 0;
        return members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number >= 0 && number <= max;
    }
}

/// <summary>Names one access token: that of a session, and which of those that the session has had.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Generation">0 for the token of the sign-in, one more with each refresh.</param>
public readonly record struct TokenName(long Session, int Generation)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Session}-{Generation}");

    public static bool TryParse(string? text, out TokenName name)
    {
        name = default;
        if (text?.Split('-') is not [var session, var generation]
            || !long.TryParse(session, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !int.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        name = new TokenName(id, number);
        return true;
    }
}
