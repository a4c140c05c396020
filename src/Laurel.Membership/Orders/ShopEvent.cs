using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Rules;
using Laurel.Membership.Watch;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Orders;

/// <summary>The limits of orders, each by the name its errors state.</summary>
public static class OrderLimits
{
    /// <summary>Minor units of one amount at the most: the largest integer every JSON reader keeps exact, 2^53 − 1.</summary>
    public const long AmountMax = 9_007_199_254_740_991;

    public const long QuantityMax = 1_000_000_000;

    public const int LinesMax = 500;

    public const int IdLengthMax = 128;

    public const int SkuLengthMax = 128;

    public const int SourceLengthMax = 256;

    /// <summary>Of a text in the data of an event.</summary>
    public const int TextLengthMax = 1_000;

    /// <summary>Of a category or a channel.</summary>
    public const int WordLengthMax = 64;
}

/// <summary>An event of the shop as it was read (CloudEvents 1.0, JSON format).</summary>
internal sealed record ShopEvent
{
    public const string OrderRefunded = "order.refunded";

    public const string ReturnRequested = "order.return_requested";

    public const string ReturnRejected = "order.return_rejected";

    public const string MembershipRefunded = "membership.refunded";

    private static readonly string[] s_ofDapr = ["tracestate", "topic", "pubsubname", "traceid", "expiration"];

    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Type { get; init; }

    public required Instant? Time { get; init; }

    public (MemberName Member, OrderRequest Request)? Completed { get; init; }

    public RefundRequest? Refunded { get; init; }

    /// <summary>Anything else that names a member.</summary>
    public (MemberName Member, IReadOnlyDictionary<string, object?> Data)? Other { get; init; }

    /// <summary>The part that is asked back, its return in the place of a refund.</summary>
    public RefundRequest? Requested { get; init; }

    public (string OrderId, string ReturnId)? Rejected { get; init; }

    public (MemberName Member, CardRequest Request)? CardBought { get; init; }

    public ReadCardRefund? CardRefunded { get; init; }

    /// <summary>Reads an event that names its tenant itself, which <see cref="EventTenant"/> has read before.</summary>
    public static ShopEvent ReadWithTenant(JsonFields fields)
    {
        fields.TextOrNull(EventTenant.Attribute, OrderLimits.TextLengthMax);
        return Read(fields);
    }

    public static ShopEvent Read(JsonFields fields)
    {
        var read = new ShopEvent
        {
            Id = fields.Identifier("id", OrderLimits.IdLengthMax),
            Source = fields.Identifier("source", OrderLimits.SourceLengthMax),
            Type = fields.Identifier("type", OrderLimits.IdLengthMax),
            Time = fields.TimeOrNull("time"),
        };
        fields.ChoiceOrNull("specversion", "1.0");
        ReadContext(fields);
        read = read.Type switch
        {
            EventTypes.OrderCompleted => read with { Completed = fields.Object("data") is { } data ? ReadCompleted(data) : null },
            OrderRefunded => read with { Refunded = fields.Object("data") is { } data ? ReadRefunded(data, "refundId") : null },
            ReturnRequested => read with { Requested = fields.Object("data") is { } data ? ReadRefunded(data, "returnId") : null },
            ReturnRejected => read with { Rejected = fields.Object("data") is { } data ? ReadRejected(data) : null },
            EventTypes.MembershipPurchased => read with { CardBought = fields.Object("data") is { } data ? ReadPurchase.ReadEvent(data) : null },
            MembershipRefunded => read with { CardRefunded = fields.Object("data") is { } data ? ReadCardRefund.ReadEvent(data) : null },
            // Laurel tells of these itself; registrations it takes by another door.
            EventTypes.MemberRegistered or EventTypes.LevelUpgraded or EventTypes.TrackUpgraded or WatchCase.Event => read,
            _ => read with { Other = ReadOther(fields, read.Type) },
        };
        if (read is not { Completed: null, Refunded: null, Requested: null, Rejected: null, Other: null, CardBought: null, CardRefunded: null })
        {
            fields.RefuseUnknown();
        }

        return read;
    }

    /// <summary>The command the event asks for; null for a type that nothing here listens to.</summary>
    public Command? ToCommand(TenantId tenant, MemberBooks books)
    {
        var origin = new EventOrigin(Source, Type, Id);
        return this switch
        {
            { Completed: { } completed } => new CompleteOrder(tenant, completed.Member.In(tenant), completed.Request, origin, books) { Time = Time },
            { Refunded: { } refund } => new RefundOrder(tenant, refund, origin, books) { Time = Time },
            { Requested: { } part } => new RequestReturn(tenant, part, origin, books) { Time = Time },
            { Rejected: { } rejected } => new RejectReturn(tenant, rejected.OrderId, rejected.ReturnId, origin, books) { Time = Time },
            { CardBought: { } bought } => new BuyMembership(tenant, bought.Member.In(tenant), bought.Request, books) { Time = Time, Origin = origin },
            { CardRefunded: { } refund } => new RefundMembership(tenant, refund.Reference, refund.Reason, books) { Time = Time, Origin = origin },
            { Other: { } other } => new ReceiveEvent(tenant, other.Member.In(tenant), new EventFacts(Type, Source, Id, other.Data), books) { Time = Time },
            _ => null,
        };
    }

