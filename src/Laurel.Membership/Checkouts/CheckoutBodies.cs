using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Checkouts;

/// <summary>What <c>quote</c> asks for.</summary>
public record QuoteBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>1 to 500.</summary>
    public required IReadOnlyList<BasketLine> Lines { get; init; }

    /// <summary>What delivery costs, in minor units; nothing is delivered when absent.</summary>
    public long? Delivery { get; init; }

    /// <summary>Ids of coupons of the member, in any order; 20 at the most.</summary>
    public IReadOnlyList<string>? Coupons { get; init; }

    /// <summary>Points to pay with at the most; 0 when absent.</summary>
    public long Points { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What the reservation of a checkout asks for.</summary>
public sealed record ReserveBody : QuoteBody
{
    /// <summary>Names this checkout once and for all.</summary>
    public required string CheckoutId { get; init; }

    /// <summary>The shop's id of the order; the checkout's own when absent.</summary>
    public string? OrderId { get; init; }

    /// <summary>What the member was told to pay, in minor units.</summary>
    public required long Payable { get; init; }

    /// <summary>How long it waits for its payment, in minutes: 1 to 10,080; as the programme says when absent.</summary>
    public int? Minutes { get; init; }
}

/// <summary>What a confirmation, a cancellation and a completion ask for.</summary>
public sealed record CheckoutStepBody
{
    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a refund of a checkout asks for.</summary>
public sealed record CheckoutRefundBody
{
    /// <summary>Names this refund once and for all.</summary>
    public required string RefundId { get; init; }

    /// <summary>What goes back of which line: a <c>quantity</c>, or a <c>value</c>. Everything that is left when absent.</summary>
    public IReadOnlyList<CheckoutRefundLine>? Lines { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A basket and whose it is, as it was read.</summary>
internal sealed record ReadBasket(MemberName Member, Basket Basket, Instant? Time, CheckoutRequest? Reserve)
{
    private static readonly Wording s_idOfItsOwn = new("not the word delivery, which is the line of the delivery", "不能是 delivery，它是配送行的编号");

    public static ReadBasket Quote(JsonFields fields) => Read(fields, isReserve: false);

    public static ReadBasket Reservation(JsonFields fields) => Read(fields, isReserve: true);

    private static ReadBasket Read(JsonFields fields, bool isReserve)
    {
        var member = MemberName.Read(fields);
        var basket = new Basket
        {
            Lines = [.. fields.List("lines", OrderLimits.LinesMax, ReadLine)],
            Delivery = fields.IntegerOrNull("delivery", 0, OrderLimits.AmountMax),
            Coupons = ReadCouponIds(fields),
            Points = fields.IntegerOrNull("points", 0, OrderLimits.AmountMax) ?? 0,
        };
        Check(fields, basket);
        var time = fields.TimeOrNull("time");
        var reserve = isReserve ? ReadReserve(fields, basket) : null;
        fields.RefuseUnknown();
        return new ReadBasket(member, basket, time, reserve);
    }

    private static CheckoutRequest ReadReserve(JsonFields fields, Basket basket)
    {
        var id = fields.Identifier("checkoutId", OrderLimits.IdLengthMax);
        return new CheckoutRequest
        {
            CheckoutId = id,
            OrderId = fields.IdentifierOrNull("orderId", OrderLimits.IdLengthMax) ?? id,
            Basket = basket,
            Payable = fields.Integer("payable", 0, OrderLimits.AmountMax),
            Minutes = (int?)fields.IntegerOrNull("minutes", 1, CheckoutRules.ReserveMinutesMax),
        };
    }

    private static BasketLine ReadLine(JsonFields line)
    {
        var amount = line.Integer("amount", 0, OrderLimits.AmountMax);
        var read = new BasketLine
        {
            LineId = line.Identifier("lineId", OrderLimits.IdLengthMax),
            Sku = line.IdentifierOrNull("sku", OrderLimits.SkuLengthMax),
            Category = line.IdentifierOrNull("category", OrderLimits.WordLengthMax),
            Kind = line.ChoiceOrNull("kind", CouponLine.Goods, "gift_card", "service") ?? CouponLine.Goods,
            Quantity = line.IntegerOrNull("quantity", 1, OrderLimits.QuantityMax) ?? 1,
            Amount = amount,
            SaleAmount = line.IntegerOrNull("saleAmount", 0, amount),
            MemberAmount = line.IntegerOrNull("memberAmount", 0, amount),
            Exclusive = line.Flag("exclusive", byDefault: false),
        };
        if (read.LineId == Basket.DeliveryLine)
        {
            line.Fail("lineId", FieldErrorCode.InvalidFormat, ("expected", s_idOfItsOwn));
        }

        line.RefuseUnknown();
        return read;
    }

    private static void Check(JsonFields fields, Basket basket)
    {
        if (fields.HasFaults)
        {
            return;
        }

        if (basket.Lines.IsEmpty)
        {
            fields.Fail("lines", FieldErrorCode.Required);
        }

        if (basket.Lines.GroupBy(line => line.LineId).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            fields.Fail("lines", FieldErrorCode.NotUnique, ("value", twice.Key));
        }

        var sum = basket.Lines.Aggregate((Int128)(basket.Delivery ?? 0), (all, line) => all + line.Amount);
        if (sum > OrderLimits.AmountMax)
        {
            fields.Fail("lines", FieldErrorCode.OutOfRange, ("min", 0L), ("max", OrderLimits.AmountMax));
        }
    }

    private static ImmutableArray<long> ReadCouponIds(JsonFields fields)
    {
        var ids = new List<long>();
        foreach (var text in fields.TextsOrNull("coupons", CouponsRequest.CouponsMax, 20) ?? [])
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                ids.Add(id);
            }
            else
            {
                fields.Fail("coupons", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.MemberId));
            }
        }

        if (ids.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            fields.Fail("coupons", FieldErrorCode.NotUnique, ("value", twice.Key));
        }

        return [.. ids];
    }
}

/// <summary>A refund as it was read.</summary>
internal sealed record ReadCheckoutRefund(CheckoutRefundRequest Request, Instant? Time)
{
    public static ReadCheckoutRefund Read(JsonFields fields)
    {
        var lines = fields.ListOrNull("lines", OrderLimits.LinesMax, ReadLine);
        if (lines is { Count: 0 })
        {
            fields.Fail("lines", FieldErrorCode.Required);
        }

        if (lines?.GroupBy(line => line.LineId).FirstOrDefault(group => group.Count() > 1) is { } twice && !fields.HasFaults)
        {
            fields.Fail("lines", FieldErrorCode.NotUnique, ("value", twice.Key));
        }

        var read = new ReadCheckoutRefund(
            new CheckoutRefundRequest { RefundId = fields.Identifier("refundId", OrderLimits.IdLengthMax), Lines = [.. lines ?? []] },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }

    private static CheckoutRefundLine ReadLine(JsonFields line)
    {
        var read = new CheckoutRefundLine(
            line.Identifier("lineId", OrderLimits.IdLengthMax),
            line.IntegerOrNull("quantity", 1, OrderLimits.QuantityMax),
            line.IntegerOrNull("value", 1, OrderLimits.AmountMax));
        if (read is { Quantity: null, Value: null } && !line.HasFaults)
        {
            line.Fail("quantity", FieldErrorCode.Required);
        }
        else if (read is { Quantity: not null, Value: not null })
        {
            // By pieces or by value: both would be two answers to one question.
            line.Fail("value", FieldErrorCode.UnknownField);
        }

        line.RefuseUnknown();
        return read;
    }
}
