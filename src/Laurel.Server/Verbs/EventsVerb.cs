using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Laurel.Engine.Events;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Platform.Http;
using Laurel.Server.Hosting;
using Laurel.Server.Messaging;

namespace Laurel.Server.Verbs;

/// <summary><c>events replay</c>: has events of the past published again, with the ids they had.</summary>
internal static class EventsVerb
{
    private static readonly Option<string> s_transport = new("--transport")
    {
        Description = "The queue of the outbox: rabbitmq (the default).",
        DefaultValueFactory = _ => RabbitMqTransport.TransportName,
    };

    private static readonly Option<Instant?> s_from = InstantOption("--from", "The first instant, by the time Laurel recorded the events, such as 2026-11-21T00:00:00Z.", required: true);

    private static readonly Option<Instant?> s_until = InstantOption("--until", "Up to this instant, itself left out (default now).", required: false);

    private static readonly Option<string[]> s_types = new("--type")
    {
        Description = "Only events of this type, such as points.earned; may be given again, or as a list with commas (default all).",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ReadTypes,
    };

    public static Command Create()
    {
        var replay = new Command("replay", "Publishes again what was recorded from an instant on.") { s_transport, s_from, s_until, s_types };
        replay.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            var transport = parsed.GetRequiredValue(s_transport);
            await using var node = await LaurelNode.OpenAsync(settings, "events replay", TimeProvider.System, new LoggerFactory(), cancellationToken);
            if (node.Events.Targets.All(target => target.Name != transport))
            {
                await Console.Error.WriteLineAsync($"laurel: nothing here publishes to '{transport}'; known are: {string.Join(", ", node.Events.Targets.Select(target => target.Name))}.");
                return 2;
            }

            var until = parsed.GetValue(s_until) ?? Instant.Now(TimeProvider.System);
            var (batches, events) = await new EventReplay(node.Database, node.Lanes).RunAsync(
                transport, parsed.GetValue(s_from)!.Value, until, parsed.GetValue(s_types) ?? [], cancellationToken);
            Console.WriteLine($"{events:N0} events in {batches:N0} batches wait for {transport} again.");
            return 0;
        }));
        return new Command("events", "What is told to others.") { replay };
    }

    private static string[] ReadTypes(ArgumentResult result)
    {
        var types = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Distinct().ToArray();
        foreach (var unknown in types.Where(type => MemberEvents.All.All(known => known.Name != type)))
        {
            result.AddError($"--type knows no '{unknown}'; known are: {string.Join(", ", MemberEvents.All.Select(known => known.Name))}.");
        }

        return types;
    }

    private static Option<Instant?> InstantOption(string name, string description, bool required) => new(name)
    {
        Description = description,
        Required = required,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            {
                return instant;
            }

            result.AddError($"{name} is an instant such as 2026-11-21T00:00:00Z, not '{text}'.");
            return null;
        },
    };
}
