using Laurel.Platform.Http;
using Laurel.Server.Hosting;

namespace Laurel.Server.GraphQL;

/// <summary>How <c>/graphql</c> is served. What can be set is in <c>docs/operate/settings.md</c>; every bound has a name.</summary>
public sealed record GraphQLSettings
{
    /// <summary>The default of <see cref="StreamsMax"/>: below what the web server takes of connections, so that calls still come through.</summary>
    public const int StreamsMaxDefault = 15_000;

    /// <summary>The default of <see cref="TenantStreamsMax"/>.</summary>
    public const int TenantStreamsMaxDefault = 12_000;

    /// <summary>The default of <see cref="SubscriptionsMax"/>.</summary>
    public const int SubscriptionsMaxDefault = 100;

    /// <summary>Whether the page to try operations is served; for development.</summary>
    public bool GraphiQL { get; init; }

    /// <summary>Origins of other sites whose pages may open sockets, as browsers write them; <c>*</c> is every site.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Sockets and event streams that are open on this node at the most.</summary>
    public int StreamsMax { get; init; } = StreamsMaxDefault;

    /// <summary>The same of one tenant.</summary>
    public int TenantStreamsMax { get; init; } = TenantStreamsMaxDefault;

    /// <summary>Operations that one socket has under way at the most.</summary>
    public int SubscriptionsMax { get; init; } = SubscriptionsMaxDefault;

    /// <summary>A request at the most, in bytes, whatever carries it.</summary>
    public int RequestBytesMax { get; init; } = (int)JsonBody.BodyBytesMax;

    /// <summary>How long a socket may wait before it says who calls.</summary>
    public TimeSpan InitWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a reader may take for one answer before it is let go: nothing is kept for it meanwhile but that answer.</summary>
    public TimeSpan SendWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a stream without events shows that it lives.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    internal static GraphQLSettings Read(SettingsReader reader)
    {
        var origins = (reader.Text("LAUREL_GRAPHQL_ORIGINS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        reader.Require(
            origins.All(IsOrigin),
            "LAUREL_GRAPHQL_ORIGINS: origins as browsers write them, such as https://mall.example, several separated by blanks, or * for every site.");
        var streamsMax = reader.Integer("LAUREL_GRAPHQL_STREAMS", StreamsMaxDefault, 1, 1_000_000);
        return new()
        {
            GraphiQL = reader.Choice("LAUREL_GRAPHIQL", Switch.Off) == Switch.On,
            Origins = origins,
            StreamsMax = streamsMax,
            TenantStreamsMax = reader.Integer("LAUREL_GRAPHQL_TENANT_STREAMS", Math.Min(TenantStreamsMaxDefault, streamsMax), 1, 1_000_000),
            SubscriptionsMax = reader.Integer("LAUREL_GRAPHQL_SUBSCRIPTIONS", SubscriptionsMaxDefault, 1, 10_000),
        };
    }

    private static bool IsOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https" && origin.GetLeftPart(UriPartial.Authority) == text);

    private enum Switch
    {
        Off,
        On,
    }
}
