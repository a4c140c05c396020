using System.Reflection;
using Laurel.GraphQL;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Serving;
using Laurel.GraphQL.Types;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>The schema that Laurel serves: the documents that lie beside the capabilities, merged, and what answers their fields.</summary>
internal static class MallSchema
{
    private const string Place = "graphql/";

    private static readonly Assembly[] s_assemblies = [typeof(Doors).Assembly, typeof(MembershipModule).Assembly, typeof(IdentityModule).Assembly, typeof(MallSchema).Assembly];

    /// <exception cref="InvariantBrokenException">When a document is wrong, or a field has nothing that answers it; all of it is told.</exception>
    public static GraphQLService Create(IServiceProvider services, Doors doors)
    {
        var binder = new GraphQLBinder().UseContext<GraphQLCaller>().AddScalars(CustomScalar.All);
        binder.Add(ActivatorUtilities.CreateInstance<ServiceQueries>(services));
        binder.AddMembership(services, doors).AddIdentity(doors);
        var bound = binder.Build(Read(binder.Scalars));
        Invariant.Require(bound.Schema is not null, Describe(bound.Errors));
        return new GraphQLService(bound.Schema, new ServiceOptions());
    }

    /// <summary>The schema alone, as <c>docs/reference/schema.graphql</c> prints it.</summary>
    /// <exception cref="InvariantBrokenException">When a document is wrong; all that is wrong is told.</exception>
    public static Schema Read(IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        var built = SchemaBuilder.Build([.. CustomScalar.All.Select(scalar => scalar.Definition), new Source(CostDirectives.Text, "cost"), .. Documents()], scalars);
        Invariant.Require(built.Schema is not null, Describe(built.Errors));
        return built.Schema;
    }

    private static IEnumerable<Source> Documents() =>
        from assembly in s_assemblies
        from name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
        where name.StartsWith(Place, StringComparison.Ordinal)
        select new Source(TextOf(assembly, name), name[Place.Length..]);

    private static string TextOf(Assembly assembly, string name)
    {
        using var file = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return file.ReadToEnd();
    }

    private static string Describe(IEnumerable<GraphQLError> errors) => string.Join('\n', errors.Select(error => error.Describe()));
}
