using System.Buffers;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Orders;

/// <summary>Carries out what the shop tells, whichever door it came through: the same body has the same results at each.</summary>
public sealed class EventIntake(LaneSet lanes, MemberBooks books, PointsQueries queries)
{
    /// <summary>Carries out the events of the messages in order, and gives each message its results.</summary>
    /// <param name="caller">Takes events out of the queue; those that are in a batch are carried out all the same.</param>
    public async Task RunAsync(IReadOnlyList<EventMessage> messages, CancellationToken caller)
    {
        var commands = new List<Command>();
        var places = new List<(EventMessage Message, int Place)>();
        foreach (var message in messages)
        {
            for (var i = 0; i < message.Results.Length; i++)
            {
                if (message.CommandAt(i, books) is { } command)
                {
                    commands.Add(command);
                    places.Add((message, i));
                }
            }
        }

        if (commands.Count == 0)
        {
            return;
        }

        var outcomes = await lanes.SubmitAsync(commands, caller);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var (message, place) = places[i];
            message.Results[place] = message.Results[place] with { Outcome = outcomes[i] };
        }
    }

    /// <summary>Reads what the first of each repeated event did, for an answer that tells it again.</summary>
    /// <exception cref="Engine.Sql.ReadUnavailableException">When the database does not answer.</exception>
    public async Task ReadEarlierAsync(EventMessage message, CancellationToken cancellationToken)
    {
        for (var i = 0; i < message.Results.Length; i++)
        {
            if (message.Results[i].Outcome is Outcome.Duplicate { Earlier: var earlier })
            {
                message.Results[i] = message.Results[i] with { Earlier = await queries.ReadPostingAsync(message.Tenant, earlier, cancellationToken) };
            }
        }
    }
}

/// <summary>A body of one or many CloudEvents of the shop, and what became of each.</summary>
public sealed class EventMessage
{
    /// <summary>Events of one message at the most.</summary>
    public const int EventsMax = 1_000;

    /// <summary>Bytes of one message at the most.</summary>
    public const long BytesMax = 8 * 1024 * 1024;

    private static readonly BodyRules s_rules = new()
    {
        BytesMax = BytesMax,
        MediaTypes = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"],
        Hashed = false,
    };

    private readonly IReadOnlyList<ItemRead<ShopEvent>> _events;

    private EventMessage(TenantId tenant, BodyRead<IReadOnlyList<ItemRead<ShopEvent>>> body)
    {
        (Tenant, Failure) = (tenant, body.Failure);
        _events = body.Failure is null ? body.Value : [];
        Results = [.. _events.Select(read => new EventResult(read.Value?.Id) { Failure = read.Failure })];
    }

    public TenantId Tenant { get; }

    /// <summary>Why nothing of the message could be read; null when its events could, or some of them.</summary>
    public RequestFailure? Failure { get; }

    /// <summary>One for each event, in order.</summary>
    internal EventResult[] Results { get; }

    /// <summary>Whether an event met something broken or busy, so that the same message may have another outcome at once.</summary>
    public bool IsTransient => Array.Exists(Results, result => result.Outcome is Outcome.Failed { Retryable: true });

    /// <summary>The first failure of the message; null when each of its events is applied, now or before.</summary>
    public RequestFailure? FirstFailure => Failure ?? Array.Find(Results, result => result.Problem is not null)?.Problem;

    /// <summary>Whether every failure is of what may yet come: a refund before its order, an order before its member.</summary>
    public bool MayBeAppliedLater => Failure is null && Array.TrueForAll(Results, result => result.Problem is null || result.MayBeAppliedLater);

    /// <summary>Reads the body of a request.</summary>
    /// <param name="namesTenant">Whether the body is one event that names this tenant itself; where credentials do, none may.</param>
    public static async ValueTask<EventMessage> ReadAsync(TenantId tenant, HttpContext context, bool namesTenant, CancellationToken cancellationToken) =>
        new(tenant, await JsonBody.ReadItemsAsync(context, s_rules, EventsMax, ReaderOf(namesTenant), cancellationToken));

    /// <summary>Reads the body of a message of a broker.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static EventMessage Read(TenantId tenant, ReadOnlyMemory<byte> body, bool namesTenant) =>
        new(tenant, JsonBody.ReadItems(body, s_rules, EventsMax, ReaderOf(namesTenant)));

    private static Func<JsonFields, ShopEvent> ReaderOf(bool namesTenant) => namesTenant ? ShopEvent.ReadWithTenant : ShopEvent.Read;

    /// <summary>Writes the results as <c>POST /api/events</c> answers them.</summary>
    public void WriteResults(Utf8JsonWriter writer, Language language) => EventResult.Write(writer, Results, language);

    /// <summary>The results as a document of their own, in English.</summary>
    public ReadOnlyMemory<byte> ResultsJson()
    {
        var document = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(document))
        {
            WriteResults(json, Language.English);
        }

        return document.WrittenMemory;
    }

    /// <summary>The command that an event asks for; null where it could not be read, or nothing here handles its type.</summary>
    internal Command? CommandAt(int place, MemberBooks books)
    {
        var (value, failure) = _events[place];
        if (failure is not null)
        {
            return null;
        }

        if (value.ToCommand(Tenant, books) is { } command)
        {
            return command;
        }

        Results[place] = Results[place] with { Failure = new RequestFailure(new Refusal(ErrorCode.EventTypeUnknown, ("type", value.Type))) };
        return null;
    }
}
