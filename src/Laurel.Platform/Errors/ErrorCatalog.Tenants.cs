namespace Laurel.Platform.Errors;

/// <content>The refusals of tenants.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfTenants() =>
    [
        new(
            ErrorCode.TenantNotFound,
            404,
            "The tenant is not known",
            "未知的商户",
            "The call or the message names no tenant that is here.",
            "调用或消息所指的商户在此不存在。"),
        new(
            ErrorCode.TenantExists,
            409,
            "The tenant is there already",
            "商户已存在",
            "There is a tenant with the code {code}; codes are given once and for ever.",
            "代码为 {code} 的商户已存在；代码一经使用永不重复。")
        {
            Values = [new("code")],
        },
        new(
            ErrorCode.TenantHostTaken,
            409,
            "The host name belongs to another tenant",
            "该主机名属于其他商户",
            "The host {host} leads to another tenant; take it from that one first.",
            "主机名 {host} 已指向其他商户；请先从该商户移除。")
        {
            Values = [new("host")],
        },
        new(
            ErrorCode.TenantIsPlatform,
            422,
            "The platform itself cannot be suspended",
            "平台自身不能被停用",
            "This is the tenant of whoever runs the installation; suspended, nobody could end it.",
            "这是本系统运营者自己的商户；停用后将无人能够恢复。"),
        new(
            ErrorCode.TenantMismatch,
            403,
            "The credentials are of another tenant",
            "凭证属于其他商户",
            "The header Laurel-Tenant or the host name is not of the tenant that the credentials are of; nothing was done.",
            "请求头 Laurel-Tenant 或主机名与凭证所属的商户不一致；未做任何更改。"),
        new(
            ErrorCode.TenantSuspended,
            403,
            "The tenant is suspended",
            "商户已停用",
            "The platform has suspended this tenant; nothing was done. Ask whoever runs the installation.",
            "平台已停用该商户；未做任何更改。请联系系统运营者。"),
        new(
            ErrorCode.PlatformOnly,
            403,
            "Only the platform may do this",
            "仅平台可以执行此操作",
            "This is about the whole installation; it takes credentials of the platform's own tenant.",
            "此操作涉及整个系统，需要平台自身商户的凭证。"),
    ];
}
