using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Units;

/// <summary>What <c>earn</c>, <c>spend</c> and <c>adjust</c> of a unit ask for.</summary>
public record MoveUnitBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The code of a unit that the programme defines.</summary>
    public required string Unit { get; init; }

    /// <summary>1 or more; for <c>adjust</c> any number but 0.</summary>
    public required long Amount { get; init; }

    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>What kind of thing this is for: <c>order</c>, <c>ticket</c> …</summary>
    public required string ReferenceType { get; init; }

    /// <summary>Which one. With the type it names the movement of the unit once and for all: the same again is not done twice.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>adjust</c> of a unit asks for.</summary>
public sealed record AdjustUnitBody : MoveUnitBody
{
    /// <summary>Who does it.</summary>
    public required string Operator { get; init; }
}

/// <summary>A movement of a unit as it was read.</summary>
internal sealed record ReadUnitMove(MemberName Member, UnitRequest Request, Instant? Time)
{
    private const int UnitLengthMax = 32;

    private const int OperatorLengthMax = 64;

    public static ReadUnitMove Positive(JsonFields fields) => Read(fields, fields.Integer("amount", 1, PointsLimits.PointsMax), null);

    public static ReadUnitMove Adjustment(JsonFields fields)
    {
        var amount = fields.Integer("amount", -PointsLimits.PointsMax, PointsLimits.PointsMax);
        if (amount == 0 && fields.Has("amount") && !fields.HasFaults)
        {
            fields.Fail("amount", FieldErrorCode.OutOfRange, ("min", 1L), ("max", PointsLimits.PointsMax));
        }

        return Read(fields, amount, fields.Text("operator", OperatorLengthMax));
    }

    private static ReadUnitMove Read(JsonFields fields, long amount, string? by)
    {
        var read = new ReadUnitMove(
            MemberName.Read(fields),
            new UnitRequest
            {
                Unit = fields.Identifier("unit", UnitLengthMax),
                Amount = amount,
                Reason = fields.Text("reason", PointsLimits.ReasonLengthMax),
                ReferenceType = fields.Identifier("referenceType", PointsLimits.ReferenceTypeLengthMax),
                ReferenceId = fields.Identifier("referenceId", PointsLimits.ReferenceIdLengthMax),
                Operator = by,
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>What a member has of one unit.</summary>
public sealed record UnitAmount
{
    /// <summary>The unit's code.</summary>
    public required string Unit { get; init; }

    /// <summary>Its name in the language asked for.</summary>
    public required string Name { get; init; }

    /// <summary>0 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>Whether it can be spent.</summary>
    public required bool Spendable { get; init; }
}

/// <summary>What a member has of the units that the programme defines.</summary>
public sealed record MemberUnits
{
    public required string MemberId { get; init; }

    /// <summary>Null as of now.</summary>
    public required DateTimeOffset? AsOf { get; init; }

    /// <summary>Every unit of the programme, in its order.</summary>
    public required IReadOnlyList<UnitAmount> Items { get; init; }
}
