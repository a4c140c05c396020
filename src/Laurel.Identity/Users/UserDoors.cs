using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Roles;
using Laurel.Identity.SignIn;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.Users;

/// <summary>What <c>POST /api/users</c> asks for.</summary>
internal sealed record CreateUserBody
{
    public required string Username { get; init; }

    /// <summary>The first password, which the user should change.</summary>
    public required string Password { get; init; }

    /// <summary>The code of a role.</summary>
    public required string Role { get; init; }

    public static Func<JsonFields, CreateUserBody> Reader(PasswordRules rules) => fields =>
    {
        var username = fields.Text("username", 128);
        if (username.Length > 0 && Users.Username.Normalise(username, out username) is { } fault)
        {
            fields.Fail("username", fault, ("expected", Users.Username.Expected), ("max", User.UsernameLengthMax));
        }

        var body = new CreateUserBody
        {
            Username = username,
            Password = rules.ReadNew(fields, "password", username),
            Role = fields.Identifier("role", Roles.Role.CodeLengthMax),
        };
        fields.RefuseUnknown();
        return body;
    };
}

/// <summary>What <c>PUT /api/users/{id}</c> asks for; what is absent stays.</summary>
internal sealed record ChangeUserBody
{
    public string? Role { get; init; }

    /// <summary><c>active</c> or <c>disabled</c>.</summary>
    public string? Status { get; init; }

    public static ChangeUserBody Read(JsonFields fields)
    {
        var body = new ChangeUserBody
        {
            Role = fields.IdentifierOrNull("role", Roles.Role.CodeLengthMax),
            Status = fields.ChoiceOrNull("status", "active", "disabled"),
        };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What each call of <c>/api/users</c> does. Nobody gives a role, or changes a user, that may do more than the caller.</summary>
internal sealed class UserDoors(
    LaneSet lanes,
    PersonalDataVault vault,
    UserQueries users,
    RoleBook roles,
    PasswordWork passwords,
    PasswordRules rules,
    AccessChanges changes)
{
    public async Task CreateAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, CreateUserBody.Reader(rules)) is not { } body || !await MayGiveAsync(context, body.Role))
        {
            return;
        }

        if (await passwords.HashAsync(body.Password, context.RequestAborted) is not { } hash)
        {
            await SignInDoors.BusyAsync(context);
            return;
        }

        var tenant = context.Actor().Tenant;
        var name = NameKey.Of(vault, tenant, NameKind.Username, body.Username);
        var outcome = await lanes.SubmitAsync(new CreateUser(tenant, name, body.Username, body.Role, hash, context.Actor().Hands), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status201Created, IdentityJson.Default.UserReply);
    }

    public async Task ChangeAsync(HttpContext context, string id)
    {
        if (await SignInDoors.ReadAsync(context, ChangeUserBody.Read) is not { } body || await FindAsync(context, id) is not { } user
            || !await MayChangeAsync(context, user) || (body.Role is not null && !await MayGiveAsync(context, body.Role)))
        {
            return;
        }

        var (actor, status) = (context.Actor(), body.Status is null ? (UserStatus?)null : User.StatusOf(body.Status));
        var outcome = await lanes.SubmitAsync(new ChangeUser(actor.Tenant, user.Id, body.Role, status, actor.Hands, changes), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, IdentityJson.Default.UserReply);
    }

    public async Task ConfirmAsync(HttpContext context, string id)
    {
        if (await FindAsync(context, id) is not { } user || !await MayChangeAsync(context, user))
        {
            return;
        }

        var actor = context.Actor();
        var outcome = await lanes.SubmitAsync(new ConfirmUser(actor.Tenant, user.Id, actor.Hands, changes), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, IdentityJson.Default.UserReply);
    }

    public async Task FindOneAsync(HttpContext context, string id)
    {
        if (await FindAsync(context, id) is { } user)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, UserReply.Of(user), IdentityJson.Default.UserReply);
        }
    }

    public async Task ListAsync(HttpContext context)
    {
        var query = new QueryFields(context.Request);
        var limit = query.Limit();
        var cursor = query.CursorOrNull(1);
        var staffOnly = query.Flag("staffOnly", byDefault: false);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var found = await users.PageAsync(context.Actor().Tenant, cursor?[0] ?? 0, staffOnly, limit + 1, context.RequestAborted);
        var next = found.Count > limit ? Cursor.Write(found[limit - 1].Id) : null;
        var page = new UserPage([.. found.Take(limit).Select(UserReply.Of)], next);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, IdentityJson.Default.UserPage);
    }

    private async Task<FoundUser?> FindAsync(HttpContext context, string id)
    {
        if (long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && await users.FindAsync(context.Actor().Tenant, number, context.RequestAborted) is { } user)
        {
            return user;
        }

        await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.UserNotFound));
        return null;
    }

    /// <summary>Nobody changes a user who may do more. Who holds a role that was removed may do nothing.</summary>
    private async Task<bool> MayChangeAsync(HttpContext context, FoundUser user) =>
        await roles.FindAsync(context.Actor().Tenant, user.Role, context.RequestAborted) is not { } permissions || await GrantRule.HoldsAsync(context, permissions);

    private async Task<bool> MayGiveAsync(HttpContext context, string role)
    {
        var actor = context.Actor();
        if (await roles.FindAsync(actor.Tenant, role, context.RequestAborted) is not { } permissions)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.RoleNotFound, ("role", role)));
            return false;
        }

        return await GrantRule.HoldsAsync(context, permissions);
    }
}

/// <summary>Nobody gives what it has not.</summary>
internal static class GrantRule
{
    /// <summary>Whether the caller has all of these permissions; otherwise that is answered.</summary>
    public static async Task<bool> HoldsAsync(HttpContext context, IEnumerable<string> permissions)
    {
        var beyond = permissions.Where(permission => !context.Actor().May(permission)).Order(StringComparer.Ordinal).ToList();
        if (beyond.Count == 0)
        {
            return true;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.GrantExceedsOwn, ("permissions", beyond)), context.RequestAborted);
        return false;
    }
}
