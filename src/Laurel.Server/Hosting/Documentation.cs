using Swashbuckle.AspNetCore.SwaggerUI;

namespace Laurel.Server.Hosting;

/// <summary>The page at <c>/docs</c>: every call of the API, to be read and tried.</summary>
internal static class Documentation
{
    public static void UseDocumentation(this WebApplication app) =>
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "docs";
            options.DocumentTitle = "Laurel API";
            options.SwaggerEndpoint("/openapi/v1.json", "Laurel API");
            options.DocExpansion(DocExpansion.List);
        });
}
