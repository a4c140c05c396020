using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Identity.Sessions;
using Laurel.Identity.Tokens;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Tenants;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>Who calls about its own account.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Session">The session of the access token.</param>
/// <param name="Role">The code of the role that it acts in.</param>
internal sealed record CallingUser(long User, long Session, string Role);

/// <summary>What each call about sessions does.</summary>
internal sealed class SessionDoors(
    LaneSet lanes,
    SecretVault secrets,
    UserQueries users,
    SessionQueries sessions,
    AccessTokens tokens,
    SignInAnswers answers,
    AccessChanges changes,
    TenantDirectory tenants,
    IdentityOptions options,
    TimeProvider clock)
{
    public async Task RefreshAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, RefreshBody.Read) is not { } body)
        {
            return;
        }

        if (RefreshToken.Read(body.RefreshToken) is not { } token
            || await sessions.FindAsync(new TenantId(token.Tenant), token.Session, context.RequestAborted) is not { } row
            || !RefreshToken.IsOf(secrets, row.ToSession(new TenantId(token.Tenant)), body.RefreshToken))
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.RefreshTokenInvalid));
            return;
        }

        context.Features.Set(new TriedUser(new TenantId(token.Tenant), row.UserId));
        if (await tenants.JudgeAsync(context, new TenantId(token.Tenant)) is { } refusal)
        {
            await SignInAnswers.RefuseAsync(context, refusal);
            return;
        }

        if (await users.FindAsync(new TenantId(token.Tenant), row.UserId, context.RequestAborted) is not { IsActive: true } user)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.RefreshTokenInvalid));
            return;
        }

        var outcome = await lanes.SubmitAsync(new RefreshSession(token, row.UserId, options.SessionLife, changes), context.RequestAborted);
        await answers.WriteAsync(context, outcome, user.Level);
    }

    public async Task ValidateAsync(HttpContext context)
    {
        if (await PersonAsync(context) is not { } person)
        {
            return;
        }

        if (await users.FindAsync(context.Actor().Tenant, person.User, context.RequestAborted) is not { } user)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.UserNotFound));
            return;
        }

        if (await tokens.ReadAsync(context.Request.Headers.Authorization.ToString().Split(' ')[^1], context.RequestAborted) is not { } claims)
        {
            return;
        }

        var reply = new ValidateReply
        {
            Valid = true,
            User = new SignedInUser
            {
                Id = person.User.ToString(CultureInfo.InvariantCulture),
                Username = user.Username,
                Role = person.Role,
                Level = user.Level,
            },
            Tenant = context.Actor().Tenant.Value,
            Permissions = [.. context.Actor().Permissions.Order(StringComparer.Ordinal)],
            ExpiresAt = claims.ExpiresAt,
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, IdentityJson.Default.ValidateReply);
    }

    public async Task LogoutAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, LogoutBody.Read) is not { } body || await PersonAsync(context) is not { } person)
        {
            return;
        }

        var tenant = context.Actor().Tenant;
        IdentityCommand command = body.Everywhere ? new SignOutEverywhere(tenant, person.User, changes) : new EndSession(tenant, person.User, person.Session, changes);
        await EndAsync(context, command);
    }

    public async Task EndAsync(HttpContext context, string id)
    {
        if (await PersonAsync(context) is { } person)
        {
            _ = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var session);
            await EndAsync(context, new EndSession(context.Actor().Tenant, person.User, session, changes));
        }
    }

    public async Task ListAsync(HttpContext context)
    {
        if (await PersonAsync(context) is not { } person)
        {
            return;
        }

        var found = await sessions.OfUserAsync(context.Actor().Tenant, person.User, Instant.Now(clock), context.RequestAborted);
        var list = new SessionList([.. found.Select(row => new SessionReply
        {
            Id = row.Id.ToString(CultureInfo.InvariantCulture),
            Device = row.Device,
            CreatedAt = new Instant(row.CreatedAt).ToDateTimeOffset(),
            UsedAt = new Instant(row.UsedAt).ToDateTimeOffset(),
            ExpiresAt = new Instant(row.ExpiresAt).ToDateTimeOffset(),
            Current = row.Id == person.Session,
        })]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, IdentityJson.Default.SessionList);
    }

    /// <summary>Whoever calls with a session of its own here; null when an API key does, or whom the shop has signed in, which is answered: by what
    /// they sign in is not known here.</summary>
    public static async Task<CallingUser?> PersonAsync(HttpContext context)
    {
        if (context.Actor().Person is { Session: { } session } person)
        {
            return new CallingUser(person.User, session, person.Role);
        }

        var refusal = new Refusal(context.Actor().Person is null ? ErrorCode.SignInRequired : ErrorCode.SignInOfHost);
        await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
        return null;
    }

    private async Task EndAsync(HttpContext context, IdentityCommand command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
