using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Benefits;

/// <summary>A line as callers send it.</summary>
public sealed record BenefitLineBody
{
    public string? Sku { get; init; }

    public string? Category { get; init; }

    /// <summary>Minor units by the piece, 0 or more.</summary>
    public required long UnitPrice { get; init; }

    /// <summary>1 when absent.</summary>
    public long? Quantity { get; init; }

    /// <summary><c>goods</c> when absent; <c>gift_card</c>, <c>delivery</c> and <c>service</c> cost what they cost.</summary>
    public string? Kind { get; init; }
}

/// <summary>What a question for a price asks.</summary>
public record PriceBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Minor units; or give <c>lines</c>.</summary>
    public long? Amount { get; init; }

    /// <summary>At most 1,000; or give <c>amount</c>.</summary>
    public IReadOnlyList<BenefitLineBody>? Lines { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a consumption asks for.</summary>
public sealed record ConsumeBody : PriceBody
{
    /// <summary>Names the use once and for all: the same again is not done twice.</summary>
    public required string BizNo { get; init; }

    /// <summary>1 when absent.</summary>
    public long? Quantity { get; init; }

    /// <summary>For birthday gifts: <c>1990-02-28</c>. Not kept.</summary>
    public string? Birthday { get; init; }

    public string? OrderId { get; init; }
}

/// <summary>What a return asks for.</summary>
public sealed record ReturnUseBody
{
    public required string BizNo { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a grant asks for.</summary>
public sealed record GrantBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Code { get; init; }

    /// <summary>Names the grant once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Exclusive; for ever when absent.</summary>
    public DateTimeOffset? EndTime { get; init; }

    public required string Reason { get; init; }

    public required string Operator { get; init; }
}

/// <summary>What taking a grant back asks for.</summary>
public sealed record RevokeBody
{
    /// <summary>Our id of the member; needed, or <c>externalId</c>, for what a rule granted.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Code { get; init; }

    /// <summary>What the grant was named by.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time from which on it is taken back; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A consumption or a question for a price, as it was read.</summary>
internal sealed record ReadUse(MemberName Member, UseRequest Request, Instant? Time)
{
    private static readonly Wording s_ownName = new("a name that does not begin with checkout:", "不以 checkout: 开头的名称");

    public static ReadUse Consumption(JsonFields fields)
    {
        var read = Read(fields, isUse: true);
        if (read.Request.BizNo.StartsWith(BenefitUse.CheckoutPrefix, StringComparison.Ordinal))
        {
            fields.Fail("bizNo", FieldErrorCode.InvalidFormat, ("expected", s_ownName));
        }

        return read;
    }

    public static ReadUse Price(JsonFields fields)
    {
        var read = Read(fields, isUse: false);
        if (!fields.Has("amount") && !fields.Has("lines"))
        {
            fields.Fail("amount", FieldErrorCode.ExactlyOne, ("names", "amount, lines"));
        }

        return read;
    }

    private static ReadUse Read(JsonFields fields, bool isUse)
    {
        var read = new ReadUse(
            MemberName.Read(fields),
            new UseRequest
            {
                BizNo = isUse ? fields.Identifier("bizNo", BenefitLimits.BizNoLengthMax) : "",
                Quantity = isUse ? fields.IntegerOrNull("quantity", 1, BenefitLimits.QuantityMax) ?? 1 : 1,
                Lines = Lines(fields),
                Birthday = isUse ? Day(fields, "birthday") : null,
                OrderId = isUse ? fields.IdentifierOrNull("orderId", BenefitLimits.BizNoLengthMax) : null,
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }

    private static ImmutableArray<BenefitLine> Lines(JsonFields fields)
    {
        var amount = fields.IntegerOrNull("amount", 0, BenefitLimits.AmountMax);
        var lines = fields.ListOrNull("lines", BenefitLimits.LinesMax, line =>
        {
            var one = new BenefitLine(
                line.IdentifierOrNull("sku", BenefitLimits.SkuLengthMax),
                line.IdentifierOrNull("category", BenefitLimits.SkuLengthMax),
                line.Integer("unitPrice", 0, BenefitLimits.PriceMax),
                line.IntegerOrNull("quantity", 1, BenefitLimits.LineQuantityMax) ?? 1,
                line.ChoiceOrNull("kind", BenefitLine.Goods, "gift_card", "delivery", "service") ?? BenefitLine.Goods);
            line.RefuseUnknown();
            return one;
        });
        if (fields.Has("amount") && fields.Has("lines"))
        {
            fields.Fail("lines", FieldErrorCode.ExactlyOne, ("names", "amount, lines"));
        }

        return amount is { } whole ? [new BenefitLine(null, null, whole, 1)] : [.. lines ?? []];
    }

    private static DateOnly? Day(JsonFields fields, string name)
    {
        if (fields.TextOrNull(name, 10) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is >= 1900 and <= 2999)
        {
            return day;
        }

        fields.Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Day));
        return null;
    }
}

/// <summary>A return as it was read.</summary>
internal sealed record ReadReturn(string BizNo, Instant? Time)
{
    public static ReadReturn Read(JsonFields fields)
    {
        var read = new ReadReturn(fields.Identifier("bizNo", BenefitLimits.BizNoLengthMax), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>A grant as it was read.</summary>
internal sealed record ReadGrant(MemberName Member, GrantRequest Request)
{
    private static readonly Wording s_ownName = new("a name that does not begin with rule:", "不以 rule: 开头的名称");

    public static ReadGrant Read(JsonFields fields)
    {
        var read = new ReadGrant(MemberName.Read(fields), new GrantRequest
        {
            Benefit = fields.Identifier("code", BenefitLimits.FeatureLengthMax),
            Reference = fields.Identifier("reference", BenefitLimits.BizNoLengthMax),
            StartTime = fields.TimeOrNull("startTime"),
            EndTime = fields.TimeOrNull("endTime"),
            Reason = fields.Text("reason", BenefitLimits.ReasonLengthMax),
            Operator = fields.Identifier("operator", BenefitLimits.OperatorLengthMax),
        });
        if (read.Request.Reference.StartsWith(BenefitGrant.RulePrefix, StringComparison.Ordinal))
        {
            fields.Fail("reference", FieldErrorCode.InvalidFormat, ("expected", s_ownName));
        }

        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>The taking back of a grant as it was read.</summary>
/// <param name="Member">Null where the grant is found by its reference alone.</param>
internal sealed record ReadRevocation(MemberName? Member, string Code, string Reference, Instant? Time)
{
    public static ReadRevocation Read(JsonFields fields)
    {
        var read = new ReadRevocation(
            fields.Has("memberId") || fields.Has("externalId") ? MemberName.Read(fields) : null,
            fields.Identifier("code", BenefitLimits.FeatureLengthMax),
            fields.Identifier("reference", BenefitLimits.BizNoLengthMax),
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}
