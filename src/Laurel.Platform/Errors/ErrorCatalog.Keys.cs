namespace Laurel.Platform.Errors;

/// <content>The refusals of API keys and of rate limits.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfKeys() =>
    [
        new(
            ErrorCode.ApiKeyNotFound,
            404,
            "The API key does not exist",
            "API 密钥不存在",
            "No API key has this id.",
            "没有此编号的 API 密钥。"),
        new(
            ErrorCode.ApiKeyRevoked,
            409,
            "The API key was revoked",
            "API 密钥已吊销",
            "A revoked key can neither be changed nor rotated; make another.",
            "已吊销的密钥不能更改或轮换；请新建密钥。"),
        new(
            ErrorCode.ApiKeyLimitReached,
            422,
            "There are too many API keys",
            "API 密钥过多",
            "There may be {max} keys that are not revoked; revoke one first.",
            "未吊销的密钥最多 {max} 个；请先吊销一个。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.ScopeNotHeld,
            403,
            "Nobody grants what it may not do itself",
            "不能授予自己没有的权限",
            "The key has or would have the permission {permission}, which the caller has not; nothing was changed.",
            "该密钥拥有或将拥有权限 {permission}，而调用方没有此权限；未做任何更改。")
        {
            Values = [new("permission")],
        },
        new(
            ErrorCode.RateLimited,
            429,
            "There were too many calls",
            "调用过于频繁",
            "The limit {policy} allows {limit} calls; the next may be made in {seconds} seconds. Nothing was changed.",
            "限流规则 {policy} 允许 {limit} 次调用；请在 {seconds} 秒后重试。未做任何更改。")
        {
            Values = [new("policy"), new("limit"), new("seconds")],
        },
    ];
}
