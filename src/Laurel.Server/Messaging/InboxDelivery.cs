using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Laurel.Membership.Orders;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;
using RabbitMQ.Client;

namespace Laurel.Server.Messaging;

/// <summary>A message of the inbox on its way, and the properties of what is made of it.</summary>
internal sealed class InboxDelivery(ulong tag, IReadOnlyBasicProperties properties, byte[] body)
{
    private const string AttemptsHeader = "laurel-attempts";

    // AMQP shortens nothing: a frame of headers that is too large closes the connection.
    private const int ReasonLengthMax = 1_024;

    public ulong Tag { get; } = tag;

    public IReadOnlyBasicProperties Properties { get; } = properties;

    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>What was read of it; null when nothing was, and <see cref="Unread"/> tells why.</summary>
    public EventMessage? Message { get; set; }

    /// <summary>Why it was not read: its tenant is not known, or suspended.</summary>
    public RequestFailure? Unread { get; set; }

    /// <summary>Times it was tried before, this time counted.</summary>
    public int Attempts => 1 + (Number(AttemptsHeader) is { } before and >= 0 and < int.MaxValue ? (int)before : 0);

    /// <summary>The id or the code of the tenant that the header names: empty where it is no name, so that no tenant is found by it; null without
    /// the header.</summary>
    public string? TenantOfHeader() => Properties.Headers?.TryGetValue(RabbitMqTransport.TenantHeader, out var named) == true
        ? named switch
        {
            byte[] text => Encoding.UTF8.GetString(text),
            string text => text,
            byte or short or int or long => Convert.ToString(named, CultureInfo.InvariantCulture),
            _ => "",
        }
        : null;

    /// <summary>For the queue in which it waits to be tried again.</summary>
    public BasicProperties Again(TimeSpan after)
    {
        var again = CopyOf();
        again.Headers![AttemptsHeader] = Attempts;
        again.Expiration = ((long)after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return again;
    }

    /// <summary>For the dead letters: why it was refused, in a code and in words.</summary>
    public BasicProperties Refused(RequestFailure failure, Instant now)
    {
        var refused = CopyOf();
        refused.Headers!["laurel-code"] = failure.Refusal.Code;
        refused.Headers["laurel-reason"] = ReasonOf(failure);
        refused.Headers["laurel-refused-at"] = now.ToString();
        refused.Expiration = null;
        return refused;
    }

    /// <summary>For the answer, where one is wanted.</summary>
    public BasicProperties Reply() => new()
    {
        ContentType = "application/json",
        CorrelationId = Properties.CorrelationId ?? Properties.MessageId,
        AppId = "laurel",
    };

    private static string ReasonOf(RequestFailure failure)
    {
        var text = new StringBuilder(ErrorCatalog.Get(failure.Refusal.Code).Detail(Language.English, failure.Refusal.Values));
        foreach (var error in failure.Errors)
        {
            text.Append(' ').Append(error.Location).Append(": ").Append(error.Detail(Language.English));
        }

        return text.Length <= ReasonLengthMax ? text.ToString() : text.ToString(0, ReasonLengthMax);
    }

    private BasicProperties CopyOf() => new(Properties)
    {
        DeliveryMode = DeliveryModes.Persistent,
        Headers = new Dictionary<string, object?>(Properties.Headers ?? new Dictionary<string, object?>()),
    };

    /// <summary>A header that is a number, however its sender wrote it.</summary>
    private long? Number(string header) => Properties.Headers?.TryGetValue(header, out var value) != true ? null : value switch
    {
        byte[] text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        byte number => number,
        short number => number,
        int number => number,
        long number => number,
        _ => null,
    };
}

/// <summary>What the inbox tells of itself.</summary>
internal static class InboxMetrics
{
    private static readonly Counter<long> s_messages = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_inbox_messages_total", "{message}", "Messages of the shop that came through the broker, by what became of them.");

    /// <summary>Tells every result while it is zero too: an alert on an increase must know it before.</summary>
    public static void Begin()
    {
        foreach (var result in (string[])["applied", "deferred", "dead"])
        {
            s_messages.Add(0, new KeyValuePair<string, object?>("result", result));
        }
    }

    /// <param name="result"><c>applied</c>, <c>deferred</c> or <c>dead</c>.</param>
    public static void Count(string result) => s_messages.Add(1, new KeyValuePair<string, object?>("result", result));
}
