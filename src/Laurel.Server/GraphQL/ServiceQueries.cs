using System.Reflection;
using Laurel.GraphQL.Binding;

namespace Laurel.Server.GraphQL;

/// <summary>What answers.</summary>
[GraphQLType("Service")]
internal sealed record ServiceNode(string Name, string Version, DateTimeOffset Time);

/// <summary>What every caller may ask: who answers.</summary>
[GraphQLType("Query")]
internal sealed class ServiceQueries(TimeProvider clock)
{
    private static readonly string s_version =
        (typeof(ServiceQueries).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];

    public ServiceNode Service() => new("Laurel", s_version, clock.GetUtcNow());
}
