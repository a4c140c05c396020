using System.Globalization;
using System.Text.Json.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Points;

namespace Laurel.Membership.Adjustments;

/// <summary>How far a request is. <see cref="Approved"/> and <see cref="Rejected"/> are final.</summary>
public enum AdjustmentStatus
{
    Pending = 0,

    /// <summary>Posted, once.</summary>
    Approved = 1,

    Rejected = 2,
}

/// <summary>An adjustment above the programme's threshold, that waits for a second person or was decided by one.</summary>
public sealed record AdjustmentRequest
{
    /// <summary>Names it and orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>What was asked for. Its reference is taken for good, whatever becomes of the request.</summary>
    public required PointsRequest Asked { get; init; }

    public required AdjustmentStatus Status { get; init; }

    public required Instant AskedAt { get; init; }

    public required Signatory AskedBy { get; init; }

    /// <summary>Business time of the decision; null before.</summary>
    public Instant? DecidedAt { get; init; }

    public Signatory? DecidedBy { get; init; }

    /// <summary>Why it was approved or rejected; null before.</summary>
    public string? DecisionReason { get; init; }

    /// <summary>The entry that was posted; 0 without one.</summary>
    public long EntryId { get; init; }

    public string IdText => Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>The natural key of a request, by which whoever decides finds the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, long id) =>
        Hash128.Of(tenant.Value, "adjustment_request", id.ToString(CultureInfo.InvariantCulture));

    public static string NameOf(AdjustmentStatus status) => status switch
    {
        AdjustmentStatus.Pending => "pending",
        AdjustmentStatus.Approved => "approved",
        AdjustmentStatus.Rejected => "rejected",
    };

    internal static AdjustmentStatus StatusOf(string name) => name switch
    {
        "pending" => AdjustmentStatus.Pending,
        "approved" => AdjustmentStatus.Approved,
        "rejected" => AdjustmentStatus.Rejected,
        _ => throw new InvariantBrokenException($"A request of an adjustment has status '{name}', which no version wrote."),
    };

    /// <summary>What whoever asks is answered: that it waits.</summary>
    internal static Refusal Waits(string id) => new("APPROVAL_REQUIRED", ("requestId", id));

    internal static Refusal WrongState(string id, string status) => new("ADJUSTMENT_STATE", ("requestId", id), ("status", status));

    /// <summary>What the entry of an approved request says beside its reason.</summary>
    internal string DetailOf(Signatory approver) =>
        new JsonObject { ["request"] = IdText, ["askedBy"] = AskedBy.Name, ["approvedBy"] = approver.Name }.ToJsonString();
}

/// <summary>A request was made or decided.</summary>
internal sealed record AdjustmentFact(long Member, AdjustmentRequest Request);
