using Laurel.Server.Hosting;

namespace Laurel.Server.Messaging;

/// <summary>What a process of <c>serve</c> does. Health, readiness and metrics are served by each.</summary>
[Flags]
public enum NodeRoles
{
    None = 0,

    /// <summary>The API and its documentation.</summary>
    Api = 1,

    /// <summary>Jobs: the sweep, and the shop's events that come through the broker.</summary>
    Worker = 2,

    /// <summary>Publishing what waits in the outbox.</summary>
    Outbox = 4,

    All = Api | Worker | Outbox,
}

/// <summary>A queue that Laurel declares for somebody else.</summary>
/// <param name="Bindings">Routing keys: types of events, <c>points.*</c>, <c>#</c> for all.</param>
public sealed record DeclaredQueue(string Name, IReadOnlyList<string> Bindings);

/// <summary>The broker and what is kept in it.</summary>
public sealed record RabbitMqSettings
{
    /// <summary><c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Declared and bound when Laurel connects; an empty list leaves that to whoever consumes.</summary>
    public IReadOnlyList<DeclaredQueue> Queues { get; init; } = [];

    /// <summary>How long a shop's event waits that may be applied later, such as a refund before its order.</summary>
    public TimeSpan InboxRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times such an event is tried before it goes to the dead letters.</summary>
    public int InboxAttemptsMax { get; init; } = 20;
}

/// <summary>Reads what concerns events and roles; <c>docs/operate/settings.md</c> lists it.</summary>
internal static class MessagingSettings
{
    public const int EventsKeptDaysDefault = 90;

    /// <summary>Null when no broker is set up.</summary>
    public static RabbitMqSettings? ReadRabbitMq(SettingsReader reader)
    {
        var defaults = new RabbitMqSettings { Url = new Uri("amqp://localhost") };
        var queues = ReadQueues(reader);
        var retryAfter = reader.Integer("LAUREL_INBOX_RETRY_SECONDS", (int)defaults.InboxRetryAfter.TotalSeconds, 1, 86_400);
        var attemptsMax = reader.Integer("LAUREL_INBOX_ATTEMPTS", defaults.InboxAttemptsMax, 1, 1_000);
        if (reader.Text("RABBITMQ_URL") is not { } address)
        {
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps"))
        {
            // The address may hold a password: it is not shown.
            reader.Require(false, "RABBITMQ_URL is an address such as amqp://user:password@host:5672/ or amqps://user:password@host:5671/vhost.");
            return null;
        }

        return defaults with { Url = url, Queues = queues, InboxRetryAfter = TimeSpan.FromSeconds(retryAfter), InboxAttemptsMax = attemptsMax };
    }

    public static TimeSpan ReadEventsKept(SettingsReader reader) =>
        TimeSpan.FromDays(reader.Integer("LAUREL_EVENTS_KEPT_DAYS", EventsKeptDaysDefault, 1, 3_650));

    /// <param name="option">From <c>--roles</c>, or null.</param>
    public static NodeRoles ReadRoles(SettingsReader reader, string? option)
    {
        var text = option ?? reader.Text("LAUREL_ROLES") ?? "api,worker,outbox";
        var roles = NodeRoles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var role = name switch
            {
                "api" => NodeRoles.Api,
                "worker" => NodeRoles.Worker,
                "outbox" => NodeRoles.Outbox,
                _ => NodeRoles.None,
            };
            reader.Require(role != NodeRoles.None, $"LAUREL_ROLES (--roles) is a list of api, worker and outbox, not '{name}'.");
            roles |= role;
        }

        reader.Require(roles != NodeRoles.None, "LAUREL_ROLES (--roles) names at least one of api, worker and outbox.");
        return roles;
    }

    /// <summary><c>analytics=#;notices=level.*|points.expired</c></summary>
    private static List<DeclaredQueue> ReadQueues(SettingsReader reader)
    {
        var queues = new List<DeclaredQueue>();
        foreach (var part in (reader.Text("LAUREL_RABBITMQ_QUEUES") ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = part.Split('=', 2, StringSplitOptions.TrimEntries);
            var bindings = sides[^1].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var isWhole = sides.Length == 2 && sides[0].Length is > 0 and <= 200 && bindings.Length > 0;
            reader.Require(isWhole, $"LAUREL_RABBITMQ_QUEUES is a list such as analytics=#;notices=level.*|points.expired, not '{part}'.");
            queues.Add(new DeclaredQueue(sides[0], bindings));
        }

        return queues;
    }
}
