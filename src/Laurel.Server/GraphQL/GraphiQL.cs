using System.IO.Compression;
using System.Net.Mime;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.GraphQL;

/// <summary>The page at <c>/graphiql</c>, where operations are written and tried; only where <c>LAUREL_GRAPHIQL</c> is on.</summary>
/// <remarks>All of it is served by this node and nothing is fetched from elsewhere. It runs scripts that are files of ours alone.</remarks>
internal static class GraphiQL
{
    /// <summary>Dialogs of the page make styles of their own, and its letters are in its style sheet.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Folder = "Laurel.Server.GraphQL.assets.";
    private const string Packed = ".gz";
    private const string Gzip = "gzip";

    private static readonly (string Name, string MediaType)[] s_files =
    [
        ("react.production.min.js" + Packed, MediaTypeNames.Text.JavaScript),
        ("react-dom.production.min.js" + Packed, MediaTypeNames.Text.JavaScript),
        ("graphiql.min.js" + Packed, MediaTypeNames.Text.JavaScript),
        ("graphiql.min.css" + Packed, MediaTypeNames.Text.Css),
        ("page.js", MediaTypeNames.Text.JavaScript),
        ("page.css", MediaTypeNames.Text.Css),
        ("LICENSES.txt", MediaTypeNames.Text.Plain),
    ];

    public static void MapGraphiQL(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/graphiql", PageAsync).AllowAnonymousAccess().ExcludeFromDescription();
        foreach (var (name, mediaType) in s_files)
        {
            routes.MapGet("/graphiql/" + name.Replace(Packed, "", StringComparison.Ordinal), context => FileAsync(context, name, mediaType))
                .AllowAnonymousAccess()
                .ExcludeFromDescription();
        }
    }

    private static Task PageAsync(HttpContext context)
    {
        var (language, title) = RequestLanguage.Of(context.Request) switch
        {
            Language.English => ("en", "Laurel GraphQL"),
            Language.Chinese => ("zh", "Laurel GraphQL 调试台"),
        };
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return context.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            <link rel="stylesheet" href="/graphiql/graphiql.min.css">
            <link rel="stylesheet" href="/graphiql/page.css">
            <script src="/graphiql/react.production.min.js" defer></script>
            <script src="/graphiql/react-dom.production.min.js" defer></script>
            <script src="/graphiql/graphiql.min.js" defer></script>
            <script src="/graphiql/page.js" defer></script>
            </head>
            <body><div id="graphiql"></div></body>
            </html>

            """,
            context.RequestAborted);
    }

    private static async Task FileAsync(HttpContext context, string name, string mediaType)
    {
        await using var file = typeof(GraphiQL).Assembly.GetManifestResourceStream(Folder + name)!;
        var response = context.Response;
        response.ContentType = mediaType + "; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        if (!name.EndsWith(Packed, StringComparison.Ordinal))
        {
            await file.CopyToAsync(response.Body, context.RequestAborted);
            return;
        }

        response.Headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.AcceptEncoding.ToString().Contains(Gzip, StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = Gzip;
            await file.CopyToAsync(response.Body, context.RequestAborted);
            return;
        }

        await using var plain = new GZipStream(file, CompressionMode.Decompress);
        await plain.CopyToAsync(response.Body, context.RequestAborted);
    }
}
