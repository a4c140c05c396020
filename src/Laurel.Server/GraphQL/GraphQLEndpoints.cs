using Laurel.GraphQL.Serving;
using Laurel.Platform.Access;
using Laurel.Platform.Http;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>Puts GraphQL into the server.</summary>
internal static class GraphQLEndpoints
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/graphql";

    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Post];

    private static readonly RefusalShape s_refusals = new(
        request => AnswerForms.Of(request).Form is AnswerForm.Response ? AnswerForms.Response : AnswerForms.Json, Refusals.Write);

    public static void AddGraphQL(this IServiceCollection services, GraphQLSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<OpenStreams>();
    }

    /// <summary>Serves a schema to every caller: who may ask for what is judged field by field.</summary>
    public static void MapGraphQL(this IEndpointRouteBuilder routes, GraphQLService service)
    {
        var transport = new GraphQLTransport(service, routes.ServiceProvider);
        routes.MapMethods(Path, s_methods, transport.AnswerAsync).AllowAnyCaller().WithMetadata(s_refusals).ExcludeFromDescription();
        if (transport.Settings.GraphiQL)
        {
            routes.MapGraphiQL();
        }
    }
}
