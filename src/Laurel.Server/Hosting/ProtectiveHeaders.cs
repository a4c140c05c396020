using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Laurel.Server.Hosting;

/// <summary>What every answer tells a browser not to do with it: guess its type, run it, frame it, keep it, or tell other sites where it came from.</summary>
/// <remarks>After OWASP's Secure Headers Project and ASVS 5.0, 3.4. An endpoint that sets one of them itself knows better. What makes a browser insist on TLS
/// is left to whatever ends the TLS.</remarks>
internal static class ProtectiveHeaders
{
    private static readonly StringValues s_nosniff = "nosniff";
    private static readonly StringValues s_noReferrer = "no-referrer";
    private static readonly StringValues s_noStore = "no-store";

    /// <summary>An answer of the API is data: nothing in it is ever to be shown or run.</summary>
    private static readonly StringValues s_dataPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The page of the documentation styles itself inline; its scripts are files.</summary>
    private static readonly StringValues s_pagePolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Func<object, Task> s_add = Add;

    public static void UseProtectiveHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        // What answers an exception begins with an empty list of headers, so they are added when the answer starts.
        context.Response.OnStarting(s_add, context);
        return next(context);
    });

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        var isPage = context.Request.Path.StartsWithSegments("/docs");
        headers.TryAdd("X-Content-Type-Options", s_nosniff);
        headers.TryAdd("Referrer-Policy", s_noReferrer);
        headers.TryAdd("Content-Security-Policy", isPage ? s_pagePolicy : s_dataPolicy);
        if (context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments("/graphql"))
        {
            headers.TryAdd("Cache-Control", s_noStore);
        }

        return Task.CompletedTask;
    }
}
