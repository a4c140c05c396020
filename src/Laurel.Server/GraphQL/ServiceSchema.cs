using System.Reflection;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Types;
using Laurel.Kernel;

namespace Laurel.Server.GraphQL;

/// <summary>What every caller may ask: who answers. Its part of the schema lies beside it.</summary>
internal static class ServiceSchema
{
    private static readonly string s_version =
        (typeof(ServiceSchema).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];

    private static readonly object s_service = new();

    public static GraphQLService Create(IServiceProvider services)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var built = SchemaBuilder.Build([Parser.Parse(new(Text()), ParseLimits.Schema).Node!], new Dictionary<string, ScalarCoercion>());
        Invariant.Require(built.Schema is not null, "The schema of the service is a good one.");
        var bound = ExecutableSchema.Bind(built.Schema, (_, field) => BindingOf(field.Name, clock), _ => null);
        Invariant.Require(bound.Schema is not null, "Every field of the service has a resolver.");
        return new GraphQLService(bound.Schema, new ServiceOptions());
    }

    private static FieldBinding? BindingOf(string field, TimeProvider clock) => field switch
    {
        "service" => FieldBinding.Resolving(_ => ValueTask.FromResult<object?>(s_service)),
        "name" => FieldBinding.Reading<object?>(_ => "Laurel"),
        "version" => FieldBinding.Reading<object?>(_ => s_version),
        "time" => FieldBinding.Reading<object?>(_ => Instant.Now(clock).ToString()),
        _ => null,
    };

    private static string Text()
    {
        using var file = typeof(ServiceSchema).Assembly.GetManifestResourceStream("Laurel.Server.GraphQL.service.graphql")!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
