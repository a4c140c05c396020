using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Points;

/// <summary>What activating and cancelling a pending lot ask for.</summary>
public sealed record EndWaitingBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>lots/extend</c> asks for.</summary>
public sealed record ExtendLotsBody
{
    public string? MemberId { get; init; }

    public string? ExternalId { get; init; }

    /// <summary>Live lots; or give <c>expiringBefore</c>.</summary>
    public IReadOnlyList<string>? LotIds { get; init; }

    /// <summary>Every live lot that lapses before this instant; or give <c>lotIds</c>.</summary>
    public DateTimeOffset? ExpiringBefore { get; init; }

    /// <summary>The new end, exclusive; or give <c>days</c>.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Days added to the end of each; or give <c>expiresAt</c>.</summary>
    public int? Days { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who grants it.</summary>
    public required string Operator { get; init; }

    /// <summary>Names this extension once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>reinstate</c> asks for.</summary>
public sealed record ReinstateBody
{
    public string? MemberId { get; init; }

    public string? ExternalId { get; init; }

    /// <summary>Lots that lapsed on or after the business day so many days ago; or give <c>expiryId</c>.</summary>
    public int? WindowDays { get; init; }

    /// <summary>The entry of an expiry; or give <c>windowDays</c>.</summary>
    public string? ExpiryId { get; init; }

    /// <summary>When the points lapse again; as if they were earned now when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names this reinstatement once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What an extension did.</summary>
public sealed record ExtensionReply
{
    public required string MemberId { get; init; }

    /// <summary>The lots that lapse later now; those whose end was later already are left out.</summary>
    public required IReadOnlyList<ExtendedLot> Lots { get; init; }
}

/// <summary>One lot of an extension.</summary>
public sealed record ExtendedLot
{
    public required string Id { get; init; }

    /// <summary>What it had left.</summary>
    public required long Points { get; init; }

    public required DateTimeOffset ExpiredAtBefore { get; init; }

    /// <summary>Null for never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    internal static ExtendedLot Of(long id, long points, Instant before, Instant after) => new()
    {
        Id = id.ToString(CultureInfo.InvariantCulture),
        Points = points,
        ExpiredAtBefore = before.ToDateTimeOffset(),
        ExpiresAt = after.ToNullable(),
    };
}

/// <summary>An activation or a cancellation as it was read.</summary>
internal sealed record ReadEndWaiting(MemberName Member, string Reason, Instant? Time)
{
    public static ReadEndWaiting Read(JsonFields fields)
    {
        var read = new ReadEndWaiting(MemberName.Read(fields), fields.Text("reason", PointsLimits.ReasonLengthMax), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>An extension as it was read.</summary>
internal sealed record ReadExtension(MemberName Member, ExtendRequest Request, Instant? Time)
{
    public static ReadExtension Read(JsonFields fields)
    {
        var member = MemberName.Read(fields);
        // What is no id names no lot of the member either.
        var ids = fields.TextsOrNull("lotIds", PointsLimits.LotsMax, PointsLimits.ReferenceIdLengthMax) ?? [];
        var lots = ids.Select(id => MemberId.TryParse(id, out var lot) ? lot.Value : 0);
        var request = new ExtendRequest
        {
            LotIds = [.. lots.Distinct()],
            ExpiringBefore = fields.TimeOrNull("expiringBefore"),
            ExpiresAt = fields.TimeOrNull("expiresAt"),
            Days = (int?)fields.IntegerOrNull("days", 1, Programmes.Programme.ValidityDaysMax),
            Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
            Operator = fields.Identifier("operator", PointsLimits.ReferenceIdLengthMax),
            Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
        };
        EitherOr(fields, "lotIds", "expiringBefore");
        EitherOr(fields, "expiresAt", "days");
        var time = fields.TimeOrNull("time");
        fields.RefuseUnknown();
        return new ReadExtension(member, request, time);
    }

    /// <summary>Exactly one of two fields: both would be two answers to one question.</summary>
    internal static void EitherOr(JsonFields fields, string one, string other)
    {
        if (fields.Has(one) && fields.Has(other))
        {
            fields.Fail(other, FieldErrorCode.UnknownField);
        }
        else if (!fields.Has(one) && !fields.Has(other))
        {
            fields.Fail(one, FieldErrorCode.Required);
        }
    }
}

/// <summary>A reinstatement as it was read.</summary>
internal sealed record ReadReinstatement(MemberName Member, ReinstateRequest Request, Instant? Time)
{
    public static ReadReinstatement Read(JsonFields fields)
    {
        var read = new ReadReinstatement(
            MemberName.Read(fields),
            new ReinstateRequest
            {
                WindowDays = (int?)fields.IntegerOrNull("windowDays", 0, 3_650),
                ExpiryId = fields.MemberIdOrNull("expiryId")?.Value,
                ExpiresAt = fields.TimeOrNull("expiresAt"),
                Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
                Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
            },
            fields.TimeOrNull("time"));
        ReadExtension.EitherOr(fields, "windowDays", "expiryId");
        fields.RefuseUnknown();
        return read;
    }
}
