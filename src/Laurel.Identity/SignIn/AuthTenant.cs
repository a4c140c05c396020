using Laurel.Kernel;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.SignIn;

/// <summary>For which tenant somebody signs in.</summary>
internal static class AuthTenant
{
    public static TenantId Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new TenantId(1);
    }
}
