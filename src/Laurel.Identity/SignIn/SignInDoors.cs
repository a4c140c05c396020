using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Audit;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Tenants;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>What each call does by which somebody becomes signed in, or asks for a code to become so.</summary>
internal sealed class SignInDoors(
    LaneSet lanes,
    PersonalDataVault vault,
    SecretVault secrets,
    UserQueries users,
    PasswordWork passwords,
    PasswordRules rules,
    CodeSending codes,
    ClientAddresses addresses,
    Admission admission,
    SignInAnswers answers,
    AccessChanges changes,
    IdentityOptions options)
{
    public async Task RegisterAsync(HttpContext context)
    {
        if (await ReadAsync(context, RegisterBody.Reader(rules)) is not { } body)
        {
            return;
        }

        string? hash = null;
        if (body.Password is { } password && (hash = await passwords.HashAsync(password, context.RequestAborted)) is null)
        {
            await BusyAsync(context);
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        var newcomer = new Newcomer { Username = body.Username, Nickname = body.Nickname, Device = body.Device, PasswordHash = hash, IsRegistration = true };
        if (body.Target is { } target)
        {
            var user = await users.FindAsync(tenant, target.KeyIn(vault, tenant), context.RequestAborted);
            await EnterAsync(context, tenant, target, body.Code!, await admission.StandingAsync(tenant, target, user, context.RequestAborted), newcomer);
            return;
        }

        var outcome = await admission.EnrolAsync(tenant, newcomer, context.RequestAborted);
        await answers.WriteAsync(context, outcome, Admission.LevelOf(outcome));
    }

    public async Task LoginAsync(HttpContext context)
    {
        if (await ReadAsync(context, LoginBody.Read) is not { } body)
        {
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        var name = body.Name.KeyIn(vault, tenant);
        var tried = await lanes.SubmitAsync(new TakeTry(tenant, name), context.RequestAborted);
        var user = await FindAsync(context, tenant, name);
        if (tried is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, tried);
            return;
        }

        var right = await passwords.IsRightAsync(user?.PasswordHash, body.Password, context.RequestAborted);
        if (right is null)
        {
            await BusyAsync(context);
            return;
        }

        if (user is not { IsActive: true } || right is false)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.SignInFailed));
            return;
        }

        var (start, step) = (await admission.StartAsync(tenant, user.Id, body.Device, context.RequestAborted), admission.StepOf(tenant, user, body.Totp));
        var command = new CompleteSignIn(tenant, user.Id, name, start) { Tried = name, PasswordSeen = user.PasswordHash, TotpStep = step };
        await answers.WriteAsync(context, await lanes.SubmitAsync(command, context.RequestAborted), user.Level);
    }

    public async Task CodeAsync(HttpContext context, Func<JsonFields, (TypedName? Name, CodePurpose Purpose)> read)
    {
        if (await ReadAsync(context, read) is not { Name: { } typed } body)
        {
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        if (!await codes.ReachesAsync(tenant, typed.Kind, context.RequestAborted))
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.SignInMethodOff, ("method", typed.Kind)));
            return;
        }

        var name = typed.KeyIn(vault, tenant);
        var code = SignInCode.Draw();
        var hash = SignInCode.HashOf(vault, tenant, SignInCode.IdOf(name, body.Purpose), code);
        var address = addresses.NetworkOf(context);
        var outcome = await lanes.SubmitAsync(
            new RequestCode(tenant, name, body.Purpose, typed.Prefix, address, hash, options.CodeLimits), context.RequestAborted);
        var user = await FindAsync(context, tenant, name);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        // Who has no account is sent nothing for a new password, and the answer is the same.
        var isKnown = body.Purpose == CodePurpose.Bind || user is not null;
        if (isKnown || body.Purpose != CodePurpose.Reset)
        {
            codes.Send(tenant, typed.Kind, typed.Normalised, code, body.Purpose, isKnown);
        }

        var reply = new CodeSentReply((long)SignInCode.Life.TotalSeconds, (long)options.CodeLimits.OfTarget.Pause.TotalSeconds);
        await WriteResponse.WriteAsync(context, StatusCodes.Status202Accepted, reply, IdentityJson.Default.CodeSentReply);
    }

    public async Task CodeLoginAsync(HttpContext context)
    {
        if (await ReadAsync(context, CodeLoginBody.Read) is not { Name: { } typed } body)
        {
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        var name = typed.KeyIn(vault, tenant);
        var user = await FindAsync(context, tenant, name);
        var standing = await admission.StandingAsync(tenant, typed, user, context.RequestAborted);
        if (user is null || standing.Vouched is not null)
        {
            await EnterAsync(context, tenant, typed, body.Code, standing, new Newcomer { Nickname = body.Nickname, Device = body.Device, Totp = body.Totp });
            return;
        }

        var proof = CodeProof.Of(vault, tenant, name, CodePurpose.Login, body.Code);
        var command = new CompleteSignIn(tenant, user.Id, name, await admission.StartAsync(tenant, user.Id, body.Device, context.RequestAborted))
        {
            Proof = proof,
            IsShutOut = !user.IsActive,
            Stale = standing.Stale,
            TotpStep = admission.StepOf(tenant, user, body.Totp),
        };
        await answers.WriteAsync(context, await lanes.SubmitAsync(command, context.RequestAborted), user.Level);
    }

    public async Task ResetPasswordAsync(HttpContext context)
    {
        if (await ReadAsync(context, ResetPasswordBody.Reader(rules)) is not { Name: { } typed } body)
        {
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        var name = typed.KeyIn(vault, tenant);
        var user = await FindAsync(context, tenant, name);
        if (await passwords.HashAsync(body.NewPassword, context.RequestAborted) is not { } hash)
        {
            await BusyAsync(context);
            return;
        }

        // Who has no account was sent no code.
        var proof = CodeProof.Of(vault, tenant, name, CodePurpose.Reset, body.Code);
        var start = new SessionStart(secrets, options.SessionLife, body.Device, changes);
        var standing = user is null ? PhoneStanding.Plain : await admission.StandingAsync(tenant, typed, user, context.RequestAborted);
        var command = new SetPassword(tenant, user?.Id ?? 0, hash, seen: null, proof, start, changes)
        {
            Stale = standing.Vouched is { } vouched && vouched.Member == user?.Id ? null : standing.Stale,
            TotpStep = user is null ? null : admission.StepOf(tenant, user, body.Totp),
            By = name,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        await answers.WriteAsync(context, outcome, user?.Level);
    }

    public static async Task<T?> ReadAsync<T>(HttpContext context, Func<JsonFields, T> read)
    {
        var body = await JsonBody.ReadAsync(context, BodyRules.Default, read, context.RequestAborted);
        if (body.Failure is not { } failure)
        {
            return body.Value;
        }

        await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
        return default;
    }

    public static Task BusyAsync(HttpContext context) => SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.PasswordsBusy));

    /// <summary>Whom a name lets in, as whom somebody tries to sign in from now on; null for nobody.</summary>
    private async Task<FoundUser?> FindAsync(HttpContext context, TenantId tenant, NameKey name)
    {
        var user = await users.FindAsync(tenant, name, context.RequestAborted);
        if (user is not null)
        {
            context.Features.Set(new TriedUser(tenant, user.Id));
        }

        return user;
    }

    /// <summary>Lets in who shows by a code to have a number or an address that is no user's, or whose user the host contradicts: as the member of whom the host
    /// has verified the number, else as somebody new.</summary>
    private async Task EnterAsync(HttpContext context, TenantId tenant, TypedName target, string code, PhoneStanding standing, Newcomer newcomer)
    {
        var name = target.KeyIn(vault, tenant);
        newcomer = newcomer with { Proof = CodeProof.Of(vault, tenant, name, CodePurpose.Login, code) };
        if (standing.Vouched is { } vouched)
        {
            context.Features.Set(new TriedUser(tenant, vouched.Member));
            await answers.WriteAsync(context, await admission.AdoptAsync(tenant, standing, target, newcomer, context.RequestAborted), vouched.Level);
            return;
        }

        newcomer = newcomer with
        {
            Names = [name],
            Phone = target.Kind == NameKind.Phone ? target.ForRecord : null,
            Email = target.Kind == NameKind.Email ? target.ForRecord : null,
        };
        var outcome = await admission.EnrolAsync(tenant, newcomer, context.RequestAborted);
        await answers.WriteAsync(context, outcome, Admission.LevelOf(outcome));
    }
}
