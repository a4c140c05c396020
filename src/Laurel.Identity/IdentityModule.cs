using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Identity.ApiKeys;
using Laurel.Identity.Apps;
using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Roles;
using Laurel.Identity.Sessions;
using Laurel.Identity.SignIn;
using Laurel.Identity.Tokens;
using Laurel.Identity.Users;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;
using Laurel.Platform.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Laurel.Identity;

/// <summary>The doors of identity: what the host adds and maps.</summary>
public static class IdentityModule
{
    /// <summary>What the master keys seal here.</summary>
    public static IReadOnlyList<SealedColumn> SealedColumns { get; } =
    [
        new("api_keys", "id", "secret", ApiKey.SecretPurpose),
        new("api_keys", "id", "previous_secret", ApiKey.SecretPurpose),
        new("sessions", "id", "secret", RefreshToken.Purpose),
        new("sign_in_apps", "id", "secret", SignInApp.SecretPurpose),
        new("token_keys", "id", "secret", TokenKeys.Purpose) { IsOfInstallation = true },
        new("users", "id", "totp_secret", Totp.Purpose),
    ];

    public static void AddIdentity(this IServiceCollection services, IdentityOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => RandomNumberGenerator.Create());
        services.AddSingleton(_ => new PasswordWork(PasswordWork.ThreadsByDefault));
        services.AddSingleton(_ => new BreachedPasswords(options.BreachedPasswords));
        services.AddSingleton<PasswordRules>();
        services.AddSingleton<CodeSending>();
        services.AddHostedService(provider => provider.GetRequiredService<CodeSending>());
        services.AddSingleton(provider => new TokenKeys(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<LaneSet>(),
            provider.GetRequiredService<SecretVault>(),
            options,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AccessTokens(
            provider.GetRequiredService<TokenKeys>(),
            provider.GetRequiredService<SignInDirectory>(),
            provider.GetRequiredService<ReadRouter>(),
            provider.GetRequiredService<AccessChanges>(),
            options,
            provider.GetRequiredService<VipRole>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<RandomNumberGenerator>()));
        services.AddSingleton(provider => new StaffProof(
            options.StaffNeedsTotp, options.StaffNeedsConfirming, options.StepUpLife, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAccessTokens>(provider => provider.GetRequiredService<AccessTokens>());
        services.AddSingleton<VipRole>();
        services.AddSingleton<UserQueries>();
        services.AddSingleton<SessionQueries>();
        services.AddSingleton<RoleBook>();
        services.AddSingleton<SignInAnswers>();
        services.AddSingleton<Admission>();
        services.AddSingleton<SignInDoors>();
        services.AddSingleton<ProviderDoors>();
        services.AddSingleton<SignInAppDoors>();
        services.AddSingleton<SessionDoors>();
        services.AddSingleton<CredentialDoors>();
        services.AddSingleton<UserDoors>();
        services.AddSingleton<RoleDoors>();
        services.AddSingleton<TokenDoors>();
    }

    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        MapSignIn(routes);
        MapProviders(routes);
        MapSessions(routes);
        MapCredentials(routes);
        MapApps(routes);
        MapUsers(routes);
        routes.MapGet("/.well-known/jwks.json", (HttpContext context, TokenDoors doors) => doors.KeySetAsync(context))
            .AllowAnonymousAccess()
            .Produces<KeySet>()
            .WithSummary("The public keys of access tokens.");
        routes.MapPost("/api/auth/keys/rotate", (HttpContext context, TokenDoors doors) => doors.RotateAsync(context))
            .RequirePermission(Permission.TokensRotate)
            .OnlyForPlatform()
            .Produces<RotatedReply>()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Makes a new key for access tokens; tokens of the one before stay good.");
    }

    private static void MapSignIn(IEndpointRouteBuilder routes)
    {
        Open<RegisterBody, SignInTokens>(
            routes.MapPost("/api/auth/register", (HttpContext context, SignInDoors doors) => doors.RegisterAsync(context)).LimitRate(RateLimits.Register),
            StatusCodes.Status201Created, "Registers a user who becomes a member, and signs it in.");
        Open<LoginBody, SignInTokens>(
            routes.MapPost("/api/auth/login", (HttpContext context, SignInDoors doors) => doors.LoginAsync(context)).LimitRate(RateLimits.Login),
            StatusCodes.Status200OK, "Signs in by a name and a password.");
        Open<CodeBody, CodeSentReply>(
            routes.MapPost("/api/auth/codes", (HttpContext context, SignInDoors doors) => doors.CodeAsync(context, CodeBody.Read)),
            StatusCodes.Status202Accepted, "Sends a code to a telephone or an e-mail address.");
        Open<CodeLoginBody, SignInTokens>(
            routes.MapPost("/api/auth/code-login", (HttpContext context, SignInDoors doors) => doors.CodeLoginAsync(context)).LimitRate(RateLimits.Login),
            StatusCodes.Status200OK, "Signs in by a code, and registers who is new.");
        Open<ForgotPasswordBody, CodeSentReply>(
            routes.MapPost("/api/auth/forgot-password", (HttpContext context, SignInDoors doors) => doors.CodeAsync(context, ForgotPasswordBody.Read)),
            StatusCodes.Status202Accepted, "Sends a code for a new password, where somebody has the name.");
        Open<ResetPasswordBody, SignInTokens>(
            routes.MapPost("/api/auth/reset-password", (HttpContext context, SignInDoors doors) => doors.ResetPasswordAsync(context)).LimitRate(RateLimits.Login),
            StatusCodes.Status200OK, "Sets a new password by a code, ends all sessions and signs in.");
        Open<RefreshBody, SignInTokens>(
            routes.MapPost("/api/auth/refresh-token", (HttpContext context, SessionDoors doors) => doors.RefreshAsync(context)),
            StatusCodes.Status200OK, "Gives the next tokens of a session.");
        Open<RefreshBody, SignInTokens>(
            routes.MapPost("/api/auth/refresh", (HttpContext context, SessionDoors doors) => doors.RefreshAsync(context)),
            StatusCodes.Status200OK, "The same under its shorter name.");
    }

    private static void MapProviders(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/auth/providers", (HttpContext context, ProviderDoors doors) => doors.ListAsync(context))
            .AllowAnonymousAccess()
            .Produces<ProviderList>()
            .WithSummary("The providers by which people may sign in.");
        routes.MapGet("/api/auth/providers/{provider}/authorize", (HttpContext context, string provider, ProviderDoors doors) => doors.AuthorizeAsync(context, provider))
            .AllowAnonymousAccess()
            .Produces<AuthorizeReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Where to send a browser that signs in by a provider's page.");
        Open<ProviderCodeBody, SignInTokens>(
            routes.MapPost("/api/auth/providers/{provider}/login", (HttpContext context, string provider, ProviderDoors doors) => doors.LoginAsync(context, provider))
                .LimitRate(RateLimits.Login),
            StatusCodes.Status200OK, "Signs in by a code of a provider, and registers who is new.");
        Open<WeChatLoginBody, SignInTokens>(
            routes.MapPost("/api/auth/wechat-login", (HttpContext context, ProviderDoors doors) => doors.WeChatLoginAsync(context)).LimitRate(RateLimits.Login),
            StatusCodes.Status200OK, "Signs in from a WeChat mini program, and registers who is new.");
        Own<ProviderCodeBody, NameList>(
            routes.MapPost(
                "/api/auth/providers/{provider}/bind", (HttpContext context, string provider, ProviderDoors doors) => doors.BindProviderAsync(context, provider)),
            "Binds whom a provider vouches for to the caller.");
    }

    private static void MapApps(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/sign-in/apps", (HttpContext context, SignInAppDoors doors) => doors.ListAsync(context))
            .RequirePermission(Permission.SignInRead)
            .Produces<SignInAppList>()
            .WithSummary("What the tenant has of its own to sign people in with; never a secret.");
        routes.MapPut("/api/sign-in/apps/{code}", (HttpContext context, string code, SignInAppDoors doors) => doors.WriteAsync(context, code))
            .RequirePermission(Permission.SignInConfigure)
            .Accepts<SignInAppSettings>("application/json")
            .Produces<SignInAppReply>()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Sets an app of the tenant's own, its carrier of short messages or its own sign-in, or gives it another secret.");
        routes.MapDelete("/api/sign-in/apps/{code}", (HttpContext context, string code, SignInAppDoors doors) => doors.RemoveAsync(context, code))
            .RequirePermission(Permission.SignInConfigure)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Takes away what the tenant has of its own; nobody signs in by it any more.");
    }

    private static void MapSessions(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/auth/validate", (HttpContext context, SessionDoors doors) => doors.ValidateAsync(context))
            .RequirePermission(Permission.ReadSelf)
            .OpenBeforeTotp()
            .Produces<ValidateReply>()
            .WithSummary("Whose the access token is, what it may do, and how long it lasts.");
        routes.MapPost("/api/auth/logout", (HttpContext context, SessionDoors doors) => doors.LogoutAsync(context))
            .RequirePermission(Permission.UpdateSelf)
            .OpenBeforeTotp()
            .Accepts<LogoutBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Ends this session, or all of them.");
        routes.MapGet("/api/auth/sessions", (HttpContext context, SessionDoors doors) => doors.ListAsync(context))
            .RequirePermission(Permission.ReadSelf)
            .Produces<SessionList>()
            .WithSummary("The caller's sessions.");
        routes.MapDelete("/api/auth/sessions/{id}", (HttpContext context, string id, SessionDoors doors) => doors.EndAsync(context, id))
            .RequirePermission(Permission.UpdateSelf)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends one of the caller's sessions.");
    }

    private static void MapCredentials(IEndpointRouteBuilder routes)
    {
        Own<ChangePasswordBody, SignInTokens>(
            routes.MapPost("/api/auth/change-password", (HttpContext context, CredentialDoors doors) => doors.ChangePasswordAsync(context)),
            "Changes the caller's password, ends all sessions and signs in.");
        routes.MapGet("/api/auth/names", (HttpContext context, CredentialDoors doors) => doors.NamesAsync(context))
            .RequirePermission(Permission.ReadSelf)
            .Produces<NameList>()
            .WithSummary("What the caller signs in with.");
        Own<BindBody, NameList>(
            routes.MapPost("/api/auth/names", (HttpContext context, CredentialDoors doors) => doors.AddNameAsync(context)),
            "Binds a telephone number or an e-mail address.");
        routes.MapDelete("/api/auth/names/{kind}", (HttpContext context, string kind, CredentialDoors doors) => doors.RemoveNameAsync(context, kind))
            .RequirePermission(Permission.UpdateSelf)
            .Produces<NameList>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Unbinds what the caller signs in with.");
        routes.MapPost("/api/auth/totp", (HttpContext context, CredentialDoors doors) => doors.BeginTotpAsync(context))
            .RequirePermission(Permission.UpdateSelf)
            .OpenBeforeTotp()
            .Produces<TotpReply>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Gives a secret for one-time passwords.");
        routes.MapPut("/api/auth/totp", (HttpContext context, CredentialDoors doors) => doors.ConfirmTotpAsync(context))
            .RequirePermission(Permission.UpdateSelf)
            .OpenBeforeTotp()
            .Accepts<TotpBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Shows a one-time password; they are asked for from now on.");
        routes.MapPost("/api/auth/step-up", (HttpContext context, CredentialDoors doors) => doors.StepUpAsync(context))
            .RequirePermission(Permission.UpdateSelf)
            .Accepts<TotpBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .WithSummary("Shows a one-time password; what is dangerous may be done for a while.");
        routes.MapPost("/api/auth/totp/remove", (HttpContext context, CredentialDoors doors) => doors.RemoveTotpAsync(context))
            .RequirePermission(Permission.UpdateSelf)
            .Accepts<TotpBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Shows a one-time password for the last time; they are no longer asked for.");
    }

    private static void MapUsers(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/users", (HttpContext context, UserDoors doors) => doors.ListAsync(context))
            .RequirePermission(Permission.UsersRead)
            .Produces<UserPage>()
            .WithSummary("Users by keyset cursor.");
        routes.MapGet("/api/users/{id}", (HttpContext context, string id, UserDoors doors) => doors.FindOneAsync(context, id))
            .RequirePermission(Permission.UsersRead)
            .Produces<UserReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One user.");
        routes.MapPost("/api/users", (HttpContext context, UserDoors doors) => doors.CreateAsync(context))
            .RequirePermission(Permission.UsersWrite)
            .Accepts<CreateUserBody>("application/json")
            .Produces<UserReply>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Makes one of the shop's staff a user.");
        routes.MapPut("/api/users/{id}", (HttpContext context, string id, UserDoors doors) => doors.ChangeAsync(context, id))
            .RequirePermission(Permission.UsersWrite)
            .Accepts<ChangeUserBody>("application/json")
            .Produces<UserReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Changes the role or the status of a user.");
        routes.MapPost("/api/users/{id}/confirm", (HttpContext context, string id, UserDoors doors) => doors.ConfirmAsync(context, id))
            .RequirePermission(Permission.UsersWrite)
            .Produces<UserReply>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Says as a second person that a user is a person of its own.");
        routes.MapGet("/api/roles", (HttpContext context, RoleDoors doors) => doors.ListAsync(context))
            .RequirePermission(Permission.UsersRead)
            .Produces<RoleList>()
            .WithSummary("Roles and what they may do.");
        routes.MapPut("/api/roles/{code}", (HttpContext context, string code, RoleDoors doors) => doors.WriteAsync(context, code))
            .RequirePermission(Permission.UsersWrite)
            .Accepts<RoleBody>("application/json")
            .Produces<RoleReply>()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Makes a role, or changes one.");
        routes.MapDelete("/api/roles/{code}", (HttpContext context, string code, RoleDoors doors) => doors.RemoveAsync(context, code))
            .RequirePermission(Permission.UsersWrite)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Removes a role; who has it may do nothing.");
    }

    private static void Open<TBody, TReply>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .AllowAnonymousAccess()
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .WithSummary(summary);

    private static void Own<TBody, TReply>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.UpdateSelf)
        .Accepts<TBody>("application/json")
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);
}
