using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Watch;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Points;

/// <summary>The limits of the points API, each by the name its errors state.</summary>
public static class PointsLimits
{
    /// <summary>Points of one call at the most: the largest integer every JSON reader keeps exact, 2^53 − 1.</summary>
    public const long PointsMax = 9_007_199_254_740_991;

    public const int ReasonLengthMax = 200;

    public const int ReferenceTypeLengthMax = 40;

    public const int ReferenceIdLengthMax = 128;

    /// <summary>Lots that one extension may name.</summary>
    public const int LotsMax = 500;

    public const int PendingEventLengthMax = 64;
}

/// <summary>What <c>earn</c>, <c>spend</c> and <c>adjust</c> ask for.</summary>
public record MovePointsBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Whole points, 1 or more; for <c>adjust</c> any number but 0.</summary>
    public required long Points { get; init; }

    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>What kind of thing this is for: <c>order</c>, <c>review</c>, <c>ticket</c> …</summary>
    public required string ReferenceType { get; init; }

    /// <summary>Which one. With the type it names the movement once and for all: the same again is not done twice.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>earn</c> asks for.</summary>
public sealed record EarnPointsBody : MovePointsBody
{
    /// <summary>Multiplies by the factor of the member's level; false when absent.</summary>
    public bool ApplyMultiplier { get; init; }

    /// <summary>From when on the points can be spent, at the business time or later; at once when absent.</summary>
    public DateTimeOffset? ActiveAt { get; init; }

    /// <summary>The event that the points wait for; needs <c>cancelAt</c>.</summary>
    public string? PendingEvent { get; init; }

    /// <summary>When they are cancelled if that event has not come.</summary>
    public DateTimeOffset? CancelAt { get; init; }
}

/// <summary>What <c>spend</c> asks for.</summary>
public sealed record SpendPointsBody : MovePointsBody
{
    /// <summary>What the order comes to that the points pay for, in minor units; the programme may let them pay a share of it only.</summary>
    public long? OrderAmount { get; init; }
}

/// <summary>What <c>hold</c> asks for.</summary>
public sealed record HoldPointsBody : MovePointsBody
{
    /// <summary>When the hold ends by itself; seven days after its time when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What <c>capture</c> and <c>release</c> ask for.</summary>
public sealed record EndHoldBody
{
    public required string HoldId { get; init; }

    /// <summary>Points; all that is still held when absent.</summary>
    public long? Points { get; init; }

    /// <summary>Names this capture or release once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>One side of a transfer: <c>memberId</c> or <c>externalId</c>.</summary>
public sealed record TransferSide
{
    public string? MemberId { get; init; }

    public string? ExternalId { get; init; }
}

/// <summary>What <c>transfer</c> asks for.</summary>
public sealed record TransferPointsBody
{
    public required TransferSide From { get; init; }

    public required TransferSide To { get; init; }

    public required long Points { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names this transfer once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A movement as it was read.</summary>
internal sealed record ReadMovement(MemberName Member, PointsRequest Request, Instant? Time)
{
    public bool ApplyMultiplier { get; init; }

    public Instant? ExpiresAt { get; init; }

    public Instant? ActiveAt { get; init; }

    public string? PendingEvent { get; init; }

    public Instant? CancelAt { get; init; }

    public long? OrderAmount { get; init; }

    public static ReadMovement Spend(JsonFields fields) =>
        Finish(fields, Read(fields, 1) with { OrderAmount = fields.IntegerOrNull("orderAmount", 0, PointsLimits.PointsMax) });

    public static ReadMovement Positive(JsonFields fields) => Finish(fields, Read(fields, 1));

    public static ReadMovement Signed(JsonFields fields)
    {
        var movement = Read(fields, -PointsLimits.PointsMax);
        if (movement.Request.Points == 0 && fields.Has("points") && !fields.HasFaults)
        {
            fields.Fail("points", FieldErrorCode.OutOfRange, ("min", 1L), ("max", PointsLimits.PointsMax));
        }

        return Finish(fields, movement);
    }

    public static ReadMovement Earn(JsonFields fields)
    {
        var movement = Read(fields, 1) with
        {
            ApplyMultiplier = fields.Flag("applyMultiplier", byDefault: false),
            ActiveAt = fields.TimeOrNull("activeAt"),
            PendingEvent = fields.IdentifierOrNull("pendingEvent", PointsLimits.PendingEventLengthMax),
            CancelAt = fields.TimeOrNull("cancelAt"),
        };
        if (fields.Has("pendingEvent") != fields.Has("cancelAt"))
        {
            fields.Fail(fields.Has("cancelAt") ? "pendingEvent" : "cancelAt", FieldErrorCode.Required);
        }
        else if (fields.Has("activeAt") && fields.Has("pendingEvent"))
        {
            // A time or an event: both would be two answers to one question.
            fields.Fail("activeAt", FieldErrorCode.UnknownField);
        }
        else if (movement.PendingEvent == WatchCase.Event)
        {
            fields.Fail("pendingEvent", FieldErrorCode.Reserved, ("value", WatchCase.Event));
        }

        return Finish(fields, movement);
    }

    public static ReadMovement Hold(JsonFields fields) =>
        Finish(fields, Read(fields, 1) with { ExpiresAt = fields.TimeOrNull("expiresAt") });

    public EarnPoints ToEarning(TenantId tenant, IdempotencyKey? idempotency, MemberBooks books) => new(tenant, Member.In(tenant), Request, books)
    {
        Time = Time,
        Idempotency = idempotency,
        ApplyMultiplier = ApplyMultiplier,
        ActiveAt = ActiveAt,
        PendingEvent = PendingEvent,
        CancelAt = CancelAt,
    };

    private static ReadMovement Read(JsonFields fields, long min) => new(
        MemberName.Read(fields),
        new PointsRequest
        {
            Points = fields.Integer("points", min, PointsLimits.PointsMax),
            Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
            ReferenceType = fields.Identifier("referenceType", PointsLimits.ReferenceTypeLengthMax),
            ReferenceId = fields.Identifier("referenceId", PointsLimits.ReferenceIdLengthMax),
        },
        fields.TimeOrNull("time"));

    private static ReadMovement Finish(JsonFields fields, ReadMovement movement)
    {
        fields.RefuseUnknown();
        return movement;
    }
}

/// <summary>A capture or release as it was read.</summary>
internal sealed record ReadHoldEnd(HoldEndRequest Request, Instant? Time)
{
    public static ReadHoldEnd Read(JsonFields fields)
    {
        // A hold's id has the form of every id of ours.
        var hold = fields.MemberId("holdId");
        var end = new ReadHoldEnd(
            new HoldEndRequest
            {
                HoldId = hold.Value,
                Points = fields.IntegerOrNull("points", 1, PointsLimits.PointsMax),
                Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return end;
    }
}

/// <summary>A transfer as it was read.</summary>
internal sealed record ReadTransfer(MemberName From, MemberName To, TransferRequest Request, Instant? Time)
{
    public static ReadTransfer Read(JsonFields fields)
    {
        var transfer = new ReadTransfer(
            Side(fields, "from"),
            Side(fields, "to"),
            new TransferRequest
            {
                Points = fields.Integer("points", 1, PointsLimits.PointsMax),
                Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
                Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return transfer;
    }

    private static MemberName Side(JsonFields fields, string name)
    {
        if (fields.Object(name) is not { } side)
        {
            return default;
        }

        var member = MemberName.Read(side);
        side.RefuseUnknown();
        return member;
    }
}
