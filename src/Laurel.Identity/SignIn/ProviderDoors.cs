using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Identity.Apps;
using Laurel.Identity.Providers;
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

/// <summary>What each call does by which somebody comes in whom a provider vouches for.</summary>
/// <remarks>Whom the provider knows is the user who has its open id, else the user who has its union id, else the user whose telephone number WeChat has
/// verified and our own code or the host has too; otherwise somebody new (D9: nothing that one side alone has verified joins two). What WeChat alone has
/// verified is kept, and proves nothing (docs/adr/0099).</remarks>
internal sealed class ProviderDoors(
    LaneSet lanes,
    PersonalDataVault vault,
    SignInDirectory signIn,
    UserQueries users,
    Admission admission,
    SignInAnswers answers,
    CredentialDoors credentials,
    IdentityOptions options,
    TimeProvider clock,
    RandomNumberGenerator random)
{
    /// <summary>Two who come for the first time at once: the second finds the first.</summary>
    private const int TriesMax = 2;

    private static readonly FieldError s_redirectUnknown = new(
        FieldErrorCode.InvalidFormat,
        FieldOrigin.Query,
        "redirectUri",
        ("expected", new Wording("an address that the setting LAUREL_SIGN_IN_REDIRECTS allows", "设置 LAUREL_SIGN_IN_REDIRECTS 所允许的地址")));

    public async Task ListAsync(HttpContext context)
    {
        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        var providers = (await signIn.OfAsync(tenant, context.RequestAborted)).Providers;
        var list = new ProviderList([.. providers.Names.Select(name => providers.Find(name)!).Select(provider =>
            new ProviderReply(provider.Name, provider is IRedirectProvider, (provider as IRedirectProvider)?.CodeParameter))]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, IdentityJson.Default.ProviderList);
    }

    public async Task AuthorizeAsync(HttpContext context, string name)
    {
        var query = new QueryFields(context.Request);
        var redirect = query.TextOrNull("redirectUri", 2_048);
        var scope = query.IdentifierOrNull("scope", 64);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        if (await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        if ((await signIn.OfAsync(tenant, context.RequestAborted)).Providers.Find(name) is not IRedirectProvider provider)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.ProviderNotFound, ("provider", name)));
            return;
        }

        if (AllowedRedirect(redirect) is not { } address)
        {
            await ProblemResponse.WriteAsync(context, [s_redirectUnknown], context.RequestAborted);
            return;
        }

        var state = SignInState.Make(vault, tenant, name, address, clock.GetUtcNow(), random);
        var reply = new AuthorizeReply(provider.AuthorizeUrl(address, state, scope), state);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, IdentityJson.Default.AuthorizeReply);
    }

    public async Task LoginAsync(HttpContext context, string name)
    {
        if (await SignInDoors.ReadAsync(context, ProviderCodeBody.Read) is { } body
            && await context.TenantAsync() is { Id: var tenant }
            && await IdentifyAsync(context, tenant, name, body) is { } identity)
        {
            await AdmitAsync(context, tenant, body, identity, nickname: null, phone: null);
        }
    }

    public async Task WeChatLoginAsync(HttpContext context)
    {
        if (await SignInDoors.ReadAsync(context, WeChatLoginBody.Read) is not { } body || await context.TenantAsync() is not { Id: var tenant })
        {
            return;
        }

        if ((await signIn.OfAsync(tenant, context.RequestAborted)).Providers.WeChatMini is not { } mini)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.ProviderNotFound, ("provider", ProviderName.WeChatMini)));
            return;
        }

        var (identity, phone, refusal) = await AskMiniProgramAsync(mini, body, context.RequestAborted);
        if (refusal is not null)
        {
            await SignInAnswers.RefuseAsync(context, refusal);
            return;
        }

        await AdmitAsync(context, tenant, body, identity!, body.Nickname, phone);
    }

    public async Task BindProviderAsync(HttpContext context, string name)
    {
        if (await SignInDoors.ReadAsync(context, ProviderCodeBody.Read) is { } body
            && await SessionDoors.PersonAsync(context) is { } person
            && await IdentifyAsync(context, context.Actor().Tenant, name, body) is { } identity)
        {
            var tenant = context.Actor().Tenant;
            await credentials.ChangeNamesAsync(context, person.User, seen => new BindName(tenant, person.User, NamesOf(tenant, identity), proof: null, seen));
        }
    }

    private static async Task<(ProviderIdentity? Identity, string? Phone, Refusal? Refusal)> AskMiniProgramAsync(
        WeChatMiniProgram mini, WeChatLoginBody body, CancellationToken cancellationToken)
    {
        if (body.Sealed is { } parcel)
        {
            var opened = await mini.OpenAsync(body.Code, parcel, cancellationToken);
            return opened.Succeeded ? (opened.Value.Identity, opened.Value.Phone, null) : (null, null, opened.Refusal);
        }

        var identified = await mini.IdentifyAsync(body.Code, null, cancellationToken);
        if (!identified.Succeeded || body.PhoneCode is null)
        {
            return (identified.Value, null, identified.Refusal);
        }

        var phone = await mini.FindPhoneAsync(body.PhoneCode, cancellationToken);
        return phone.Succeeded ? (identified.Value, phone.Value.Phone, null) : (null, null, phone.Refusal);
    }

    private async Task<ProviderIdentity?> IdentifyAsync(HttpContext context, TenantId tenant, string name, ProviderCodeBody body)
    {
        if ((await signIn.OfAsync(tenant, context.RequestAborted)).Providers.Find(name) is not { } provider)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.ProviderNotFound, ("provider", name)));
            return null;
        }

        Uri? redirect = null;
        if (provider is IRedirectProvider)
        {
            redirect = AllowedRedirect(body.RedirectUri);
            if (redirect is null || body.State is null || !SignInState.IsOurs(vault, tenant, name, redirect, body.State, clock.GetUtcNow()))
            {
                await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.SignInStateInvalid));
                return null;
            }
        }

        var answer = await provider.IdentifyAsync(body.Code, redirect, context.RequestAborted);
        if (answer.Succeeded)
        {
            return answer.Value;
        }

        await SignInAnswers.RefuseAsync(context, answer.Refusal);
        return null;
    }

    private async Task AdmitAsync(HttpContext context, TenantId tenant, ProviderCodeBody body, ProviderIdentity identity, string? nickname, string? phone)
    {
        var typed = phone is null ? null : new TypedName(NameKind.Phone, phone);
        var recognised = NamesOf(tenant, identity);
        var unproven = typed is null ? null : typed.KeyIn(vault, tenant) with { ShownBy = NameShown.Provider };
        IReadOnlyList<NameKey> names = unproven is null ? recognised : [.. recognised, unproven];
        var newcomer = new Newcomer { Names = names, Phone = typed?.ForRecord, Nickname = nickname ?? identity.Nickname, Device = body.Device, Totp = body.Totp };
        for (var tries = 1; ; tries++)
        {
            var (user, by) = await FindAsync(tenant, names, context.RequestAborted);
            var standing = typed is null || (by is not null && by != unproven)
                ? PhoneStanding.Plain
                : await admission.StandingAsync(tenant, typed, user, context.RequestAborted);
            if (standing.Vouched is { } vouched)
            {
                context.Features.Set(new TriedUser(tenant, vouched.Member));
                var outcome = await admission.AdoptAsync(tenant, standing, typed!, newcomer with { Names = recognised }, context.RequestAborted);
                await answers.WriteAsync(context, outcome, vouched.Level);
                return;
            }

            if (user is not null)
            {
                await CompleteAsync(context, tenant, user, by!, body, names, standing.Stale);
                return;
            }

            var enrolled = await admission.EnrolAsync(tenant, newcomer, context.RequestAborted);
            if (enrolled is Outcome.Refused { Refusal.Code: ErrorCode.SignInNameTaken } && tries < TriesMax)
            {
                continue;
            }

            await answers.WriteAsync(context, enrolled, Admission.LevelOf(enrolled));
            return;
        }
    }

    private async Task CompleteAsync(
        HttpContext context, TenantId tenant, FoundUser user, NameKey by, ProviderCodeBody body, IReadOnlyList<NameKey> names, StaleOwner? stale)
    {
        context.Features.Set(new TriedUser(tenant, user.Id));
        if (!user.IsActive)
        {
            await SignInAnswers.RefuseAsync(context, new Refusal(ErrorCode.SignInFailed));
            return;
        }

        if (await admission.TakeTotpTryAsync(tenant, user, body.Totp, context.RequestAborted) is { } spent)
        {
            await SignInAnswers.RefuseAsync(context, spent);
            return;
        }

        Outcome outcome;
        var reads = 0;
        do
        {
            var command = new CompleteSignIn(tenant, user.Id, by, await admission.StartAsync(tenant, user.Id, body.Device, context.RequestAborted))
            {
                Stale = stale,
                Tried = body.Totp is not null && user.AsksForTotp ? Totp.TriesOf(vault, tenant, user) : null,
                TotpStep = admission.StepOf(tenant, user, body.Totp),
                Names = names,
                Seen = await users.NamesAsync(tenant, user.Id, context.RequestAborted),
            };
            outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        }
        while (++reads < Admission.ReadsMax && Admission.WasReadTooEarly(outcome));

        await answers.WriteAsync(context, outcome, user.Level);
    }

    // In the order in which they are trusted. A number finds whom our own code, or the host, has shown to have it.
    private async Task<(FoundUser? User, NameKey? By)> FindAsync(TenantId tenant, IReadOnlyList<NameKey> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (await users.FindAsync(tenant, name, cancellationToken) is { } user)
            {
                return (user, name);
            }
        }

        return (null, null);
    }

    // An open id means something within one app; a union id within all apps of one owner with one provider, whichever of its apps it comes from.
    private IEnumerable<NameKey> NameKeysOf(TenantId tenant, ProviderIdentity identity)
    {
        yield return NameKey.Of(vault, tenant, identity.Provider, $"{identity.AppId}:{identity.OpenId}");
        if (identity.UnionId is { } union)
        {
            yield return NameKey.Of(vault, tenant, ProviderName.UnionOf(identity.Provider), union);
        }
    }

    private IReadOnlyList<NameKey> NamesOf(TenantId tenant, ProviderIdentity identity) => [.. NameKeysOf(tenant, identity)];

    private Uri? AllowedRedirect(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && options.Redirects.Any(allowed => IsBelow(address, allowed)) ? address : null;

    private static bool IsBelow(Uri address, Uri allowed) =>
        address.Scheme == allowed.Scheme && address.Host == allowed.Host && address.Port == allowed.Port && address.UserInfo.Length == 0
        && address.Fragment.Length == 0
        && (address.AbsolutePath == allowed.AbsolutePath || address.AbsolutePath.StartsWith(allowed.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal));
}