    /// <summary>An event of a type that a rule may listen to: its data names a member, and what else it tells is for the rules. Null when
    /// it does not: only a standard type is known to need one.</summary>
    private static (MemberName, IReadOnlyDictionary<string, object?>)? ReadOther(JsonFields fields, string type)
    {
        var data = EventTypes.IsStandard(type) ? fields.Object("data") : fields.ObjectOrNull("data");
        return data is null || !(EventTypes.IsStandard(type) || data.Has("memberId") || data.Has("externalId"))
            ? null
            : (MemberName.Read(data), data.Rest(OrderLimits.TextLengthMax));
    }

    /// <summary>Context attributes of the specification that say nothing to us: they may be there.</summary>
    private static void ReadContext(JsonFields fields)
    {
        fields.TextOrNull("datacontenttype", OrderLimits.IdLengthMax);
        fields.TextOrNull("dataschema", OrderLimits.SourceLengthMax);
        fields.TextOrNull("subject", OrderLimits.SourceLengthMax);
        fields.TextOrNull("traceparent", OrderLimits.SourceLengthMax);
        // Dapr adds the rest on the way, and an empty tracestate.
        foreach (var name in s_ofDapr)
        {
            fields.Has(name);
        }
    }

    private static (MemberName Member, OrderRequest Request) ReadCompleted(JsonFields data)
    {
        var completed = (
            MemberName.Read(data),
            new OrderRequest
            {
                OrderId = data.Identifier("orderId", OrderLimits.IdLengthMax),
                Currency = data.Identifier("currency", 3),
                Amount = data.Integer("amount", 0, OrderLimits.AmountMax),
                Lines = [.. data.ListOrNull("lines", OrderLimits.LinesMax, ReadLine) ?? []],
                Channel = data.IdentifierOrNull("channel", OrderLimits.WordLengthMax),
                DeviceId = data.TextOrNull(WatchSigns.DeviceField, OrderLimits.SourceLengthMax),
                Address = data.TextOrNull(WatchSigns.AddressField, OrderLimits.TextLengthMax),
            });
        RefuseRepeats(data, completed.Item2.Lines.Select(line => line.LineId));
        data.RefuseUnknown();
        return completed;
    }

    private static OrderLineRequest ReadLine(JsonFields line)
    {
        var amount = line.Integer("amount", 0, OrderLimits.AmountMax);
        var read = new OrderLineRequest
        {
            LineId = line.Identifier("lineId", OrderLimits.IdLengthMax),
            Sku = line.IdentifierOrNull("sku", OrderLimits.SkuLengthMax),
            Quantity = line.IntegerOrNull("quantity", 0, OrderLimits.QuantityMax) ?? 1,
            Amount = amount,
            Eligible = line.IntegerOrNull("eligible", 0, amount) ?? amount,
            Discounted = line.IntegerOrNull("discounted", 0, amount) ?? 0,
            Category = line.IdentifierOrNull("category", OrderLimits.WordLengthMax),
            Kind = line.ChoiceOrNull("kind", "goods", "gift_card", "delivery", "service") ?? OrderLineRequest.Goods,
        };
        line.RefuseUnknown();
        return read;
    }

    private static (string OrderId, string ReturnId) ReadRejected(JsonFields data)
    {
        var rejected = (data.Identifier("orderId", OrderLimits.IdLengthMax), data.Identifier("returnId", OrderLimits.IdLengthMax));
        data.RefuseUnknown();
        return rejected;
    }

    /// <param name="name">What names the part: a refund, or a return that was asked for.</param>
    private static RefundRequest ReadRefunded(JsonFields data, string name)
    {
        var refund = new RefundRequest
        {
            OrderId = data.Identifier("orderId", OrderLimits.IdLengthMax),
            RefundId = data.Identifier(name, OrderLimits.IdLengthMax),
            ReturnId = name == "returnId" ? null : data.IdentifierOrNull("returnId", OrderLimits.IdLengthMax),
            Amount = data.IntegerOrNull("amount", 1, OrderLimits.AmountMax),
            Lines = [.. data.ListOrNull("lines", OrderLimits.LinesMax, ReadRefundLine) ?? []],
        };
        if (!data.Has("amount") && refund.Lines.IsEmpty)
        {
            data.Fail("amount", FieldErrorCode.Required);
        }
        else if (data.Has("amount") && data.Has("lines"))
        {
            // By amount or by lines: both would be two answers to one question.
            data.Fail("lines", FieldErrorCode.UnknownField);
        }

        RefuseRepeats(data, refund.Lines.Select(line => line.LineId));
        data.RefuseUnknown();
        return refund;
    }

    private static RefundLineRequest ReadRefundLine(JsonFields line)
    {
        var read = new RefundLineRequest(line.Identifier("lineId", OrderLimits.IdLengthMax), line.Integer("amount", 1, OrderLimits.AmountMax));
        line.RefuseUnknown();
        return read;
    }

    private static void RefuseRepeats(JsonFields data, IEnumerable<string> lineIds)
    {
        var seen = new HashSet<string>();
        foreach (var id in lineIds)
        {
            if (!seen.Add(id) && id.Length > 0)
            {
                data.Fail("lines", FieldErrorCode.DuplicateField);
                return;
            }
        }
    }
}
