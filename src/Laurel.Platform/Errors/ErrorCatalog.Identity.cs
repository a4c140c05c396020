namespace Laurel.Platform.Errors;

/// <content>The refusals of signing in, of users and of roles.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfIdentity =>
    [
        new(
            ErrorCode.SignInFailed,
            401,
            "The name or the password is not right",
            "账号或密码不正确",
            "Nobody signs in with this name and this password.",
            "没有与该账号和密码匹配的用户。"),
        new(
            ErrorCode.SignInLocked,
            429,
            "Too many wrong passwords",
            "密码错误次数过多",
            "No more passwords are looked at for this name before {retryAfterSeconds} seconds have passed.",
            "{retryAfterSeconds} 秒后才能再次尝试该账号的密码。")
        {
            Values = [new("retryAfterSeconds")],
        },
        new(
            ErrorCode.SignInCodeInvalid,
            422,
            "The code is not right",
            "验证码不正确",
            "The code is wrong, was used, or is no longer good; after five tries a new one has to be asked for.",
            "验证码错误、已使用或已失效；尝试五次后须重新获取。"),
        new(
            ErrorCode.CodeLimitReached,
            429,
            "No more codes are sent for now",
            "暂时不再发送验证码",
            "Another code is sent in {retryAfterSeconds} seconds at the earliest.",
            "最早 {retryAfterSeconds} 秒后可再次获取验证码。")
        {
            Values = [new("retryAfterSeconds")],
        },
        new(
            ErrorCode.SignInMethodOff,
            422,
            "This way to sign in is not set up",
            "未启用该登录方式",
            "This tenant does not reach anybody by {method}.",
            "该租户未配置通过 {method} 发送消息。")
        {
            Values = [new("method")],
        },
        new(
            ErrorCode.SignInStateInvalid,
            422,
            "The sign-in did not begin here",
            "登录流程无效",
            "state and redirectUri are not those that authorize answered and was given, or ten minutes have passed: begin again.",
            "state 与 redirectUri 与 authorize 返回及提交的不符，或已超过十分钟：请重新开始。"),
        new(
            ErrorCode.SignInNameTaken,
            409,
            "Somebody else signs in with this",
            "已被他人占用",
            "Another user has this {kind}.",
            "该 {kind} 已属于另一用户。")
        {
            Values = [new("kind")],
        },
        new(
            ErrorCode.SignInNameNotFound,
            404,
            "The user does not sign in with this",
            "未绑定该登录方式",
            "The user has no {kind} to sign in with.",
            "该用户没有绑定 {kind}。")
        {
            Values = [new("kind")],
        },
        new(
            ErrorCode.SignInNameLast,
            409,
            "It is the last way to sign in",
            "这是最后一种登录方式",
            "Without {kind} the user could not sign in any more: bind something else or set a password first.",
            "解绑 {kind} 后用户将无法登录：请先绑定其他方式或设置密码。")
        {
            Values = [new("kind")],
        },
        new(
            ErrorCode.SignInNamesFull,
            409,
            "The user has as many ways to sign in as there may be",
            "登录方式已达上限",
            "A user signs in with at most {max} names: unbind one first.",
            "每位用户最多绑定 {max} 种登录方式：请先解绑一种。")
        {
            Values = [new("max")],
        },
        new(
            ErrorCode.SignInPhoneUnproven,
            409,
            "The telephone number has yet to be shown to be its user's",
            "该手机号尚待用户本人验证",
            "A provider alone has said whose the number is: sign in with that provider and bind the number by a code, or register an account of its own with this code.",
            "该号码的归属仅由第三方平台告知：请先用该平台登录并以验证码绑定此号码，或用本验证码注册新账号。"),
        new(
            ErrorCode.SignInPhoneStale,
            403,
            "The telephone number alone no longer lets in",
            "仅凭该手机号已不能登录",
            "Its owner has not signed in for {days} days, and numbers are given out again: sign in otherwise, or let the shop say whose the number is.",
            "该号码的用户已 {days} 天未登录，号码可能已被运营商重新分配：请用其他方式登录，或由商户确认号码归属。")
        {
            Values = [new("days")],
        },
        new(
            ErrorCode.SignInRequired,
            403,
            "Only a person who has signed in can do this",
            "仅限已登录的用户",
            "This call is about the caller's own account; an API key has none.",
            "此调用针对调用者自己的账号，而 API 密钥没有账号。"),
        new(
            ErrorCode.TotpRequired,
            401,
            "A one-time password is required",
            "需要动态口令",
            "This user has set up one-time passwords: send the present one as totp.",
            "该用户已启用动态口令：请在 totp 中提交当前口令。"),
        new(
            ErrorCode.TotpInvalid,
            401,
            "The one-time password is not right",
            "动态口令不正确",
            "The one-time password is wrong, or was used already.",
            "动态口令错误或已使用。"),
        new(
            ErrorCode.TotpExists,
            409,
            "One-time passwords are asked for already",
            "已启用动态口令",
            "Remove the present secret before another one is made.",
            "请先移除现有密钥，再生成新的密钥。"),
        new(
            ErrorCode.TotpEnrolmentRequired,
            403,
            "Staff has to set up one-time passwords first",
            "员工须先启用动态口令",
            "Until this user has set up one-time passwords, by POST and PUT /api/auth/totp, it may do nothing else.",
            "该用户须先通过 POST 与 PUT /api/auth/totp 启用动态口令，此前不能进行其他操作。"),
        new(
            ErrorCode.StepUpRequired,
            403,
            "A one-time password has to be shown again",
            "需要再次验证动态口令",
            "This is dangerous, and the session was shown no one-time password in the last {minutes} minutes: POST /api/auth/step-up.",
            "此操作风险较高，而该会话在最近 {minutes} 分钟内未验证动态口令：请调用 POST /api/auth/step-up。")
        {
            Values = [new("minutes")],
        },
        new(
            ErrorCode.SignInOfHost,
            403,
            "The shop has signed this person in",
            "该用户由商户登录系统登录",
            "A token of the shop's own sign-in speaks for the member alone; what the person signs in with is changed there.",
            "商户登录系统签发的令牌仅代表会员本身；登录方式须在商户系统中修改。"),
        new(
            ErrorCode.UserUnconfirmed,
            403,
            "A second person has to confirm this user",
            "该用户须经第二人确认",
            "One person alone has made this user or given it its role; what is dangerous is open once another has confirmed it.",
            "该用户或其角色仅由一人设置；经另一人确认后方可进行高风险操作。"),
        new(
            ErrorCode.ConfirmerNotAnother,
            403,
            "Another person has to confirm",
            "须由另一人确认",
            "Whoever made a user or gave it its role, or asked for what is confirmed, whom that person made, and the user itself do not confirm it.",
            "创建该用户、授予其角色或提出该请求的人、由其创建的用户以及该用户本人均不能确认。"),
        new(
            ErrorCode.PasswordsBusy,
            503,
            "Too many passwords are waiting",
            "密码校验繁忙",
            "As many passwords as can be looked at are waiting already.",
            "等待校验的密码已达上限。"),
        new(
            ErrorCode.RefreshTokenInvalid,
            401,
            "The refresh token is not good",
            "刷新令牌无效",
            "It is not one of ours, or its session is over: sign in again.",
            "该令牌不是本系统签发的，或其会话已结束：请重新登录。"),
        new(
            ErrorCode.RefreshTokenReused,
            401,
            "The refresh token was used before",
            "刷新令牌已被使用",
            "Somebody else may have it, so its session is over: sign in again.",
            "该令牌可能已泄露，会话已被终止：请重新登录。"),
        new(
            ErrorCode.SessionNotFound,
            404,
            "There is no such session",
            "会话不存在",
            "The caller has no session of this id.",
            "调用者没有该编号的会话。"),
        new(
            ErrorCode.UserNotFound,
            404,
            "There is no such user",
            "用户不存在",
            "No user has this id, or it is switched off.",
            "没有该编号的用户，或其已被停用。"),
        new(
            ErrorCode.RoleNotFound,
            404,
            "There is no such role",
            "角色不存在",
            "There is no role {role}.",
            "没有角色 {role}。")
        {
            Values = [new("role")],
        },
        new(
            ErrorCode.RoleBuiltIn,
            409,
            "Every tenant has this role",
            "内置角色不可更改",
            "{role} cannot be changed: make a role of your own.",
            "{role} 不可更改：请新建自定义角色。")
        {
            Values = [new("role")],
        },
        new(
            ErrorCode.GrantExceedsOwn,
            403,
            "Nobody gives what it has not",
            "不能授予自己没有的权限",
            "The caller itself lacks {permissions}.",
            "调用者自己没有以下权限：{permissions}。")
        {
            Values = [new("permissions")],
        },
        new(
            ErrorCode.TokenKeyShared,
            409,
            "Tokens are signed with a shared secret",
            "令牌使用共享密钥签名",
            "The secret is changed where it is set: put the new one first in JWT_SECRET, and the old one behind it for a while.",
            "请在 JWT_SECRET 中更换密钥：新的放在最前，旧的暂时保留在其后。"),
    ];
}
