using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Identity.Roles;
using Laurel.Identity.Sessions;
using Laurel.Identity.Tokens;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>A user as who signs in is shown it.</summary>
public sealed record SignedInUser
{
    /// <summary>The user's id; for a member the member's.</summary>
    public required string Id { get; init; }

    public required string Username { get; init; }

    /// <summary>The code of the role.</summary>
    public required string Role { get; init; }

    /// <summary>The code of the member's level; null for staff.</summary>
    public required string? Level { get; init; }
}

/// <summary>What every way to sign in answers.</summary>
public sealed record SignInTokens
{
    public required SignedInUser User { get; init; }

    /// <summary>The access token: <c>Authorization: Bearer TOKEN</c>.</summary>
    public required string Token { get; init; }

    /// <summary><c>Bearer</c>.</summary>
    public required string TokenType { get; init; }

    /// <summary>After how many seconds the access token ends.</summary>
    public required long ExpiresIn { get; init; }

    /// <summary>Good once, for the next access token.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>After how many seconds without use the session ends.</summary>
    public required long RefreshExpiresIn { get; init; }

    /// <summary>Whether the user was registered by this call.</summary>
    public required bool Created { get; init; }
}

/// <summary>Answers who signs in with tokens.</summary>
internal sealed class SignInAnswers(TokenKeys keys, SecretVault vault, VipRole vip, IdentityOptions options, TimeProvider clock)
{
    /// <summary>Answers what became of a sign-in.</summary>
    /// <param name="level">The code of the member's level.</param>
    public async Task WriteAsync(HttpContext context, Outcome outcome, string? level)
    {
        if (outcome is not Outcome.Applied { Reply: SignInReply reply })
        {
            await RefuseAsync(context, outcome);
            return;
        }

        WriteResponse.TellVersion(context, outcome);
        var ring = await keys.RingSigningForAsync(reply.User.Tenant, context.RequestAborted);
        var tokens = TokensOf(ring, reply, level);
        context.Response.Headers.CacheControl = "no-store";
        if (reply.Enrolled is not null)
        {
            context.Response.Headers.Location = "/api/members/" + tokens.User.Id;
        }

        await WriteResponse.WriteAsync(
            context, reply.Enrolled is null ? StatusCodes.Status200OK : StatusCodes.Status201Created, tokens, IdentityJson.Default.SignInTokens);
    }

    /// <summary>Answers what was not carried out.</summary>
    public static Task RefuseAsync(HttpContext context, Outcome outcome) => outcome switch
    {
        Outcome.Refused refused => RefuseAsync(context, refused.Refusal),
        Outcome.Failed failed => RefuseAsync(context, failed.Refusal),
        _ => throw new InvariantBrokenException($"A sign-in ends in tokens or a refusal, not in {outcome.GetType().Name}."),
    };

    /// <summary>Refuses, and says when to come again where that is known.</summary>
    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.Values.TryGetValue("retryAfterSeconds", out var seconds))
        {
            context.Response.Headers.RetryAfter = Convert.ToString(seconds, CultureInfo.InvariantCulture);
        }

        return ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
    }

    private SignInTokens TokensOf(TokenRing ring, SignInReply reply, string? level)
    {
        var (user, session, now) = (reply.User, reply.Session, clock.GetUtcNow());
        var role = vip.Of(user.Tenant, user.Role, user.IsMember ? level : null);
        var claims = new AccessClaims
        {
            User = user.Id,
            Username = user.Username,
            Role = role.ToLowerInvariant(),
            Level = level,
            Tenant = user.Tenant,
            Issuer = options.Issuer,
            Audience = options.Audience,
            Name = new TokenName(session.Id, session.Generation),
            IssuedAt = now,
            ExpiresAt = now + options.TokenLife,
        };
        return new SignInTokens
        {
            User = new SignedInUser { Id = user.Id.ToString(CultureInfo.InvariantCulture), Username = user.Username, Role = role, Level = level },
            Token = ring.Sign(claims),
            TokenType = "Bearer",
            ExpiresIn = (long)options.TokenLife.TotalSeconds,
            RefreshToken = RefreshToken.Of(vault, session),
            RefreshExpiresIn = (long)options.SessionLife.TotalSeconds,
            Created = reply.Enrolled is not null,
        };
    }
}
