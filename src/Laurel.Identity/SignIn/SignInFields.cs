using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Platform.GraphQL;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>Who has signed in.</summary>
/// <param name="user">As the operation tells it.</param>
[GraphQLType("AuthUser")]
internal sealed class AuthUser(JsonElement user)
{
    public string Id { get; } = user.GetProperty("id").GetString()!;

    public string Username { get; } = user.GetProperty("username").GetString()!;

    public string Role { get; } = user.GetProperty("role").GetString()!;

    public string? Level { get; } = user.TryGetProperty("level", out var level) ? level.GetString() : null;
}

/// <summary>A session that has begun.</summary>
/// <param name="answer">As the operation tells it.</param>
[GraphQLType("AuthResponse")]
internal sealed class AuthResponse(JsonElement answer)
{
    public string Token { get; } = answer.GetProperty("token").GetString()!;

    public string TokenType { get; } = answer.GetProperty("tokenType").GetString()!;

    public long ExpiresIn { get; } = answer.GetProperty("expiresIn").GetInt64();

    public string RefreshToken { get; } = answer.GetProperty("refreshToken").GetString()!;

    public long RefreshExpiresIn { get; } = answer.GetProperty("refreshExpiresIn").GetInt64();

    public bool Created { get; } = answer.GetProperty("created").GetBoolean();

    public AuthUser User { get; } = new(answer.GetProperty("user"));
}

/// <summary>The body of <c>POST /api/auth/register</c>.</summary>
[GraphQLInput("RegisterInput")]
internal sealed record RegisterInput(
    string? Username, string? Password, string? Phone, string? Email, string? Code, string? Nickname, string? Device);

/// <summary>The body of <c>POST /api/auth/login</c>.</summary>
[GraphQLInput("LoginInput")]
internal sealed record LoginInput(string Username, string Password, string? Totp, string? Device);

/// <summary>The body of <c>POST /api/auth/wechat-login</c>.</summary>
[GraphQLInput("WechatLoginInput")]
internal sealed record WeChatLoginInput(
    string Code, string? PhoneCode, string? EncryptedData, string? Iv, string? Nickname, string? Totp, string? Device);

/// <summary>The body of <c>POST /api/auth/change-password</c>.</summary>
[GraphQLInput("ChangePasswordInput")]
internal sealed record ChangePasswordInput(string? CurrentPassword, string NewPassword);

/// <summary>Signs people in.</summary>
[GraphQLType("Mutation")]
internal sealed class SignInMutations(Doors doors)
{
    private static readonly Door s_register = new(HttpMethods.Post, "/api/auth/register");
    private static readonly Door s_login = new(HttpMethods.Post, "/api/auth/login");
    private static readonly Door s_weChat = new(HttpMethods.Post, "/api/auth/wechat-login");
    private static readonly Door s_password = new(HttpMethods.Post, "/api/auth/change-password");

    [GraphQLField("registerMember")]
    public Task<Resolved<AuthResponse>> RegisterAsync(RegisterInput input, GraphQLCaller caller, CancellationToken cancellationToken) =>
        SignInAsync(s_register, input, SignInJson.Default.RegisterInput, caller, cancellationToken);

    [GraphQLField("login")]
    public Task<Resolved<AuthResponse>> LogInAsync(LoginInput input, GraphQLCaller caller, CancellationToken cancellationToken) =>
        SignInAsync(s_login, input, SignInJson.Default.LoginInput, caller, cancellationToken);

    [GraphQLField("wechatLogin")]
    public Task<Resolved<AuthResponse>> LogInByWeChatAsync(WeChatLoginInput input, GraphQLCaller caller, CancellationToken cancellationToken) =>
        SignInAsync(s_weChat, input, SignInJson.Default.WeChatLoginInput, caller, cancellationToken);

    [GraphQLField("changePassword")]
    public Task<Resolved<bool>> ChangePasswordAsync(ChangePasswordInput input, GraphQLCaller caller, CancellationToken cancellationToken) =>
        doors.DoAsync(caller, new DoorCall(s_password).Saying(input, SignInJson.Default.ChangePasswordInput), cancellationToken);

    private async Task<Resolved<AuthResponse>> SignInAsync<T>(
        Door door, T input, JsonTypeInfo<T> type, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var answer = await doors.CallAsync(caller, new DoorCall(door).Saying(input, type), cancellationToken);
        return answer.Refusal is { } refusal ? refusal : new AuthResponse(answer.Body);
    }
}

/// <summary>How what was given is written down for the operations: what was left out stays out.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegisterInput))]
[JsonSerializable(typeof(LoginInput))]
[JsonSerializable(typeof(WeChatLoginInput))]
[JsonSerializable(typeof(ChangePasswordInput))]
internal sealed partial class SignInJson : JsonSerializerContext;
