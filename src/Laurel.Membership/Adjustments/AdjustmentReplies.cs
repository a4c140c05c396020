using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Membership.Adjustments;

/// <summary>A request of an adjustment as callers see it.</summary>
public sealed record AdjustmentReply
{
    public required string RequestId { get; init; }

    public required string MemberId { get; init; }

    /// <summary>Whole points; negative where they are to be taken.</summary>
    public required long Points { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    /// <summary><c>pending</c>, <c>approved</c> or <c>rejected</c>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>The name of the key that asked.</summary>
    public required string AskedBy { get; init; }

    public required DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The name of the key that decided.</summary>
    public required string? DecidedBy { get; init; }

    public required string? DecisionReason { get; init; }

    /// <summary>The movement that was posted; null unless it is approved.</summary>
    public required string? EntryId { get; init; }

    internal static AdjustmentReply Of(long member, AdjustmentRequest request) => new()
    {
        RequestId = request.IdText,
        MemberId = new MemberId(member).ToString(),
        Points = request.Asked.Points,
        Reason = request.Asked.Reason,
        ReferenceType = request.Asked.ReferenceType,
        ReferenceId = request.Asked.ReferenceId,
        Status = AdjustmentRequest.NameOf(request.Status),
        AskedAt = request.AskedAt.ToDateTimeOffset(),
        AskedBy = request.AskedBy.Name,
        DecidedAt = request.DecidedAt?.ToDateTimeOffset(),
        DecidedBy = request.DecidedBy?.Name,
        DecisionReason = request.DecisionReason,
        EntryId = request.EntryId == 0 ? null : request.EntryId.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>A page of requests, newest first.</summary>
public sealed record AdjustmentPage
{
    public required IReadOnlyList<AdjustmentReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>What deciding a request asks for.</summary>
public sealed record JudgeAdjustmentBody
{
    /// <summary>Why, for the auditor.</summary>
    public required string Reason { get; init; }
}
