using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>What each call does by which somebody who is signed in changes what to sign in with.</summary>
internal sealed class CredentialDoors(
    LaneSet lanes,
    PersonalDataVault vault,
    SecretVault secrets,
    UserQueries users,
    PasswordWork passwords,
    PasswordRules rules,
    AccessChanges changes,
    SignInAnswers answers,
    IdentityOptions options,
    TimeProvider clock)
{
    /// <summary>Whoever signed in may set a first password; another one takes the old one, with the same tries as a sign-in.</summary>
    public async Task ChangePasswordAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, ChangePasswordBody.Reader(rules)) is not { } body || await UserAsync(context) is not { } user)
        {
            return;
        }

        var tenant = context.Actor().Tenant;
        if (user.PasswordHash is not null && !await IsOwnAsync(context, tenant, user, body.CurrentPassword ?? ""))
        {
            return;
        }

        if (await passwords.HashAsync(body.NewPassword, context.RequestAborted) is not { } hash)
        {
            await SignInDoors.BusyAsync(context);
            return;
        }

        var start = new SessionStart(secrets, options.SessionLife, Device: null, changes);
        var outcome = await lanes.SubmitAsync(new SetPassword(tenant, user.Id, hash, user.PasswordHash, proof: null, start, changes), context.RequestAborted);
        await answers.WriteAsync(context, outcome, user.Level);
    }

    public async Task NamesAsync(HttpContext context)
    {
        if (await SessionDoors.PersonAsync(context) is { } person)
        {
            await ListNamesAsync(context, person.User, StatusCodes.Status200OK);
        }
    }

    public async Task AddNameAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, BindBody.Read) is not { Name: { } typed } body || await SessionDoors.PersonAsync(context) is not { } person)
        {
            return;
        }

        var tenant = context.Actor().Tenant;
        var name = typed.KeyIn(vault, tenant);
        var proof = CodeProof.Of(vault, tenant, name, CodePurpose.Bind, body.Code);
        await ChangeNamesAsync(context, person.User, seen => new BindName(tenant, person.User, [name], proof, seen));
    }

    public async Task RemoveNameAsync(HttpContext context, string kind)
    {
        if (await SessionDoors.PersonAsync(context) is not { } person)
        {
            return;
        }

        await ChangeNamesAsync(context, person.User, seen => new UnbindName(context.Actor().Tenant, person.User, kind, seen));
    }

    public async Task BeginTotpAsync(HttpContext context)
    {
        if (await UserAsync(context) is not { } user)
        {
            return;
        }

        if (user.AsksForTotp)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.TotpExists));
            return;
        }

        var tenant = context.Actor().Tenant;
        var (stored, text) = Totp.Draw(secrets, tenant, user.Id);
        var outcome = await lanes.SubmitAsync(new SetTotp(tenant, user.Id, stored, step: null), context.RequestAborted);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        var issuer = Uri.EscapeDataString(options.Issuer);
        var uri = $"otpauth://totp/{issuer}:{Uri.EscapeDataString(user.Username)}?secret={text}&issuer={issuer}";
        await WriteResponse.WriteAsync(context, StatusCodes.Status201Created, new TotpReply(text, uri), IdentityJson.Default.TotpReply);
    }

    public Task ConfirmTotpAsync(HttpContext context) => ShowTotpAsync(context, keep: true);

    public Task RemoveTotpAsync(HttpContext context) => ShowTotpAsync(context, keep: false);

    private async Task ShowTotpAsync(HttpContext context, bool keep)
    {
        if (await SignInDoors.ReadAsync(context, TotpBody.Read) is not { } body || await UserAsync(context) is not { } user)
        {
            return;
        }

        // Six digits are soon tried by who has got hold of a session.
        var tenant = context.Actor().Tenant;
        if (!await TakeTryAsync(context, tenant, Totp.TriesOf(vault, tenant, user)))
        {
            return;
        }

        var step = user.TotpSecret is { } stored ? Totp.StepOf(Totp.Open(secrets, tenant, user.Id, stored), body.Totp, clock.GetUtcNow()) : null;
        if (step is null || step <= user.TotpStep)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.TotpInvalid));
            return;
        }

        var outcome = await lanes.SubmitAsync(new SetTotp(tenant, user.Id, keep ? user.TotpSecret : null, step), context.RequestAborted);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The caller as it is stored; null when an API key calls, which is answered.</summary>
    private async Task<FoundUser?> UserAsync(HttpContext context)
    {
        if (await SessionDoors.PersonAsync(context) is not { } person)
        {
            return null;
        }

        if (await users.FindAsync(context.Actor().Tenant, person.User, context.RequestAborted) is { } user)
        {
            return user;
        }

        await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.UserNotFound));
        return null;
    }

    private async Task<bool> IsOwnAsync(HttpContext context, TenantId tenant, FoundUser user, string password)
    {
        if (!await TakeTryAsync(context, tenant, NameKey.Of(vault, tenant, NameKind.Username, user.Username)))
        {
            return false;
        }

        var right = await passwords.IsRightAsync(user.PasswordHash, password, context.RequestAborted);
        if (right is true)
        {
            return true;
        }

        await (right is null ? SignInDoors.BusyAsync(context) : SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.SignInFailed)));
        return false;
    }

    private async Task<bool> TakeTryAsync(HttpContext context, TenantId tenant, NameKey name)
    {
        var tried = await lanes.SubmitAsync(new TakeTry(tenant, name), context.RequestAborted);
        if (tried is Outcome.Applied)
        {
            return true;
        }

        await SignInAnswers.RefuseAsync(context, tried);
        return false;
    }

    /// <summary>Changes what a user signs in with, and answers with all of it.</summary>
    /// <param name="change">The change, of what the user signs in with when it is read.</param>
    public async Task ChangeNamesAsync(HttpContext context, long user, Func<NamesSeen, IdentityCommand> change)
    {
        Outcome outcome;
        var reads = 0;
        do
        {
            var seen = await users.NamesAsync(context.Actor().Tenant, user, context.RequestAborted);
            outcome = await lanes.SubmitAsync(change(seen), context.RequestAborted);
        }
        while (++reads < Admission.ReadsMax && Admission.WasReadTooEarly(outcome));

        if (outcome is Outcome.Applied)
        {
            WriteResponse.TellVersion(context, outcome);
            await ListNamesAsync(context, user, StatusCodes.Status200OK);
            return;
        }

        await SignInAnswers.RefuseAsync(context, outcome);
    }

    private async Task ListNamesAsync(HttpContext context, long user, int status)
    {
        var seen = await users.NamesAsync(context.Actor().Tenant, user, context.RequestAborted);
        var list = new NameList([.. seen.Names.Select(name => new NameReply(name.Kind, name.Label, new Instant(name.BoundAt).ToDateTimeOffset(), name.ShownBy))]);
        await WriteResponse.WriteAsync(context, status, list, IdentityJson.Default.NameList);
    }
}
